#include "compiler/evaluate/StatusDomain.h"
#include "compiler/evaluate/BoundDomain.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <array>

using namespace mlir;

namespace heed {
namespace {

template <typename Op> Value append(Value x, Value y) {
  OpBuilder builder = OpBuilder::atBlockEnd(x.getParentBlock());
  return builder.createOrFold<Op>(x.getLoc(), x, y);
}

/// Where a value is null nothing is known: it may hold, and need not.
struct TruthOfBlock {
  Value may, all;

  static TruthOfBlock exactly(Value truth) { return {truth, truth}; }
  static TruthOfBlock less(const LinearForm &x, const LinearForm &y) {
    return {isLess(x.low, y.high), isLess(x.high, y.low)};
  }

  friend TruthOfBlock operator&&(const TruthOfBlock &x, const TruthOfBlock &y) {
    return {known<arith::AndIOp>(x.may, y.may), certain<arith::AndIOp>(x.all, y.all)};
  }
  friend TruthOfBlock operator||(const TruthOfBlock &x, const TruthOfBlock &y) {
    return {certain<arith::OrIOp>(x.may, y.may), known<arith::OrIOp>(x.all, y.all)};
  }
  TruthOfBlock operator!() const { return {all ? negation(all) : all, may ? negation(may) : may}; }

private:
  static Value isLess(Bound x, Bound y) {
    if (!x || !y)
      return {};
    OpBuilder builder = OpBuilder::atBlockEnd(x.getParentBlock());
    return builder.createOrFold<arith::CmpIOp>(x.getLoc(), arith::CmpIPredicate::slt, x, y);
  }
  /// Of two where one that is unknown decides nothing.
  template <typename Op> static Value known(Value x, Value y) {
    return x && y ? append<Op>(x, y) : x ? x : y;
  }
  /// Of two that both have to be known.
  template <typename Op> static Value certain(Value x, Value y) {
    return x && y ? append<Op>(x, y) : Value();
  }
};

/// The most elements of an axis, for each position of the block, that are worth loading to decide
/// about the block.
constexpr int64_t mostSpread = 2;

class StatusDomain : public BoundDomain<StatusDomain, TruthOfBlock> {
public:
  using BoundDomain::BoundDomain;

  FailureOr<Value> surroundings(Operation *op, ArrayRef<Value> operands) {
    FailureOr<Value> shared = BoundDomain::surroundings(op, operands);
    auto load = dyn_cast<attn::LoadOp>(op);
    if (succeeded(shared) || !load || isa<FloatType>(load.getType()))
      return shared;
    return loadBox(load, operands.drop_front());
  }

private:
  Value loadBox(attn::LoadOp load, ArrayRef<Value> indices) {
    SmallVector<mlir::Value> first, last;
    for (const Value &index : indices) {
      LinearForm form = index.form();
      if (!form.low || !form.high || form.spread > mostSpread)
        return load.getType().isInteger(1) ? Value(TruthOfBlock()) : Value();
      first.push_back(form.low);
      last.push_back(form.high);
    }
    mlir::Value tensor = copies.lookup(load.getTensor());
    OpBuilder builder = OpBuilder::atBlockEnd(tensor.getParentBlock());
    mlir::Value low =
        attn::LoadMinOp::create(builder, load.getLoc(), load.getType(), tensor, first, last);
    mlir::Value high =
        attn::LoadMaxOp::create(builder, load.getLoc(), load.getType(), tensor, first, last);
    if (load.getType().isInteger(1))
      return TruthOfBlock{high, low};
    LinearForm interval = between(asIndex(low), asIndex(high));
    interval.nonNegative = false;
    interval.spread = anywhere;
    return interval;
  }
};

/// Status that takes more operations, written out as a tree, is given up.
constexpr int64_t mostOperations = 512;

/// Whether two values of one region are the same for first = last.
bool sameForOneQuery(Value x, Value y) {
  if (x == y)
    return true;
  auto isQuery = [](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && (argument.getArgNumber() == 2 || argument.getArgNumber() == 3);
  };
  if (isQuery(x) && isQuery(y))
    return true;
  Operation *a = x.getDefiningOp(), *b = y.getDefiningOp();
  return a && b && a->getName() == b->getName() && a->getAttrs() == b->getAttrs() &&
         a->getNumOperands() == b->getNumOperands() &&
         llvm::equal(a->getOperands(), b->getOperands(), sameForOneQuery);
}

} // namespace

bool leavesUndecided(attn::MaskOp mask) {
  auto bounds = mask.getRanges().front().getTerminator()->getOperands();
  return !sameForOneQuery(bounds[0], bounds[2]) || !sameForOneQuery(bounds[1], bounds[3]);
}

FailureOr<std::array<Value, 2>> evaluateStatus(attn::MaskOp mask, Block *block) {
  IRMapping copies = copyUniform(mask, block);
  StatusDomain domain(copies);
  auto argument = [&](unsigned i) { return block->getArgument(i); };
  auto yielded = evaluateRegion<StatusDomain>(mask.getBody(),
                                              {exactly(argument(0)), exactly(argument(1)),
                                               between(argument(2), argument(3)),
                                               between(argument(4), argument(5))},
                                              domain);
  TruthOfBlock truth = (*yielded)[0].truth();
  TreeSize tree;
  for (Value *part : {&truth.may, &truth.all})
    if (*part && tree.of(*part) > mostOperations)
      *part = Value();
  if ((!truth.may || constantOf(truth.may) == 1) && (!truth.all || constantOf(truth.all) == 0))
    return failure();
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  auto orConstant = [&](Value known, bool otherwise) -> Value {
    return known ? known : arith::ConstantIntOp::create(builder, mask.getLoc(), otherwise, 1);
  };
  return std::array<Value, 2>{orConstant(truth.may, true), orConstant(truth.all, false)};
}

} // namespace heed
