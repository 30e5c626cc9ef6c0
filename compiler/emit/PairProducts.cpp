#include "compiler/emit/PairProducts.h"

#include "compiler/emit/OrderedSums.h"
#include "compiler/evaluate/Storage.h"

using namespace Halide::Internal;
using Halide::Expr;
using Halide::Type;

namespace heed {
namespace {

constexpr int fewestLanes = 4; // of the operation

/// As Halide's code generator knows it.
Expr atOnce(const Expr &sum, const Expr &x, const Expr &y) {
  const int lanes = sum.type().lanes();
  auto numbers = [&](const Expr &words) {
    return Cast::make(Halide::Float(32, 2 * lanes),
                      Reinterpret::make(Halide::BFloat(16, 2 * lanes), words));
  };
  return Add::make(sum,
                   VectorReduce::make(VectorReduce::Add, Mul::make(numbers(x), numbers(y)), lanes));
}

Expr oneByOne(const Expr &sum, const Expr &x, const Expr &y) {
  auto [x0, x1] = numbersOf(x);
  auto [y0, y1] = numbersOf(y);
  Expr second = strict(Call::strict_add, sum, strict(Call::strict_mul, x1, y1));
  return strict(Call::strict_add, second, strict(Call::strict_mul, x0, y0));
}

Expr wordBits(const Expr &number) {
  int lanes = number.type().lanes();
  return Cast::make(Halide::UInt(32, lanes), Reinterpret::make(Halide::UInt(16, lanes), number));
}

/// Two numbers that follow each other in memory are one load of both. LLVM would come to that, too,
/// but then no longer know that the load reads no sum: each would be stored as soon as it is had.
Expr loadedWord(const Expr &first, const Expr &second) {
  const Load *a = first.as<Load>(), *b = second.as<Load>();
  if (!a || !b || a->name != b->name || !first.type().is_scalar() ||
      !is_const_one(simplify(b->index - a->index)))
    return wordBits(first) | (wordBits(second) << 16);
  Expr both = Load::make(a->type.with_lanes(2), a->name, Ramp::make(a->index, 1, 2), a->image,
                         a->param, const_true(2), ModulusRemainder());
  return Reinterpret::make(Halide::UInt(32), both);
}

/// One operation rounds two vectors, and writes one behind the other.
Expr roundedAtOnce(const Expr &first, const Expr &second) {
  const int lanes = first.type().lanes();
  Expr halves =
      Reinterpret::make(Halide::UInt(16, 2 * lanes),
                        Call::make(Halide::BFloat(16, 2 * lanes), "vcvtne2ps2bf16",
                                   {Shuffle::make_concat({first, second})}, Call::PureExtern));
  std::vector<int> inTurn;
  for (int lane = 0; lane < lanes; lane++)
    inTurn.insert(inTurn.end(), {lane, lanes + lane});
  return Reinterpret::make(Halide::UInt(32, lanes), Shuffle::make({halves}, inTurn));
}

Expr roundedOneByOne(const Expr &first, const Expr &second) {
  auto word = [](const Expr &number) {
    return Cast::make(Halide::UInt(32, number.type().lanes()),
                      roundedWord(number, Halide::BFloat(16)));
  };
  return word(first) | (word(second) << 16);
}

const Call *asCall(const Expr &e, const char *name) {
  const Call *call = e.as<Call>();
  return call && call->name == name ? call : nullptr;
}

} // namespace

Expr PairProducts::plusProducts(const Expr &sum, const Call *products) {
  Expr x = mutate(products->args[0]), y = mutate(products->args[1]);
  return hasOperation && sum.type().lanes() >= fewestLanes ? atOnce(sum, x, y)
                                                           : oneByOne(sum, x, y);
}

Expr PairProducts::visit(const Call *call) {
  if (call->is_intrinsic(Call::strict_add))
    for (int side : {0, 1})
      if (const Call *products = asCall(call->args[size_t(side)], pairProducts))
        return plusProducts(mutate(call->args[size_t(1 - side)]), products);
  if (call->name == pairProducts)
    return plusProducts(make_zero(call->type), call);
  if (call->name == pairRounded) {
    Expr first = mutate(call->args[0]), second = mutate(call->args[1]);
    return hasOperation && call->type.lanes() == 16 ? roundedAtOnce(first, second)
                                                    : roundedOneByOne(first, second);
  }
  if (call->name == pairWord)
    return loadedWord(mutate(call->args[0]), mutate(call->args[1]));
  return IRMutator::visit(call);
}

} // namespace heed
