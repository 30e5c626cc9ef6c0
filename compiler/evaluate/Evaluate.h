// The region evaluator: walks the operations of a region once, in order, and asks a domain what
// each one gives. Included by the domains only; readers of regions include a domain's header.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/dialect/Loads.h"
#include "compiler/evaluate/Context.h"
#include "compiler/evaluate/OperationTable.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

namespace heed {

/// Gives `op`'s value by the row of the table that has it, if one has and the domain knows all it
/// uses.
template <typename Domain>
mlir::FailureOr<typename Domain::Value> evaluateByTable(mlir::Operation *op, Domain &domain,
                                                        llvm::ArrayRef<typename Domain::Value> x) {
  mlir::FailureOr<typename Domain::Value> result = mlir::failure();
  auto tryOp = [&]<typename Op>(const auto &meaning, Op typed) {
    if (!typed)
      return false;
    auto apply = [&](const auto &...operands) {
      if constexpr (std::is_invocable_v<decltype(meaning), Domain &, Op, decltype(operands)...>)
        result = meaning(domain, typed, operands...);
    };
    if constexpr (Op::template hasTrait<mlir::OpTrait::OneOperand>())
      apply(x[0]);
    else if constexpr (Op::template hasTrait<mlir::OpTrait::NOperands<2>::Impl>())
      apply(x[0], x[1]);
    else
      apply(x[0], x[1], x[2]);
    return true;
  };
  auto tryRow = [&]<typename Meaning, typename... Ops>(const Row<Meaning, Ops...> &row) {
    return (tryOp(row.meaning, llvm::dyn_cast<Ops>(op)) || ...);
  };
  std::apply([&](const auto &...rows) { (void)(tryRow(rows) || ...); }, operationTable);
  return result;
}

/// Evaluates `region` for the values `parameters` of its arguments before the captures: the values
/// of its terminator, or those `wanted` of its block. A domain has
/// - `Value`, and on it what the table asks for;
/// - `surroundings(op, operands)`: the value of an op whose meaning depends on where the region
/// stands, such as a
///   load, or nothing where the table knows better;
/// - `unknown(op)`: the value of an op that neither knows, or a located failure.
template <typename Domain>
mlir::FailureOr<llvm::SmallVector<typename Domain::Value>>
evaluateRegion(mlir::Region &region, llvm::ArrayRef<typename Domain::Value> parameters,
               Domain &domain, mlir::ValueRange wanted = {}) {
  using Value = typename Domain::Value;
  mlir::Block &block = region.front();
  llvm::DenseMap<mlir::Value, Value> values;
  for (auto [value, argument] : llvm::zip_first(parameters, block.getArguments()))
    values.try_emplace(argument, value);
  auto valuesOf = [&](mlir::ValueRange operands) {
    return llvm::map_to_vector(operands,
                               [&](mlir::Value operand) { return values.lookup(operand); });
  };
  for (mlir::Operation &op : block.without_terminator()) {
    llvm::SmallVector<Value> operands = valuesOf(op.getOperands());
    mlir::FailureOr<Value> result = domain.surroundings(&op, operands);
    if (failed(result))
      result = evaluateByTable(&op, domain, llvm::ArrayRef<Value>(operands));
    if (failed(result))
      result = domain.unknown(&op);
    if (failed(result))
      return mlir::failure();
    values.try_emplace(op.getResult(0), *result);
  }
  return valuesOf(wanted.empty() ? mlir::ValueRange(block.getTerminator()->getOperands()) : wanted);
}

/// What domains that compute values share: everything their surroundings give comes from a Context.
/// `Derived` has `constant(attribute)`, `integer(n)`, `max` and `min`.
template <typename Derived, typename V> class ContextDomain {
public:
  using Value = V;
  explicit ContextDomain(const Context<V> &context) : context(context) {}

  mlir::FailureOr<V> surroundings(mlir::Operation *op, llvm::ArrayRef<V> operands) {
    using Result = mlir::FailureOr<V>;
    return llvm::TypeSwitch<mlir::Operation *, Result>(op)
        .Case(
            [&](mlir::arith::ConstantOp constant) { return self().constant(constant.getValue()); })
        .Case([&](attn::LoadOp load) { return this->load(load, operands.drop_front()); })
        .Case([&](attn::ExtentOp op) { return this->extent(op.getTensor(), op.getAxis()); })
        .Case([&](attn::QueryLengthOp) { return context.queryLength(); })
        .Case([&](attn::KeyLengthOp) { return context.keyLength(); })
        .Case([&](attn::QueryOffsetOp) { return context.queryOffset(); })
        .Case([&](attn::RowSumOp sum) { return context.rowSum(sum, operands[0]); })
        .Case([&](attn::BlockMaxOp max) { return context.blockMax(max, operands[0]); })
        .Case([&](attn::BlockSumOp sum) { return context.blockSum(sum, operands[0]); })
        .Case([&](attn::LoadMinOp load) { return this->bound(load, operands, context.loadMin); })
        .Case([&](attn::LoadMaxOp load) { return this->bound(load, operands, context.loadMax); })
        .Case([&](attn::SegmentBeginOp segment) {
          return context.segmentBegin(attn::captureNumber(segment.getStarts()), operands[1]);
        })
        .Case([&](attn::SegmentEndOp segment) {
          return context.segmentEnd(attn::captureNumber(segment.getStarts()), operands[1]);
        })
        .Default([](mlir::Operation *) -> Result { return mlir::failure(); });
  }

  mlir::FailureOr<V> unknown(mlir::Operation *op) {
    return op->emitOpError("is not supported in a region; what is stands in "
                           "compiler/evaluate/OperationTable.h");
  }

private:
  Derived &self() { return static_cast<Derived &>(*this); }

  /// Clamps the indices that are no positions of the region: the one place where that happens.
  V load(attn::LoadOp op, llvm::ArrayRef<V> indices) {
    llvm::SmallVector<V> inRange(indices);
    for (unsigned axis = 0; axis < indices.size(); ++axis)
      if (!attn::isTied(op, axis))
        inRange[axis] = clamped(op.getTensor(), axis, indices[axis]);
    return context.load(attn::captureNumber(op.getTensor()), inRange);
  }

  template <typename Op, typename Bound>
  V bound(Op op, llvm::ArrayRef<V> operands, const Bound &ofBox) {
    unsigned rank = op.getFirst().size();
    llvm::SmallVector<V> first, last;
    for (unsigned axis = 0; axis < rank; ++axis) {
      first.push_back(clamped(op.getTensor(), axis, operands[1 + axis]));
      last.push_back(clamped(op.getTensor(), axis, operands[1 + rank + axis]));
    }
    return ofBox(attn::captureNumber(op.getTensor()), first, last);
  }

  V extent(mlir::Value tensor, unsigned axis) {
    auto type = llvm::cast<mlir::RankedTensorType>(tensor.getType());
    return type.isDynamicDim(axis) ? context.extent(attn::captureNumber(tensor), axis)
                                   : self().integer(type.getDimSize(axis));
  }

  V clamped(mlir::Value tensor, unsigned axis, const V &index) {
    V last = extent(tensor, axis) - self().integer(1);
    return self().max(self().min(index, last), self().integer(0));
  }

protected:
  const Context<V> &context;
};

} // namespace heed
