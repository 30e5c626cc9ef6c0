// Kernels on an OpenCL device give what they give on the CPU, and what cannot be run there is
// refused before anything is touched.
#include "device_kernels.h"

#include <heed/device.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

using testing::HasSubstr;

namespace {

/// A compact tensor on the CPU, and where it is asked for one on the device.
template <typename T> class Tensor {
public:
  Tensor(std::vector<int64_t> extents, DLDataType type) : shape(std::move(extents)) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    values.resize(size_t(size));
    host = {values.data(), {kDLCPU, 0}, int32_t(shape.size()), type, shape.data(), nullptr, 0};
    device = host;
    device.device = {kDLOpenCL, 0};
    device.data = nullptr;
  }
  Tensor(const Tensor &) = delete;
  ~Tensor() { heed_device_free(&device); }

  /// The values, on the device.
  DLTensor *there() {
    if (!device.data)
      EXPECT_EQ(heed_device_allocate(&device), HEED_OK) << heed_last_error();
    EXPECT_EQ(heed_device_copy(&host, &device), HEED_OK) << heed_last_error();
    return &device;
  }
  void fetch() { EXPECT_EQ(heed_device_copy(&device, &host), HEED_OK) << heed_last_error(); }

  std::vector<int64_t> shape;
  std::vector<T> values;
  DLTensor host{}, device{};
};

struct Floats : Tensor<float> {
  explicit Floats(std::vector<int64_t> shape) : Tensor(std::move(shape), {kDLFloat, 32, 1}) {}
  Floats(std::vector<int64_t> shape, unsigned seed) : Floats(std::move(shape)) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> number(-2, 2);
    for (float &value : values)
      value = number(generator);
  }
};
struct Ints : Tensor<int32_t> {
  explicit Ints(std::vector<int32_t> numbers) : Tensor({int64_t(numbers.size())}, {kDLInt, 32, 1}) {
    std::copy(numbers.begin(), numbers.end(), values.begin());
  }
};

struct Truths : Tensor<uint8_t> {
  explicit Truths(std::vector<int64_t> shape)
      : Tensor(std::move(shape), {6 /* kDLBool of DLPack 0.7 */, 8, 1}) {}
};

struct Call {
  explicit Call(int64_t queries, std::vector<int32_t> keys, int64_t mostKeys)
      : q({int64_t(keys.size()), queries, 4, 32}, 1), k({int64_t(keys.size()), mostKeys, 2, 32}, 2),
        v({int64_t(keys.size()), mostKeys, 2, 24}, 3), lengths(keys),
        out({int64_t(keys.size()), queries, 4, 24}), lse({int64_t(keys.size()), 4, queries}) {}

  heed_status here() {
    return device_causal(&q.host, &k.host, &v.host, &lengths.host, &out.host, &lse.host);
  }
  heed_status there() {
    return device_causal(q.there(), k.there(), v.there(), lengths.there(), out.there(),
                         lse.there());
  }

  Floats q, k, v;
  Ints lengths;
  Floats out, lse;
};

/// NaN equals NaN, and an infinity itself.
void expectNear(const std::vector<float> &actual, const std::vector<float> &expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    if (std::isfinite(expected[i]))
      ASSERT_NEAR(actual[i], expected[i], 2e-5f) << "element " << i;
    else
      ASSERT_TRUE(actual[i] == expected[i] || (std::isnan(actual[i]) && std::isnan(expected[i])))
          << "element " << i << " is " << actual[i] << ", not " << expected[i];
}

void expectSame(Call &call) {
  ASSERT_EQ(call.here(), HEED_OK) << heed_last_error();
  std::vector<float> out = call.out.values, lse = call.lse.values;
  std::fill(call.out.values.begin(), call.out.values.end(), 7.0f);
  std::fill(call.lse.values.begin(), call.lse.values.end(), 7.0f);
  ASSERT_EQ(call.there(), HEED_OK) << heed_last_error();
  call.out.fetch();
  call.lse.fetch();
  expectNear(call.out.values, out);
  expectNear(call.lse.values, lse);
}

TEST(Device, GivesWhatTheCpuGives) {
  for (int64_t queries : {1, 33, 70}) {
    Call call(queries, {75, 20, 0}, 75); // the last entry has no keys
    expectSame(call);
  }
}

// Blocks of which the tensor keeps all pairs, some and none. What a block of none holds does not
// matter: it is not read.
TEST(Device, BlocksThatAMaskDropsAreNotRead) {
  for (int64_t queries : {3, 70, 2200}) { // of few queries parts have lists
    const int64_t keys = std::max<int64_t>(queries, 128);
    Floats q({2, queries, 4, 32}, 1), k({2, keys, 4, 32}, 2), v({2, keys, 4, 32}, 3),
        out({2, queries, 4, 32});
    Ints lengths({int32_t(keys), 40});
    Truths mask({queries, keys});
    for (int64_t row = 0; row < queries; row++)
      for (int64_t key = 0; key < keys; key++)
        mask.values[size_t(row * keys + key)] = key < 32 ||
                                                (key < 64 && (row * 7 + key) % 3 == 0) ||
                                                (row >= 64 && key / 32 == row / 32 + 1);
    ASSERT_EQ(device_masked(&q.host, &k.host, &v.host, &mask.host, &lengths.host, &out.host),
              HEED_OK)
        << heed_last_error();
    std::vector<float> expected = out.values;
    for (Floats *rows : {&k, &v})
      std::fill(rows->values.begin() + 64 * 4 * 32, rows->values.begin() + 96 * 4 * 32,
                std::nanf(""));
    ASSERT_EQ(
        device_masked(q.there(), k.there(), v.there(), mask.there(), lengths.there(), out.there()),
        HEED_OK)
        << heed_last_error();
    out.fetch();
    expectNear(out.values, expected);
  }
}

TEST(Device, PackedDocuments) {
  for (int64_t tokens : {5, 200, 2200}) { // few queries read bounds themselves
    Floats q({1, tokens, 4, 32}, 1), k({1, tokens, 4, 32}, 2), v({1, tokens, 4, 32}, 3),
        out({1, tokens, 4, 32});
    std::vector<int32_t> begins = {0, 2, 2};
    for (int32_t begin = 43; begin < tokens; begin += 50)
      begins.push_back(begin);
    begins.push_back(int32_t(tokens));
    Ints starts(begins);
    ASSERT_EQ(device_documents(&q.host, &k.host, &v.host, &starts.host, &out.host), HEED_OK)
        << heed_last_error();
    std::vector<float> expected = out.values;
    ASSERT_EQ(device_documents(q.there(), k.there(), v.there(), starts.there(), out.there()),
              HEED_OK)
        << heed_last_error();
    out.fetch();
    expectNear(out.values, expected);
  }
}

TEST(Device, InfinitiesAndNaN) {
  Call call(40, {40, 40}, 40);
  call.q.values[5 * 4 * 32] = std::nanf("");
  call.k.values[9 * 2 * 32 + 3] = std::numeric_limits<float>::infinity();
  expectSame(call);
}

TEST(Device, NothingToCompute) {
  Call call(0, {4, 4}, 4);
  EXPECT_EQ(call.there(), HEED_OK) << heed_last_error();
}

TEST(Device, NoKeysAtAll) {
  Call call(5, {0}, 0);
  expectSame(call);
  EXPECT_EQ(call.out.values, std::vector<float>(call.out.values.size(), 0.0f));
}

TEST(Device, TensorsAreInOnePlace) {
  Call call(4, {4}, 4);
  EXPECT_EQ(device_causal(call.q.there(), &call.k.host, call.v.there(), call.lengths.there(),
                          call.out.there(), call.lse.there()),
            HEED_WRONG_DEVICE);
  EXPECT_STREQ(heed_last_error(),
               "device_causal: argument 'k': the device is DLPack type 1 (CPU), but "
               "'q' is on DLPack type 4 (OpenCL): heed_device_copy moves tensors");
}

TEST(Device, ForcedTargetIsElsewhere) {
  Call call(4, {4}, 4);
  setenv("HEED_TARGET", "opencl", 1);
  EXPECT_EQ(call.here(), HEED_WRONG_DEVICE);
  EXPECT_STREQ(heed_last_error(),
               "device_causal: HEED_TARGET is 'opencl', but opencl runs on tensors "
               "in another place than these");
  unsetenv("HEED_TARGET");
}

TEST(Device, ValuesAreCheckedThereToo) {
  Call call(4, {9}, 4);
  EXPECT_EQ(call.there(), HEED_WRONG_VALUE);
  EXPECT_THAT(heed_last_error(),
              HasSubstr("argument 'lengths': element (0) is 9, expected 0 to 4"));
}

/// A call whose queries and output begin in the middle of larger memory, after `before` elements.
heed_status callWithin(Call &call, Floats &memory, Floats &outputs, int64_t before) {
  std::copy(call.q.values.begin(), call.q.values.end(), memory.values.begin() + before);
  DLTensor q = *memory.there(), out = *outputs.there();
  q.shape = call.q.shape.data(), q.ndim = out.ndim = 4;
  out.shape = call.out.shape.data();
  q.byte_offset = out.byte_offset = uint64_t(before) * sizeof(float);
  return device_causal(&q, call.k.there(), call.v.there(), call.lengths.there(), &out,
                       call.lse.there());
}

TEST(Device, TensorsMayBeginWithinMemory) {
  Call call(5, {7}, 7);
  ASSERT_EQ(call.here(), HEED_OK) << heed_last_error();
  Floats memory({5000}), outputs({5000});
  ASSERT_EQ(callWithin(call, memory, outputs, 1024), HEED_OK) << heed_last_error();
  outputs.fetch();
  auto begin = outputs.values.begin() + 1024, end = begin + int64_t(call.out.values.size());
  expectNear({begin, end}, call.out.values);
  EXPECT_EQ(std::count(outputs.values.begin(), begin, 0.0f), 1024);
  EXPECT_EQ(std::count(end, outputs.values.end(), 0.0f), outputs.values.end() - end);
}

TEST(Device, TensorsBeginWhereTheDeviceCan) {
  Call call(5, {7}, 7);
  Floats memory({5000}), outputs({5000});
  EXPECT_EQ(callWithin(call, memory, outputs, 1), HEED_WRONG_ALIGNMENT);
  EXPECT_THAT(heed_last_error(), HasSubstr("a tensor begins where this device lets none begin"));
  call.q.there();
  DLTensor far = call.q.device;
  far.byte_offset = uint64_t(1) << 40;
  EXPECT_EQ(device_causal(&far, call.k.there(), call.v.there(), call.lengths.there(),
                          call.out.there(), call.lse.there()),
            HEED_TOO_LARGE);
  EXPECT_THAT(heed_last_error(), HasSubstr("byte_offset is 1099511627776, which is past"));
}

TEST(Device, LengthsAreReadFromWhereTheyBegin) {
  Call call(4, {9}, 4);
  Ints memory(std::vector<int32_t>(64, 3)); // the 33rd is the length
  memory.values[32] = 5;
  DLTensor lengths = *memory.there();
  lengths.shape = call.lengths.shape.data(), lengths.byte_offset = 32 * sizeof(int32_t);
  EXPECT_EQ(device_causal(call.q.there(), call.k.there(), call.v.there(), &lengths,
                          call.out.there(), call.lse.there()),
            HEED_WRONG_VALUE);
  EXPECT_THAT(heed_last_error(), HasSubstr("element (0) is 5, expected 0 to 4"));
}

TEST(Device, NegativeStridesAreRefused) {
  Call call(4, {4}, 4);
  call.q.there();
  DLTensor q = call.q.device;
  int64_t strides[] = {512, 128, -32, 1};
  q.strides = strides;
  EXPECT_EQ(device_causal(&q, call.k.there(), call.v.there(), call.lengths.there(),
                          call.out.there(), call.lse.there()),
            HEED_WRONG_STRIDE);
  EXPECT_THAT(heed_last_error(), HasSubstr("argument 'q': on a device no stride may be negative"));
}

TEST(Device, AnEmptyTableIsRefused) {
  Floats q({1, 3, 4, 32}, 1), k({1, 3, 4, 32}, 2), v({1, 3, 4, 32}, 3), table({0}),
      out({1, 3, 4, 32});
  EXPECT_EQ(device_table(q.there(), k.there(), v.there(), table.there(), out.there()),
            HEED_WRONG_SHAPE);
  EXPECT_THAT(heed_last_error(),
              HasSubstr("is 0, which a kernel on a device cannot load from: expected at least 1"));
}

TEST(Device, OverlapIsSeen) {
  Call call(4, {4}, 4);
  call.q.there();
  DLTensor out = call.q.device;
  int64_t shape[] = {1, 4, 4, 24};
  out.shape = shape;
  EXPECT_EQ(device_causal(&call.q.device, call.k.there(), call.v.there(), call.lengths.there(),
                          &out, call.lse.there()),
            HEED_OVERLAP);
}

TEST(DeviceCopy, RefusesWhatDoesNotFit) {
  Floats a({2, 3}), b({3, 2});
  EXPECT_EQ(heed_device_copy(&a.host, b.there()), HEED_WRONG_SHAPE);
  EXPECT_EQ(heed_device_copy(&a.host, &a.host), HEED_WRONG_DEVICE);
  Ints c({1, 2, 3});
  Floats d({3});
  EXPECT_EQ(heed_device_copy(&c.host, d.there()), HEED_WRONG_TYPE);
  EXPECT_EQ(heed_device_copy(nullptr, d.there()), HEED_NULL_ARGUMENT);
  int64_t strides[] = {1, 2};
  DLTensor turned = a.host;
  turned.strides = strides;
  EXPECT_EQ(heed_device_copy(&turned, a.there()), HEED_WRONG_STRIDE);
}

TEST(DeviceMemory, NoSuchDevice) {
  Floats a({2, 3});
  a.device.device = {kDLCUDA, 0};
  EXPECT_EQ(heed_device_allocate(&a.device), HEED_NO_DEVICE);
  EXPECT_STREQ(heed_last_error(), "heed_device_allocate: no kernel in this program is for CUDA: "
                                  "compile one with heedc --target");
  a.device.device = {kDLMetal, 0};
  EXPECT_EQ(heed_device_allocate(&a.device), HEED_WRONG_DEVICE);
  EXPECT_STREQ(heed_last_error(),
               "heed_device_allocate: Heed has no kernels for devices of DLPack type 8");
  a.device.device = {kDLOpenCL, 3};
  EXPECT_EQ(heed_device_allocate(&a.device), HEED_WRONG_DEVICE);
  EXPECT_THAT(heed_last_error(), HasSubstr("device_id is 3, expected 0"));
}

TEST(DeviceMemory, MoreThanThereIs) {
  Floats a({1});
  int64_t shape[] = {1 << 30};
  DLTensor large = a.device;
  large.shape = shape, large.dtype = {kDLFloat, 64, 1};
  EXPECT_EQ(heed_device_allocate(&large), HEED_OUT_OF_MEMORY) << heed_last_error();
}

} // namespace
