// The one table of the operations a region may hold. A row pairs ops with what they mean: an
// expression in the operands x, y, z, the domain d and the op, which every domain reads with its
// own operators and functions. A domain that lacks a function of a row does not know the op.
//
// Integers of every width and indices hold 32 bits in a kernel. Unsigned operations see those 32
// bits.
#pragma once

#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <tuple>

namespace heed {

/// Ops, and the function of (domain, op, operands...) that all of them mean.
template <typename Meaning, typename... Ops> struct Row {
  Meaning meaning;
};
template <typename... Ops, typename Meaning> constexpr Row<Meaning, Ops...> row(Meaning meaning) {
  return {meaning};
}

/// x `predicate` y.
template <typename Domain, typename V>
auto compare(Domain &d, mlir::arith::CmpIPredicate predicate, const V &x, const V &y)
    -> decltype(d.logicalNot(d.less(x, y))) {
  using enum mlir::arith::CmpIPredicate;
  switch (predicate) {
  case eq:
    return d.equal(x, y);
  case ne:
    return d.logicalNot(d.equal(x, y));
  case slt:
    return d.less(x, y);
  case sle:
    return d.logicalNot(d.less(y, x));
  case sgt:
    return d.less(y, x);
  case sge:
    return d.logicalNot(d.less(x, y));
  case ult:
    return d.unsignedLess(x, y);
  case ule:
    return d.logicalNot(d.unsignedLess(y, x));
  case ugt:
    return d.unsignedLess(y, x);
  case uge:
    return d.logicalNot(d.unsignedLess(x, y));
  }
}

/// x `predicate` y. Ordered predicates are false, unordered ones true, where x or y is NaN.
template <typename Domain, typename V>
auto compare(Domain &d, mlir::arith::CmpFPredicate predicate, const V &x, const V &y)
    -> decltype(d.logicalOr(d.isNaN(x), d.less(x, y))) {
  using enum mlir::arith::CmpFPredicate;
  switch (predicate) {
  case AlwaysFalse:
    return d.boolean(false);
  case AlwaysTrue:
    return d.boolean(true);
  case OEQ:
    return d.equal(x, y);
  case UNE:
    return d.logicalNot(d.equal(x, y));
  case OLT:
    return d.less(x, y);
  case UGE:
    return d.logicalNot(d.less(x, y));
  case OGT:
    return d.less(y, x);
  case ULE:
    return d.logicalNot(d.less(y, x));
  case ONE:
    return d.logicalOr(d.less(x, y), d.less(y, x));
  case UEQ:
    return d.logicalNot(d.logicalOr(d.less(x, y), d.less(y, x)));
  case OLE:
    return d.logicalOr(d.less(x, y), d.equal(x, y));
  case UGT:
    return d.logicalNot(d.logicalOr(d.less(x, y), d.equal(x, y)));
  case OGE:
    return d.logicalOr(d.less(y, x), d.equal(x, y));
  case ULT:
    return d.logicalNot(d.logicalOr(d.less(y, x), d.equal(x, y)));
  case UNO:
    return d.logicalOr(d.isNaN(x), d.isNaN(y));
  case ORD:
    return d.logicalNot(d.logicalOr(d.isNaN(x), d.isNaN(y)));
  }
}

// The return types name the expressions, so that a domain without a function fails to match,
// softly.
#define HEED_UNARY(e) [](auto &d, auto op, const auto &x) -> decltype(e) { return e; }
#define HEED_BINARY(e)                                                                             \
  [](auto &d, auto op, const auto &x, const auto &y) -> decltype(e) { return e; }
#define HEED_TERNARY(e)                                                                            \
  [](auto &d, auto op, const auto &x, const auto &y, const auto &z) -> decltype(e) { return e; }

// clang-format off
inline constexpr auto operationTable = [] {
  namespace arith = mlir::arith;
  namespace math = mlir::math;
  return std::tuple(
    // Arithmetic on floats and integers.
    row<arith::AddFOp, arith::AddIOp>(HEED_BINARY(x + y)),
    row<arith::SubFOp, arith::SubIOp>(HEED_BINARY(x - y)),
    row<arith::MulFOp, arith::MulIOp>(HEED_BINARY(x * y)),
    row<arith::NegFOp>               (HEED_UNARY(-x)),
    row<arith::DivFOp>               (HEED_BINARY(x / y)),
    row<math::FmaOp>                 (HEED_TERNARY(x * y + z)),
    row<math::AbsFOp, math::AbsIOp>  (HEED_UNARY(d.abs(x))),

    // Division of integers; by zero it gives 0, and all remains.
    row<arith::DivSIOp>     (HEED_BINARY(d.divide(x, y))),
    row<arith::RemSIOp>     (HEED_BINARY(x - d.divide(x, y) * y)),
    row<arith::FloorDivSIOp>(HEED_BINARY(d.floorDivide(x, y))),
    row<arith::CeilDivSIOp> (HEED_BINARY(-d.floorDivide(-x, y))),
    row<arith::DivUIOp>     (HEED_BINARY(d.unsignedDivide(x, y))),
    row<arith::RemUIOp>     (HEED_BINARY(d.unsignedRemainder(x, y))),

    // Bits and logic.
    row<arith::AndIOp> (HEED_BINARY(d.bitAnd(x, y))),
    row<arith::OrIOp>  (HEED_BINARY(d.bitOr(x, y))),
    row<arith::XOrIOp> (HEED_BINARY(d.bitXor(x, y))),
    row<arith::ShLIOp> (HEED_BINARY(d.shiftLeft(x, y))),
    row<arith::ShRSIOp>(HEED_BINARY(d.shiftRight(x, y))),
    row<arith::ShRUIOp>(HEED_BINARY(d.unsignedShiftRight(x, y))),

    // Comparisons and choices.
    row<arith::CmpIOp, arith::CmpFOp>(HEED_BINARY(compare(d, op.getPredicate(), x, y))),
    row<arith::SelectOp>  (HEED_TERNARY(d.select(x, y, z))),
    row<arith::MaxSIOp>   (HEED_BINARY(d.max(x, y))),
    row<arith::MinSIOp>   (HEED_BINARY(d.min(x, y))),
    row<arith::MaximumFOp>(HEED_BINARY(d.maximum(x, y))),
    row<arith::MinimumFOp>(HEED_BINARY(d.minimum(x, y))),
    row<arith::MaxNumFOp> (HEED_BINARY(d.select(d.isNaN(x), y,
                                             d.select(d.isNaN(y), x, d.maximum(x, y))))),
    row<arith::MinNumFOp> (HEED_BINARY(d.select(d.isNaN(x), y,
                                             d.select(d.isNaN(y), x, d.minimum(x, y))))),
    row<math::ClampFOp>   (HEED_TERNARY(d.minimum(d.maximum(x, y), z))),
    row<math::IsNaNOp>    (HEED_UNARY(d.isNaN(x))),

    // Conversions.
    row<arith::SIToFPOp, arith::FPToSIOp, arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp,
        arith::ExtFOp, arith::TruncFOp>(
        HEED_UNARY(d.cast(x, op.getType(), true))),
    row<arith::UIToFPOp, arith::ExtUIOp, arith::IndexCastUIOp>(
        HEED_UNARY(d.cast(x, op.getType(), false))),

    // Functions.
    row<math::ExpOp>      (HEED_UNARY(d.exp(x))),
    row<math::Exp2Op>     (HEED_UNARY(d.exp2(x))),
    row<math::LogOp>      (HEED_UNARY(d.log(x))),
    row<math::Log2Op>     (HEED_UNARY(d.log2(x))),
    row<math::PowFOp>     (HEED_BINARY(d.pow(x, y))),
    row<math::SqrtOp>     (HEED_UNARY(d.sqrt(x))),
    row<math::RsqrtOp>    (HEED_UNARY(d.rsqrt(x))),
    row<math::TanhOp>     (HEED_UNARY(d.tanh(x))),
    row<math::ErfOp>      (HEED_UNARY(d.erf(x))),
    row<math::SinOp>      (HEED_UNARY(d.sin(x))),
    row<math::CosOp>      (HEED_UNARY(d.cos(x))),
    row<math::FloorOp>    (HEED_UNARY(d.floor(x))),
    row<math::CeilOp>     (HEED_UNARY(d.ceil(x))),
    row<math::TruncOp>    (HEED_UNARY(d.trunc(x))),
    row<math::RoundEvenOp>(HEED_UNARY(d.roundEven(x))),
    row<attn::DecayOp>    (HEED_UNARY(d.decay(x))));
}();
// clang-format on

#undef HEED_UNARY
#undef HEED_BINARY
#undef HEED_TERNARY

} // namespace heed
