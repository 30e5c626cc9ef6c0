// What a kernel reads and writes, made from its signature and a shape.
#pragma once

#include "tools/measure/Extents.h"
#include "tools/measure/Tensor.h"

namespace heed::measure {

/// How (batch, sequence, head, dim) tensors lie in memory. Shapes are the same in both.
enum class Layout {
  Bhsd, ///< all of one head's sequence together
  Bshd, ///< all heads of one position together: compact
};

llvm::StringRef layoutName(Layout layout);

/// The arguments of one call.
class Data {
public:
  /// One tensor for each argument of the kernel, in the signature's order. Inputs are
  /// pseudo-random, the same in every run and layout: vectors uniform in (0, 1), matrices of fixed
  /// extents normal and such that their products have the size of what goes in, all else normal,
  /// the first argument with a standard deviation of `deviation`. Lengths of keys go from a quarter
  /// of them to all, of queries they are all, offsets align the last query with the last key,
  /// segments are equally long, indices any. Outputs are NaN, so that what a kernel leaves out is
  /// seen.
  static Data make(const Signature &signature, const Shapes &shapes, Layout layout,
                   double deviation = 1);

  llvm::ArrayRef<const DLTensor *> arguments() const { return pointers; }
  std::vector<Array> inputs() const;  ///< as they are stored
  std::vector<Array> outputs() const; ///< as they are now
  double bytes() const;               ///< of all arguments

  llvm::ArrayRef<Tensor> tensors() const { return all; }
  llvm::ArrayRef<Tensor> inputTensors() const { return tensors().take_front(firstOutput); }

private:
  std::vector<Tensor> all;
  size_t firstOutput = 0;
  std::vector<DLTensor> views;
  std::vector<const DLTensor *> pointers; ///< to `views`
};

} // namespace heed::measure
