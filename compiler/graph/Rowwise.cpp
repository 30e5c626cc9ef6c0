#include "compiler/graph/Rowwise.h"

using namespace Halide;

namespace heed {
namespace {

RowSumStages buildRowSum(Expr value, Var column, Var row, int columns, int lanes,
                         const std::string &name) {
  Func summand(name + "_value"); // inlined
  summand(column, row) = value;

  RowSumStages stages;
  Var lane("lane");
  RDom steps(0, (columns + lanes - 1) / lanes, name + "_step");
  Expr at = steps * lanes + lane;
  if (columns % lanes)
    steps.where(at < columns);
  stages.step = steps;
  stages.partial = Func(name + "_partial");
  stages.partial(lane, row) = 0.0f;
  stages.partial(lane, row) += summand(at, row);

  RDom all(0, lanes, name + "_lane");
  stages.lane = all;
  stages.sum = Func(name);
  stages.sum(row) = 0.0f;
  stages.sum(row) += stages.partial(all, row);
  return stages;
}

} // namespace

RowwiseStages buildRowwise(const RowwiseProgram &program, int lanes) {
  Var column("column"), row("row");
  RowwiseStages stages;
  stages.columns = program.columns;
  auto rowSum = [&](Expr value) -> Expr {
    std::string name = "row_sum_" + std::to_string(stages.sums.size());
    stages.sums.push_back(buildRowSum(value, column, row, program.columns, lanes, name));
    return stages.sums.back().sum(row);
  };
  Expr element = program.element(row, column, rowSum);
  stages.output = Func("output");
  stages.output(column, row) = element;
  return stages;
}

} // namespace heed
