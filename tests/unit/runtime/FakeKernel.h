// A kernel without a compiler: a table as heedc emits them, whose stage is any function of the
// test's, and tensors to call it with.
#pragma once

#include <heed/kernel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace heed::test {

/// The symbols of attentionKernel(), coded as in heed_argument.shape.
enum : int64_t { Batch = -1, Queries = -2, Keys = -3, Heads = -4, KeyHeads = -5, Places = -6 };

/// Arguments of attentionKernel().
enum Argument { Query, Key, Mask, Lengths, Tokens, Output };

constexpr int64_t headDim = 8, vocabulary = 100;

/// A tensor with memory of its own, compact unless the test changes `strides`.
class TestTensor {
public:
  TestTensor(DLDataType type, std::vector<int64_t> shape);

  DLTensor *operator->() { return &get(); }
  DLTensor &get();
  template <typename Element> Element *elements() {
    return reinterpret_cast<Element *>(memory.get());
  }

  std::vector<int64_t> shape, strides; ///< `strides` empty: NULL

private:
  DLDataType type;
  std::unique_ptr<std::byte[]> memory;
  std::unique_ptr<DLTensor> tensor;
};

constexpr DLDataType float32 = {kDLFloat, 32, 1}, int32 = {kDLInt, 32, 1}, int64 = {kDLInt, 64, 1},
                     uint8 = {kDLUInt, 8, 1};

using StageFunction = std::function<int(void **buffers)>;

/// The arguments, and a table around them that a test may change before the call:
///   query   (batch, queries, heads, 8)   float32
///   key     (batch, keys, key_heads, 8)  float32   heads % key_heads == 0
///   mask    (batch, keys)                uint8     any stride
///   lengths (batch)                      int32     key lengths
///   tokens  (batch, queries)             int64     indices below 100
///   output  (batch, queries, heads, 8)   float32
/// `places` is a symbol of no tensor: for tests of derived extents.
class AttentionCall {
public:
  AttentionCall(int64_t batch = 2, int64_t queries = 3, int64_t keys = 5, int64_t heads = 4,
                int64_t keyHeads = 2);

  /// heed_call with table() and pointers(); `stage` (default: nothing) sees the buffers in the
  /// order above.
  heed_status run();
  heed_kernel table() const;
  std::vector<const DLTensor *> pointers();

  StageFunction stage;
  int stageCalls = 0;
  std::vector<TestTensor> tensors;
  std::vector<heed_argument> arguments;
  std::vector<heed_multiple> multiples;
  std::vector<heed_derived> derived;
  std::vector<heed_variant> variants;
};

/// The failing call's status and message, as "wrong shape: attention: argument ...".
std::string outcome(heed_status status);

/// Every buffer's element addresses, by walking its dimensions.
void forEachElement(void *buffer, const std::function<void(std::byte *address, int bytes)> &visit);

} // namespace heed::test
