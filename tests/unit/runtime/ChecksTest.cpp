// Every rule of heed.h, and the message of every failure.
#include "tests/unit/runtime/FakeKernel.h"

#include <HalideRuntime.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>

namespace heed::test {
namespace {

using testing::HasSubstr;

struct Checks : testing::Test {
  AttentionCall call;

  std::string failure() {
    std::string text = outcome(call.run());
    EXPECT_EQ(call.stageCalls, 0) << "a stage ran";
    return text;
  }
};

TEST_F(Checks, GoodArgumentsRun) {
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(call.stageCalls, 1);
}

TEST_F(Checks, NullKernel) {
  EXPECT_EQ(outcome(heed_call(nullptr, nullptr)), "null argument: heed_call: the kernel is NULL");
}

TEST_F(Checks, NullArray) {
  heed_kernel kernel = call.table();
  EXPECT_EQ(outcome(heed_call(&kernel, nullptr)),
            "null argument: attention: the array of tensors is NULL");
}

TEST_F(Checks, NullTensor) {
  heed_kernel kernel = call.table();
  std::vector<const DLTensor *> pointers = call.pointers();
  pointers[Key] = nullptr;
  EXPECT_EQ(
      outcome(heed_call(&kernel, pointers.data())),
      "null argument: attention: argument 'key': the tensor is NULL, expected float32 (batch, "
      "keys, key_heads, 8)");
}

TEST_F(Checks, NullShape) {
  call.tensors[Key]->shape = nullptr;
  EXPECT_EQ(failure(), "null argument: attention: argument 'key': the shape is NULL, expected "
                       "float32 (batch, keys, key_heads, 8)");
}

TEST_F(Checks, NullData) {
  call.tensors[Query]->data = nullptr;
  EXPECT_EQ(
      failure(),
      "null argument: attention: argument 'query': data is NULL, but the tensor has 192 elements");
}

TEST_F(Checks, Device) {
  call.tensors[Query]->device.device_type = kDLCUDA;
  EXPECT_EQ(failure(), "wrong device: attention: argument 'query': the device is DLPack type 2 "
                       "(CUDA), expected CPU memory");
  call.tensors[Query]->device.device_type = DLDeviceType(99);
  EXPECT_THAT(failure(), HasSubstr("the device is DLPack type 99, expected CPU memory"));
  call.tensors[Query]->device.device_type = DLDeviceType(5);
  EXPECT_THAT(failure(), HasSubstr("the device is DLPack type 5, expected CPU memory"));
}

TEST_F(Checks, ElementType) {
  call.tensors[Query]->dtype = {kDLFloat, 64, 1};
  EXPECT_EQ(failure(),
            "wrong type: attention: argument 'query': elements are float64, expected float32");
  call.tensors[Query]->dtype = {kDLFloat, 32, 4};
  EXPECT_EQ(failure(), "wrong type: attention: argument 'query': elements are float32 in 4 lanes, "
                       "expected float32");
  call.tensors[Query]->dtype = {kDLFloat, 32, 0};
  EXPECT_EQ(failure(), "wrong type: attention: argument 'query': elements are float32 in 0 lanes, "
                       "expected float32");
  call.tensors[Query]->dtype = {200, 32, 1};
  EXPECT_EQ(failure(),
            "wrong type: attention: argument 'query': elements are type code 200 with 32 "
            "bits, expected float32");
}

TEST_F(Checks, NarrowAndWideTypes) {
  struct {
    DLDataType type;
    const char *name;
  } types[] = {{{kDLFloat, 16, 1}, "float16"},
               {{kDLBfloat, 16, 1}, "bfloat16"},
               {{kDLFloat, 64, 1}, "float64"},
               {{kDLInt, 8, 1}, "int8"}};
  for (auto [type, name] : types) {
    AttentionCall other;
    other.tensors[Query]->dtype = type;
    EXPECT_EQ(outcome(other.run()), std::string("wrong type: attention: argument 'query': ") +
                                        "elements are " + name + ", expected float32");
    other.tensors[Query] = TestTensor(type, {2, 3, 4, headDim});
    other.arguments[Query].type_code = type.code;
    other.arguments[Query].type_bits = type.bits;
    EXPECT_EQ(other.run(), HEED_OK) << heed_last_error();
    other.tensors[Query]->dtype = float32;
    EXPECT_EQ(outcome(other.run()), std::string("wrong type: attention: argument 'query': ") +
                                        "elements are float32, expected " + name);
  }
}

TEST_F(Checks, NarrowTypesAlignToTheirSize) {
  call.arguments[Query].type_code = kDLBfloat;
  call.arguments[Query].type_bits = 16;
  call.tensors[Query]->dtype = {kDLBfloat, 16, 1};
  call.tensors[Query]->byte_offset = 2;
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  call.stageCalls = 0;
  call.tensors[Query]->byte_offset = 1;
  EXPECT_THAT(failure(), HasSubstr("is no multiple of 2 bytes"));
}

TEST_F(Checks, BytesMayBeBooleans) {
  constexpr uint8_t boolCode = 6; // DLPack 0.7
  call.tensors[Mask]->dtype = {boolCode, 8, 1};
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  call.stageCalls = 0;
  call.tensors[Mask]->dtype = {kDLInt, 8, 1};
  EXPECT_EQ(failure(),
            "wrong type: attention: argument 'mask': elements are int8, expected uint8 or bool");
  call.tensors[Mask]->dtype = {boolCode, 8, 1};
  call.tensors[Query]->dtype = {boolCode, 8, 1};
  EXPECT_EQ(failure(),
            "wrong type: attention: argument 'query': elements are bool, expected float32");
}

TEST_F(Checks, Rank) {
  call.tensors[Query]->ndim = 3;
  EXPECT_EQ(failure(), "wrong rank: attention: argument 'query': rank is 3, expected 4: float32 "
                       "(batch, queries, heads, 8)");
  call.tensors[Query]->ndim = -1;
  EXPECT_THAT(failure(), HasSubstr("rank is -1, expected 4"));
}

TEST_F(Checks, FixedExtent) {
  call.tensors[Query].shape[3] = 16;
  EXPECT_EQ(failure(), "wrong shape: attention: argument 'query': extent 3 is 16, expected 8: "
                       "float32 (batch, queries, heads, 8)");
}

TEST_F(Checks, ExtentOfAnotherArgument) {
  call.tensors[Key].shape[0] = 1;
  EXPECT_EQ(failure(), "wrong shape: attention: argument 'key': extent 0 (batch) is 1, but 'query' "
                       "has 2");
}

TEST_F(Checks, NegativeExtent) {
  call.tensors[Query].shape[1] = -3;
  EXPECT_EQ(
      failure(),
      "wrong shape: attention: argument 'query': extent 1 (queries) is -3, which is negative");
  call.tensors[Query].shape[1] = INT64_MIN;
  EXPECT_THAT(failure(),
              HasSubstr("extent 1 (queries) is -9223372036854775808, which is negative"));
}

TEST_F(Checks, Multiples) {
  AttentionCall three(2, 3, 5, 4, 3);
  EXPECT_EQ(outcome(three.run()),
            "wrong shape: attention: heads (4) is not a multiple of key_heads (3)");
  three.multiples = {{Heads, 3}};
  EXPECT_EQ(outcome(three.run()), "wrong shape: attention: heads (4) is not a multiple of 3");
  AttentionCall none(2, 3, 5, 4, 0);
  EXPECT_THAT(outcome(none.run()), HasSubstr("heads (4) is not a multiple of key_heads (0)"));
}

TEST_F(Checks, LastDimensionIsContiguous) {
  call.tensors[Query].strides = {96, 32, 1, 4};
  EXPECT_EQ(
      failure(),
      "wrong stride: attention: argument 'query': the last dimension has stride 4, expected 1");
  call.tensors[Query].strides = {96, 32, 8, 0};
  EXPECT_THAT(failure(), HasSubstr("the last dimension has stride 0, expected 1"));
  call.tensors[Query].strides = {96, 32, 8, -1};
  EXPECT_THAT(failure(), HasSubstr("the last dimension has stride -1, expected 1"));
}

TEST_F(Checks, OtherStridesAreFree) {
  call.tensors[Query].strides = {0, 8, 24,
                                 1}; // one (head, query, dim) buffer for all batch entries
  call.tensors[Mask].strides = {1, 2};
  call.tensors[Key].strides = {-80, 16, -8, 1};
  call.tensors[Key]->byte_offset = (80 + 8) * sizeof(float);
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
}

TEST_F(Checks, StridesOfSingleElementsDoNotCount) {
  AttentionCall one(1, 1, 5, 1, 1);
  one.tensors[Query].strides = {INT64_MAX, INT64_MIN, 0, 1};
  EXPECT_EQ(one.run(), HEED_OK) << heed_last_error();
}

TEST_F(Checks, OutputsHaveNoZeroStride) {
  call.tensors[Output].strides = {0, 32, 8, 1};
  EXPECT_EQ(failure(), "wrong stride: attention: argument 'output': extent 0 (batch) has stride 0, "
                       "which an output cannot have");
}

TEST_F(Checks, OutputsDoNotShareMemoryWithThemselves) {
  call.tensors[Output].strides = {32, 32, 8, 1};
  EXPECT_EQ(failure(),
            "wrong stride: attention: argument 'output': the strides let elements of this "
            "output share memory");
}

TEST_F(Checks, Alignment) {
  call.tensors[Query]->byte_offset = 2;
  EXPECT_THAT(failure(),
              testing::MatchesRegex(
                  "wrong alignment: attention: argument 'query': address 0x[0-9a-f]+ is no "
                  "multiple of 4 bytes"));
}

TEST_F(Checks, TooLarge) {
  call.tensors[Query].shape[1] = int64_t(1) << 40;
  EXPECT_EQ(failure(),
            "too large: attention: argument 'query': extent 1 (queries) is 1099511627776, "
            "which is past 2^31 - 1");
  call.tensors[Query].shape[1] = 1 << 30;
  EXPECT_EQ(failure(), "too large: attention: argument 'query': more than 2^31 - 1 elements");
  call.tensors[Query].shape = {INT32_MAX, INT32_MAX, INT32_MAX, headDim};
  EXPECT_THAT(failure(), HasSubstr("more than 2^31 - 1 elements"));
}

TEST_F(Checks, StridesTooLarge) {
  call.tensors[Query].strides = {int64_t(1) << 40, 32, 8, 1};
  EXPECT_EQ(failure(), "too large: attention: argument 'query': extent 0 (batch) has stride "
                       "1099511627776: the tensor spans more than 2^31 - 1 elements");
  for (int64_t stride : {INT64_MIN, INT64_MAX, int64_t(INT32_MIN), int64_t(INT32_MAX)}) {
    call.tensors[Query].strides = {stride, 32, 8, 1};
    EXPECT_THAT(failure(), HasSubstr("spans more than 2^31 - 1 elements"));
  }
}

TEST_F(Checks, AddressSpace) {
  constexpr const char *message =
      "too large: attention: argument 'query': reaches past the end of the address space";
  call.tensors[Query]->byte_offset = UINT64_MAX - 3;
  EXPECT_EQ(failure(), message);
  call.tensors[Query]->byte_offset = 0;
  call.tensors[Query]->data = reinterpret_cast<void *>(UINTPTR_MAX - 15);
  EXPECT_EQ(failure(), message);
  call.tensors[Query]->data = reinterpret_cast<void *>(uintptr_t(64));
  call.tensors[Query].strides = {-96, 32, 8, 1};
  EXPECT_EQ(failure(), message);
}

TEST_F(Checks, OutputsOverlapNothing) {
  call.tensors[Output]->data = call.tensors[Query]->data;
  EXPECT_EQ(failure(), "overlap: attention: argument 'output': shares memory with 'query'");
}

TEST_F(Checks, KeyLengths) {
  call.tensors[Lengths].elements<int32_t>()[0] = 5;
  EXPECT_EQ(call.run(), HEED_OK) << "a length may be the whole extent: " << heed_last_error();
  call.stageCalls = 0;
  call.tensors[Lengths].elements<int32_t>()[1] = 6;
  EXPECT_EQ(failure(),
            "wrong value: attention: argument 'lengths': element (1) is 6, expected 0 to 5 "
            "(keys is 5)");
  call.tensors[Lengths].elements<int32_t>()[1] = -1;
  EXPECT_THAT(failure(), HasSubstr("element (1) is -1, expected 0 to 5"));
}

TEST_F(Checks, QueryLengths) {
  call.arguments[Lengths].role = HEED_ROLE_QUERY_LENGTHS;
  call.arguments[Lengths].limit = Queries;
  call.tensors[Lengths].elements<int32_t>()[0] = 4;
  EXPECT_THAT(failure(), HasSubstr("element (0) is 4, expected 0 to 3 (queries is 3)"));
}

TEST_F(Checks, QueryOffsetsMayBeAnything) {
  call.arguments[Lengths].role = HEED_ROLE_QUERY_OFFSETS;
  call.tensors[Lengths].elements<int32_t>()[0] = INT32_MIN;
  call.tensors[Lengths].elements<int32_t>()[1] = INT32_MAX;
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
}

TEST_F(Checks, Indices) {
  call.tensors[Tokens].elements<int64_t>()[5] = vocabulary;
  EXPECT_EQ(failure(),
            "wrong value: attention: argument 'tokens': element (1, 2) is 100, expected 0 to 99");
  call.tensors[Tokens].elements<int64_t>()[5] = int64_t(1) << 32; // 0 in 32 bits
  EXPECT_THAT(failure(), HasSubstr("element (1, 2) is 4294967296"));
  call.tensors[Tokens].elements<int64_t>()[5] = vocabulary - 1;
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
}

TEST_F(Checks, IndicesFollowTheirStrides) {
  AttentionCall wide(2, 2, 5, 4, 2);
  wide.arguments[Tokens].inner_contiguous = 0;
  wide.tensors[Tokens].strides = {1, 2};
  wide.tensors[Tokens].elements<int64_t>()[2] = -7;
  EXPECT_THAT(outcome(wide.run()), HasSubstr("element (0, 1) is -7"));
}

TEST_F(Checks, IndicesOfEveryWidth) {
  struct {
    DLDataType type;
    int64_t low, high;
  } types[] = {{{kDLInt, 8, 1}, -128, 127}, {uint8, 0, 255}, {int32, INT32_MIN, INT32_MAX}};
  for (auto [type, low, high] : types) {
    AttentionCall other;
    other.tensors[Tokens] = TestTensor(type, {2, 3});
    other.arguments[Tokens].type_code = type.code;
    other.arguments[Tokens].type_bits = type.bits;
    EXPECT_EQ(other.run(), HEED_OK) << heed_last_error();
    for (int64_t value : {low, high}) {
      memcpy(other.tensors[Tokens].elements<char>() + 5 * type.bits / 8, &value, type.bits / 8);
      std::string expected = "element (1, 2) is " + std::to_string(value) + ", expected 0 to 99";
      if (value)
        EXPECT_THAT(outcome(other.run()), HasSubstr(expected));
      else
        EXPECT_EQ(other.run(), HEED_OK) << heed_last_error();
    }
  }
}

struct Segments : Checks {
  Segments() {
    call.arguments[Lengths].role = HEED_ROLE_SEGMENTS;
    call.arguments[Lengths].shape = &places;
    call.tensors[Lengths] = TestTensor(int32, {4});
  }
  void set(std::vector<int32_t> values) {
    std::copy(values.begin(), values.end(), call.tensors[Lengths].elements<int32_t>());
  }
  static constexpr int64_t places = Places;
};

TEST_F(Segments, NeverDecrease) {
  for (std::vector<int32_t> good : {std::vector{0, 0, 0, 0}, {0, 2, 2, 5}, {5, 5, 5, 5}}) {
    set(good);
    EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  }
  call.stageCalls = 0;
  set({0, 3, 2, 5});
  EXPECT_EQ(failure(), "wrong value: attention: argument 'lengths': element (2) is 2, less than "
                       "the one before it (3): cumulative lengths never decrease");
}

TEST_F(Segments, LieInTheirAxis) {
  set({-1, 2, 3, 5});
  EXPECT_EQ(failure(), "wrong value: attention: argument 'lengths': element (0) is -1, expected 0 "
                       "to 5 (keys is 5)");
  set({0, 2, 3, 6});
  EXPECT_THAT(failure(), HasSubstr("element (3) is 6, expected 0 to 5 (keys is 5)"));
}

TEST_F(Segments, FollowTheirStride) {
  call.arguments[Lengths].inner_contiguous = 0;
  call.tensors[Lengths].strides = {-1};
  call.tensors[Lengths]->byte_offset = 3 * sizeof(int32_t);
  set({5, 3, 2, 0});
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  call.stageCalls = 0;
  set({5, 2, 3, 0});
  EXPECT_THAT(failure(), HasSubstr("element (2) is 2, less than the one before it (3)"));
}

struct Derived : Checks {
  /// symbol = sum of the terms
  void derive(int64_t code, std::vector<heed_term> sum) {
    terms.push_back(std::make_unique<std::vector<heed_term>>(sum));
    call.derived.push_back({uint32_t(-code - 1), uint32_t(sum.size()), terms.back()->data()});
  }
  std::vector<std::unique_ptr<std::vector<heed_term>>> terms;
};

TEST_F(Derived, BoundsLengths) {
  derive(Places, {{Keys, 16}, {Batch, 1}, {3, 2}}); // 5 * 16 + 2 + 6
  call.arguments[Lengths].limit = Places;
  call.tensors[Lengths].elements<int32_t>()[0] = 88;
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  call.stageCalls = 0;
  call.tensors[Lengths].elements<int32_t>()[0] = 89;
  EXPECT_THAT(failure(), HasSubstr("element (0) is 89, expected 0 to 88 (places is 88)"));
}

TEST_F(Derived, MayBeDerivedFrom) {
  derive(Places, {{Keys, 16}});
  derive(Places, {{Places, 1}});
  call.multiples = {{Places, Keys}};
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  call.stageCalls = 0;
  call.multiples = {{Places, Queries}};
  EXPECT_EQ(failure(), "wrong shape: attention: places (80) is not a multiple of queries (3)");
}

TEST_F(Derived, AgreesWithTensors) {
  derive(Keys, {{Queries, 1}, {Batch, 1}});
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  AttentionCall six(2, 3, 6, 4, 2);
  six.derived = call.derived;
  EXPECT_EQ(outcome(six.run()), "wrong shape: attention: keys is 6 from key, but queries (3) + "
                                "batch (2) makes 5");
}

TEST_F(Derived, AgreesWithItself) {
  derive(Places, {{Keys, 16}});
  derive(Places, {{Queries, 16}, {30, 1}});
  EXPECT_EQ(failure(), "wrong shape: attention: places is 80 from another sum, but 16 * queries "
                       "(3) + 30 makes 78");
}

TEST_F(Derived, TooLarge) {
  derive(Places, {{Keys, 1}, {Batch, 1 << 30}});
  EXPECT_EQ(failure(), "too large: attention: places is keys (5) + 1073741824 * batch (2), which "
                       "is past 2^31 - 1");
  call.derived.clear();
  derive(Places, {{Keys, INT64_MAX / 2}});
  EXPECT_THAT(failure(), HasSubstr("which is past 2^31 - 1"));
  call.derived.clear();
  derive(Places, {{INT32_MAX, 1}, {INT32_MAX, 1}});
  EXPECT_THAT(failure(), HasSubstr("which is past 2^31 - 1"));
  call.derived.clear();
  derive(Places, {{INT32_MAX, 1}});
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
}

TEST_F(Checks, EmptyTensorsLoadedAtComputedPlacesGiveZeros) {
  AttentionCall noKeys(2, 3, 0, 4, 2);
  noKeys.tensors[Mask]->data = nullptr;
  noKeys.arguments[Mask].nonempty_axes = 1 << 1;
  noKeys.stage = [](void **buffers) {
    auto *mask = static_cast<halide_buffer_t *>(buffers[Mask]);
    EXPECT_EQ(mask->host[0], 0);
    return 0;
  };
  EXPECT_EQ(noKeys.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(noKeys.stageCalls, 1);
}

TEST_F(Checks, EmptyTensorsOfLongRowsGiveNone) {
  AttentionCall call;
  const int64_t shape[] = {0, 1 << 16};
  call.tensors[Mask] = TestTensor(uint8, {0, 1 << 16});
  call.arguments[Mask].shape = shape;
  call.arguments[Mask].nonempty_axes = 1 << 0;
  EXPECT_EQ(
      outcome(call.run()),
      "wrong shape: attention: argument 'mask': extent 0 is 0, and rows of 65536 bytes are too "
      "long to be loaded as zeros: expected at least 1");
  EXPECT_EQ(call.stageCalls, 0);
}

TEST_F(Checks, AnyAxisMayBeEmptyWhereNothingIsComputed) {
  AttentionCall noBatch(0, 3, 0, 4, 2), noQueries(2, 0, 0, 4, 2);
  for (AttentionCall *empty : {&noBatch, &noQueries}) {
    for (heed_argument &argument : empty->arguments)
      argument.nonempty_axes = 0xff;
    EXPECT_EQ(empty->run(), HEED_OK) << heed_last_error();
    EXPECT_EQ(empty->stageCalls, 0);
  }
}

TEST_F(Checks, EmptyTensorsNeedNoMemory) {
  AttentionCall empty(2, 3, 0, 4, 2);
  empty.tensors[Key]->data = nullptr;
  empty.tensors[Mask]->data = nullptr;
  EXPECT_EQ(empty.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(empty.stageCalls, 1) << "without keys the kernel still writes its rows";
}

TEST_F(Checks, NothingRunsForEmptyOutputs) {
  AttentionCall noBatch(0, 3, 5, 4, 2), noQueries(2, 0, 5, 4, 2);
  noBatch.tensors[Query].strides = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
  EXPECT_EQ(noBatch.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(noQueries.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(noBatch.stageCalls + noQueries.stageCalls, 0);
}

TEST_F(Checks, AbiVersion) {
  heed_kernel kernel = call.table();
  kernel.abi_version = 7;
  EXPECT_EQ(
      outcome(heed_call(&kernel, call.pointers().data())),
      "wrong version: attention was generated for ABI version 7 of the runtime, this libheed has "
      "4: compile the kernel again with the heedc that belongs to this libheed");
}

TEST_F(Checks, TablesPastTheLimits) {
  heed_kernel kernel = call.table();
  kernel.argument_count = 65;
  EXPECT_EQ(
      outcome(heed_call(&kernel, call.pointers().data())),
      "internal error: attention has 65 arguments and 6 symbols; at most 64 and 64 are supported");
  call.arguments[Mask].rank = 9;
  EXPECT_EQ(failure(),
            "internal error: attention: argument 'mask': rank 9 in the kernel's table, at "
            "most 8 is supported");
}

} // namespace
} // namespace heed::test
