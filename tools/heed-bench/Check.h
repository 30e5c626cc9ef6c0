// Whether a kernel is right, before anything is timed.
#pragma once

#include "tools/heed-bench/Kernel.h"

namespace heed::bench {

struct Accuracy {
  double maxError = 0; ///< the largest |difference| to the float64 reference
  double ofBound = 0;  ///< the largest difference over what is allowed there: right up to 1
};

/// Compares `output`, (batch, query, head, dim) of `kernel` on `inputs`, to the reference: the
/// first and the last queries, and all of them where that is quick. Every element must be finite.
/// What is allowed for an element is
///
///     eps * (c1 + c2 sqrt(n) + c3 max_j sum_d |scale q_d k_jd|) * sum_j w_j |v_j|
///
/// with n keys of weights w: the rounding of float32 in the weights' and the weighted sum's
/// additions, and of the scores in the exponent.
llvm::Expected<Accuracy> checkOutput(const Kernel &kernel, llvm::ArrayRef<Array> inputs,
                                     const Array &output);

} // namespace heed::bench
