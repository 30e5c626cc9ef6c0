#include "compiler/graph/Operand.h"

using namespace Halide;

namespace heed {

PairOperand PairOperand::loaded(OperandElement element, std::string buffer) {
  PairOperand operand;
  operand.element = std::move(element);
  operand.name = std::move(buffer);
  return operand;
}

PairOperand PairOperand::made(OperandMaker rows, std::string buffer, bool inOrder, bool inPairs) {
  PairOperand operand;
  operand.make = std::move(rows);
  operand.name = std::move(buffer);
  operand.inOrder = inOrder;
  operand.inPairs = inPairs;
  return operand;
}

PairOperand PairOperand::storedInPairs(OperandElement element) && {
  asStored = std::move(element);
  return std::move(*this);
}

PairOperand PairOperand::factored(PairOperand rows, RowNumber factor) && {
  withoutFactor = std::make_shared<const PairOperand>(std::move(rows));
  rowFactor = std::move(factor);
  return std::move(*this);
}

PairOperand PairOperand::whole() const {
  PairOperand operand = *this;
  operand.withoutFactor = nullptr, operand.rowFactor = nullptr;
  return operand;
}

OperandRows PairOperand::rows(const std::string &name, const RowPlace &row) const {
  if (isMade())
    return make(name, row);
  OperandRows rows;
  rows.element = [element = element, row](Expr column) {
    return element(column, row.at[0], row.at[1], row.at[2]);
  };
  return rows;
}

Expr positionThatExists(Expr position, Expr length, Expr positions) {
  return unsafe_promise_clamped(max(min(position, length - 1), 0), 0, positions - 1);
}

ProjectionStages buildProjection(const ProjectionProgram &program, const std::string &name) {
  Var column("column"), head("head"), position("position"), batch("batch"), d("d");
  ProjectionStages stages;
  stages.columns = program.columns;
  Expr at = positionThatExists(position, program.length(batch), program.positions);
  stages.input = Func(name + "_input");
  if (program.input.isMade()) {
    OperandRows rows =
        program.input.rows(name + "_input", {{head, position, batch}, {head, at, batch}});
    stages.made = rows.made;
    stages.input(d, head, position, batch) = rows.element(d);
  } else {
    stages.input(d, head, position, batch) = program.input(d, head, at, batch);
  }

  RDom depth(0, program.inputs, name + "_depth");
  stages.depth = depth;
  stages.sum = Func(name + "_sum");
  stages.sum(column, head, position, batch) = Internal::make_zero(program.type);
  stages.sum(column, head, position, batch) +=
      stages.input(depth, head, position, batch) * program.weight(column, depth, head);
  stages.output = Func(name);
  stages.output(column, head, position, batch) = stages.sum(column, head, position, batch);
  stages.output.bound(position, 0, program.positions);
  return stages;
}

} // namespace heed
