#include "compiler/reference/Together.h"

#include "llvm/ADT/DenseMap.h"

#include <cmath>

using namespace mlir;
using namespace heed;

/// NaN where one of the two is.
static double larger(double x, double y) { return std::isnan(x) || x > y ? x : y; }

static double reduce(Operation *op, double sofar, double here) {
  return isa<attn::BlockMaxOp>(op) ? larger(sofar, here) : sofar + here;
}

FailureOr<std::vector<Numbers>> heed::evaluateTogether(Region &region, ArrayRef<Numbers> elements,
                                                       Context<Number> context) {
  // One after the other, in the order of the body: an op may use what those before it give.
  DenseMap<Operation *, double> results;
  Operation *current = nullptr;
  auto look = [&](Operation *op, const Number &here) {
    if (op == current)
      results[op] = reduce(op, results[op], here.asReal());
    return Number(results.lookup(op));
  };
  context.rowSum = look, context.blockMax = look, context.blockSum = look;

  for (Operation &op : region.front()) {
    if (!isa<attn::RowSumOp, attn::BlockMaxOp, attn::BlockSumOp>(op))
      continue;
    current = &op;
    results[current] = isa<attn::BlockMaxOp>(op) ? attn::noScore : 0;
    for (const Numbers &element : elements)
      if (failed(evaluate(region, element, context)))
        return failure();
  }
  current = nullptr;
  std::vector<Numbers> yielded;
  for (const Numbers &element : elements) {
    FailureOr<Numbers> values = evaluate(region, element, context);
    if (failed(values))
      return failure();
    yielded.push_back(*values);
  }
  return yielded;
}
