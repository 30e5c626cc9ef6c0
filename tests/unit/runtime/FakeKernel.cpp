#include "tests/unit/runtime/FakeKernel.h"

#include <HalideRuntime.h>

#include <cstring>

namespace heed::test {
namespace {

/// What the table's plain function pointer calls.
thread_local AttentionCall *current = nullptr;

int runCurrent(void **buffers) {
  ++current->stageCalls;
  return current->stage ? current->stage(buffers) : 0;
}

constexpr int64_t queryShape[] = {Batch, Queries, Heads, headDim};
constexpr int64_t keyShape[] = {Batch, Keys, KeyHeads, headDim};
constexpr int64_t maskShape[] = {Batch, Keys};
constexpr int64_t tokenShape[] = {Batch, Queries};
constexpr const char *symbols[] = {"batch", "queries", "keys", "heads", "key_heads", "places"};
constexpr uint8_t order[] = {Query, Key, Mask, Lengths, Tokens, Output};
constexpr heed_stage stages[] = {{runCurrent, std::size(order), order}};

} // namespace

TestTensor::TestTensor(DLDataType type, std::vector<int64_t> shape) : shape(shape), type(type) {
  int64_t bytes = type.bits / 8;
  for (int64_t extent : shape)
    bytes *= extent;
  memory = std::make_unique<std::byte[]>(bytes);
}

DLTensor &TestTensor::get() {
  if (!tensor) {
    tensor = std::make_unique<DLTensor>();
    *tensor = {memory.get(), {kDLCPU, 0}, int(shape.size()), type, shape.data(), nullptr, 0};
  }
  if (!strides.empty())
    tensor->strides = strides.data();
  return *tensor;
}

AttentionCall::AttentionCall(int64_t batch, int64_t queries, int64_t keys, int64_t heads,
                             int64_t keyHeads) {
  tensors.emplace_back(float32, std::vector{batch, queries, heads, headDim});
  tensors.emplace_back(float32, std::vector{batch, keys, keyHeads, headDim});
  tensors.emplace_back(uint8, std::vector{batch, keys});
  tensors.emplace_back(int32, std::vector{batch});
  tensors.emplace_back(int64, std::vector{batch, queries});
  tensors.emplace_back(float32, std::vector{batch, queries, heads, headDim});
  arguments = {
      {"query", kDLFloat, 32, 4, HEED_ROLE_INPUT, queryShape, 0, 1, 0},
      {"key", kDLFloat, 32, 4, HEED_ROLE_INPUT, keyShape, 0, 1, 0},
      {"mask", kDLUInt, 8, 2, HEED_ROLE_INPUT, maskShape, 0, 0, 0},
      {"lengths", kDLInt, 32, 1, HEED_ROLE_KEY_LENGTHS, maskShape, Keys, 1, 0},
      {"tokens", kDLInt, 64, 2, HEED_ROLE_INDEX, tokenShape, vocabulary, 1, 0},
      {"output", kDLFloat, 32, 4, HEED_ROLE_OUTPUT, queryShape, 0, 1, 0},
  };
  multiples = {{Heads, KeyHeads}};
  variants = {{"x86-64-sse41", kDLCPU, 0, 0, nullptr, std::size(stages), stages}};
}

heed_kernel AttentionCall::table() const {
  return {.abi_version = HEED_ABI_VERSION,
          .name = "attention",
          .argument_count = uint32_t(arguments.size()),
          .arguments = arguments.data(),
          .symbol_count = std::size(symbols),
          .symbols = symbols,
          .multiple_count = uint32_t(multiples.size()),
          .multiples = multiples.data(),
          .derived_count = uint32_t(derived.size()),
          .derived = derived.data(),
          .variant_count = uint32_t(variants.size()),
          .variants = variants.data()};
}

std::vector<const DLTensor *> AttentionCall::pointers() {
  std::vector<const DLTensor *> result;
  for (TestTensor &tensor : tensors)
    result.push_back(&tensor.get());
  return result;
}

heed_status AttentionCall::run() {
  current = this;
  heed_kernel kernel = table();
  return heed_call(&kernel, pointers().data());
}

std::string outcome(heed_status status) {
  return std::string(heed_status_name(status)) + ": " + heed_last_error();
}

void forEachElement(void *buffer, const std::function<void(std::byte *, int)> &visit) {
  auto &b = *static_cast<halide_buffer_t *>(buffer);
  int bytes = b.type.bits / 8;
  std::function<void(int, std::byte *)> walk = [&](int dimension, std::byte *address) {
    if (dimension < 0)
      return visit(address, bytes);
    const halide_dimension_t &d = b.dim[dimension];
    for (int i = d.min; i < d.min + d.extent; ++i)
      walk(dimension - 1, address + int64_t(i) * d.stride * bytes);
  };
  walk(b.dimensions - 1, reinterpret_cast<std::byte *>(b.host));
}

} // namespace heed::test
