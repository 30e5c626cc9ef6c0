// What becomes of products of pairs of bfloat16 (evaluate/Storage.h): a Halide lowering pass, after
// OrderedSums.
//
// Halide 21 knows AVX512_BF16's operation as a sum of neighbouring lanes' products, and would take
// an operation of LLVM's apart by lanes. Measured on Zen 4, where it takes as long as one
// multiply-add: 3,200,000 random sums were those of two multiply-adds, the second product's first.
#pragma once

#include "Halide.h"

namespace heed {

class PairProducts : public Halide::Internal::IRMutator {
public:
  /// `hasOperation`: the target has AVX512_BF16's.
  explicit PairProducts(bool hasOperation) : hasOperation(hasOperation) {}

protected:
  using IRMutator::visit;
  Halide::Expr visit(const Halide::Internal::Call *call) override;

private:
  const bool hasOperation;

  Halide::Expr plusProducts(const Halide::Expr &sum, const Halide::Internal::Call *products);
};

} // namespace heed
