// Arithmetic that LLVM may not rearrange: a Halide lowering pass, after all that move it.
//
// Of sums that may be reassociated LLVM orders the terms by how they are loaded, and which of two
// products a sum is fused with goes by which has other uses. So keys in pages would give other last
// bits than keys in slots. After this pass sums are added up as they are written, and one with a
// product, or the first of two, is a multiply-add where the target has it: at once for numbers
// alone, since LLVM's SLP pass would put products in a vector, which is fused with no sum; later
// for vectors (MultiplyAdds), since Halide 21 takes calls of llvm.fma apart by lanes.
#pragma once

#include "Halide.h"

namespace heed {

/// A strict_add, strict_sub or strict_mul.
Halide::Expr strict(Halide::Internal::Call::IntrinsicOp operation, const Halide::Expr &a,
                    const Halide::Expr &b);

/// Sums, differences and products of floats become strict ones. Lanes are added up in a tree, the
/// second half of a sum's to the first (an odd number of them one after the other): halves and
/// quarters of two registers an instruction gathers without an index. Measured on Zen 4, one query
/// of 4 heads on one of 128, 4096 keys in bfloat16: 0.0704 ms, and 0.0731 with neighbours first.
class OrderedSums : public Halide::Internal::IRMutator {
public:
  explicit OrderedSums(bool hasMultiplyAdds) : hasMultiplyAdds(hasMultiplyAdds) {}

protected:
  using IRMutator::visit;
  Halide::Expr visit(const Halide::Internal::Add *op) override;
  Halide::Expr visit(const Halide::Internal::Sub *op) override;
  Halide::Expr visit(const Halide::Internal::Mul *product) override;
  Halide::Expr visit(const Halide::Internal::VectorReduce *reduce) override;

private:
  const bool hasMultiplyAdds;

  bool fuses(Halide::Type type) const {
    return hasMultiplyAdds && type.is_scalar() && type.bits() >= 32;
  }
  /// Of two products the first is fused; the second is left to Halide, which marks it as one that
  /// may be contracted.
  Halide::Expr sum(const Halide::Expr &a, const Halide::Expr &b, bool isDifference);
};

} // namespace heed
