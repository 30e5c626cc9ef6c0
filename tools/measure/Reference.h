// Whether what a kernel wrote is right: looked at before anything is timed.
#pragma once

#include "compiler/reference/Array.h"
#include "tools/measure/Kernels.h"

namespace heed::measure {

struct Accuracy {
  double maxError = 0; ///< the largest |difference| to the float64 reference
  double ofBound = 0;  ///< the largest difference over what is allowed there: right up to 1
};

/// What is right for one call, and how far off each number may be. Computed once, it judges any
/// number of compilations of the kernel.
///
/// Of attention kernels, outputs, log-sum-exps and weights of the first and the last queries are
/// compared, of all of them where that is quick. What is allowed for an element of the output is
///
///     eps * (c1 + c2 sqrt(n) + c3 max_j |terms of score j|) * sum_j |w_j v_j|
///
/// with n keys of weights w: the rounding of the arithmetic's type in the weights' and the weighted
/// sum's additions, and of the scores in the exponent; and the rounding of the type that it is
/// stored in. Weights of normalizers without a log-sum-exp follow errors of scores absolutely: for
/// these |w_j| + 1 stands for |w_j| wherever w_j is not 0. Where weights may be rounded, they and
/// their sum are by 2^-8 of their own each. exp2 is never below 2^-100, so weights
/// may be off by some of that, too.
///
/// Of other kernels, and of partial states, all results are compared, to
///
///     eps * (c1 + c2 sqrt(n)) * (1 + the largest number of the row)
///
/// with rows of n numbers; for a linear kernel n is its inputs, and sum |x| |W| stands in.
class Reference {
public:
  static llvm::Expected<Reference> compute(const Kernel &kernel, llvm::ArrayRef<Array> inputs);

  /// Compares the kernel's outputs, one for each result. An error says what is wrong: an element of
  /// the first that is not finite, or an error past what is allowed.
  llvm::Expected<Accuracy> check(llvm::ArrayRef<Array> outputs) const;

private:
  /// Some rows of one output.
  struct Part {
    size_t output;
    size_t axis; ///< of the queries
    int64_t first;
    Array wanted, allowed;
  };
  std::vector<Part> parts;
  std::vector<std::string> names; ///< of the outputs

  friend class ReferenceMaker;
};

} // namespace heed::measure
