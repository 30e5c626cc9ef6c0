// What stages see, and what becomes of their errors.
#include "tests/unit/runtime/FakeKernel.h"

#include <HalideRuntime.h>
#include <gmock/gmock.h>

namespace heed::test {
namespace {

using testing::ElementsAre;

halide_buffer_t &buffer(void **buffers, int i) {
  return *static_cast<halide_buffer_t *>(buffers[i]);
}

std::vector<int> extents(const halide_buffer_t &b) {
  std::vector<int> result;
  for (int i = 0; i < b.dimensions; ++i)
    result.push_back(b.dim[i].extent);
  return result;
}

std::vector<int> strides(const halide_buffer_t &b) {
  std::vector<int> result;
  for (int i = 0; i < b.dimensions; ++i)
    result.push_back(b.dim[i].stride);
  return result;
}

TEST(Call, BuffersAreTheTensorsInsideOut) {
  AttentionCall call;
  call.tensors[Key].strides = {-80, 16, -8, 1};
  call.tensors[Key]->byte_offset = (80 + 8) * sizeof(float);
  call.stage = [&](void **buffers) {
    const halide_buffer_t &query = buffer(buffers, Query), &key = buffer(buffers, Key);
    EXPECT_THAT(extents(query), ElementsAre(8, 4, 3, 2));
    EXPECT_THAT(strides(query), ElementsAre(1, 8, 32, 96));
    EXPECT_EQ(query.host, call.tensors[Query].elements<uint8_t>());
    EXPECT_EQ(query.type, halide_type_of<float>());
    EXPECT_EQ(query.dim[3].min, 0);
    EXPECT_EQ(query.flags, 0u);
    EXPECT_EQ(query.device, 0u);
    EXPECT_THAT(strides(key), ElementsAre(1, -8, 16, -80));
    EXPECT_EQ(key.host, call.tensors[Key].elements<uint8_t>() + 88 * sizeof(float));
    EXPECT_EQ(buffer(buffers, Mask).type, halide_type_of<uint8_t>());
    EXPECT_EQ(buffer(buffers, Tokens).type, halide_type_of<int64_t>());
    return 0;
  };
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(call.stageCalls, 1);
}

TEST(Call, StagesRunInOrderWithTheirOwnArguments) {
  static std::vector<void *> hosts; // stages are plain function pointers
  hosts.clear();
  constexpr uint8_t first[] = {Query, Output}, second[] = {Output, Mask, Query};
  heed_stage stages[] = {
      {[](void **b) {
         return hosts.insert(hosts.end(), {buffer(b, 0).host, buffer(b, 1).host}), 0;
       },
       2, first},
      {[](void **b) {
         hosts.insert(hosts.end(), {buffer(b, 0).host, buffer(b, 1).host, buffer(b, 2).host});
         return 0;
       },
       3, second}};
  AttentionCall call;
  call.variants = {{"x86-64-sse41", kDLCPU, 0, 0, nullptr, 2, stages}};
  ASSERT_EQ(call.run(), HEED_OK) << heed_last_error();
  void *query = call.tensors[Query]->data, *mask = call.tensors[Mask]->data,
       *output = call.tensors[Output]->data;
  EXPECT_THAT(hosts, ElementsAre(query, output, output, mask, query));
}

TEST(Call, RowsSpreadOverTheDimensionsOfAnOutput) {
  static std::vector<int> seenExtents, seenStrides; // stages are plain function pointers
  constexpr int64_t shape[] = {Batch, Heads, Queries};
  constexpr uint8_t arguments[] = {Query, 1 | HEED_PER_ROW};
  heed_stage stage = {[](void **buffers) {
                        seenExtents = extents(buffer(buffers, 1));
                        seenStrides = strides(buffer(buffers, 1));
                        return 0;
                      },
                      2, arguments};
  AttentionCall call(2, 3, 5, 4, 2);
  call.multiples.clear();
  call.arguments.resize(1);
  call.arguments.push_back({"rows", kDLFloat, 32, 3, HEED_ROLE_OUTPUT, shape, 0, 1, 0});
  call.tensors.erase(call.tensors.begin() + 1, call.tensors.end());
  call.tensors.emplace_back(float32, std::vector<int64_t>{2, 4, 3});
  call.variants = {{"x86-64-sse41", kDLCPU, 0, 0, nullptr, 1, &stage}};
  ASSERT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_THAT(seenExtents, ElementsAre(1, 4, 3, 2));
  EXPECT_THAT(seenStrides, ElementsAre(0, 3, 1, 12));
}

TEST(Call, StagesStopAtTheFirstError) {
  static int calls;
  calls = 0;
  heed_stage stages[] = {{[](void **) { return ++calls, -6; }, 0, nullptr},
                         {[](void **) { return ++calls, 0; }, 0, nullptr}};
  AttentionCall call;
  call.variants = {{"x86-64-sse41", kDLCPU, 0, 0, nullptr, 2, stages}};
  EXPECT_EQ(outcome(call.run()),
            "internal error: attention: stage 0 of x86-64-sse41 failed with Halide's error -6");
  EXPECT_EQ(calls, 1);
}

TEST(Call, OutOfMemoryIsAStatusOfItsOwn) {
  AttentionCall call;
  call.stage = [](void **) { return int(halide_error_code_out_of_memory); };
  EXPECT_EQ(outcome(call.run()), "out of memory: attention: no memory for the kernel's workspace");
}

} // namespace
} // namespace heed::test
