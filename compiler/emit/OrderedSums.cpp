#include "compiler/emit/OrderedSums.h"

using namespace Halide::Internal;

namespace heed {

Halide::Expr strict(Call::IntrinsicOp operation, const Halide::Expr &a, const Halide::Expr &b) {
  return Call::make(a.type(), operation, {a, b}, Call::PureIntrinsic);
}

namespace {

Halide::Expr multiplyAdd(const Halide::Expr &a, const Halide::Expr &b, const Halide::Expr &c) {
  const char *name = a.type().bits() == 64 ? "llvm.fma.f64" : "llvm.fma.f32";
  return Call::make(a.type(), name, {a, b, c}, Call::PureExtern);
}

Halide::Expr negative(const Halide::Expr &a) {
  return strict(Call::strict_mul, a, make_const(a.type(), -1));
}

/// Of every `perSum` lanes of `value` the part'th of so many parts.
Halide::Expr lanesOf(const Halide::Expr &value, int perSum, int parts, int part) {
  const int width = perSum / parts;
  std::vector<int> lanes;
  for (int first = part * width; first < value.type().lanes(); first += perSum)
    for (int i = 0; i < width; ++i)
      lanes.push_back(first + i);
  return Shuffle::make({value}, lanes);
}

} // namespace

Halide::Expr OrderedSums::sum(const Halide::Expr &a, const Halide::Expr &b, bool isDifference) {
  const Mul *left = a.as<Mul>(), *right = b.as<Mul>();
  auto signedly = [&](const Halide::Expr &x) { return isDifference ? negative(x) : x; };
  auto second = [&] {
    return left && right ? Mul::make(mutate(right->a), mutate(right->b)) : mutate(b);
  };
  if (fuses(a.type()) && left)
    return multiplyAdd(mutate(left->a), mutate(left->b), signedly(second()));
  if (fuses(a.type()) && right)
    return multiplyAdd(signedly(mutate(right->a)), mutate(right->b), mutate(a));
  return strict(isDifference ? Call::strict_sub : Call::strict_add, mutate(a), second());
}

Halide::Expr OrderedSums::visit(const Add *op) {
  return op->type.is_float() ? sum(op->a, op->b, /*isDifference=*/false) : IRMutator::visit(op);
}

Halide::Expr OrderedSums::visit(const Sub *op) {
  return op->type.is_float() ? sum(op->a, op->b, /*isDifference=*/true) : IRMutator::visit(op);
}

Halide::Expr OrderedSums::visit(const Mul *product) {
  if (!product->type.is_float())
    return IRMutator::visit(product);
  return strict(Call::strict_mul, mutate(product->a), mutate(product->b));
}

Halide::Expr OrderedSums::visit(const VectorReduce *reduce) {
  if (reduce->op != VectorReduce::Add || !reduce->type.is_float())
    return IRMutator::visit(reduce);
  Halide::Expr value = mutate(reduce->value);
  while (value.type().lanes() > reduce->type.lanes()) {
    const int perSum = value.type().lanes() / reduce->type.lanes();
    const int parts = perSum % 2 == 0 ? 2 : perSum;
    Halide::Expr sum = lanesOf(value, perSum, parts, 0);
    for (int part = 1; part < parts; ++part)
      sum = strict(Call::strict_add, sum, lanesOf(value, perSum, parts, part));
    value = sum;
  }
  return value;
}

} // namespace heed
