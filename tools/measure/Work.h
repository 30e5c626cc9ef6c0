// How much work a call is.
#pragma once

#include "compiler/reference/Array.h"
#include "tools/measure/Kernels.h"

namespace heed::measure {

struct Work {
  /// Pairs of a query and a key that count, over all heads and batch entries: those that lengths
  /// and masks keep. 0 for kernels that are no attention.
  double pairs = 0;
  /// Useful multiplications and additions: for each pair 2 for a column of the key and 2 for a
  /// column of the value; for a linear kernel 2 for each row, input and output. What scores, norms
  /// and epilogues do besides is not counted; 0 where nothing is.
  double operations = 0;
  /// pairs * columns of the key, where the score is more than their product; else 0.
  double pairFeatures = 0;
};

mlir::FailureOr<Work> workOf(const Kernel &kernel, llvm::ArrayRef<Array> inputs);

} // namespace heed::measure
