#include "compiler/graph/Linear.h"

using namespace Halide;

namespace heed {

LinearStages buildLinear(const LinearProgram &program, int strip, bool reachPast) {
  Var inStrip("in_strip"), strips("strip"), row("row"), column("column"), depth("depth");
  const int stripsOfPanel = program.panel / strip;

  LinearStages stages;
  Expr last = program.input.dim(1).extent() - 1;
  stages.inputs = Func("inputs");
  stages.inputs(depth, row) = program.input(depth, reachPast ? min(row, last) : row);

  RDom input(0, program.inputs, "input");
  stages.input = input;
  stages.product = Func("product");
  stages.product(inStrip, strips, row) = 0.0f;
  stages.product(inStrip, strips, row) +=
      program.weights((strips % stripsOfPanel) * strip + inStrip, input, strips / stripsOfPanel) *
      stages.inputs(input, row);

  stages.output = Func("output");
  stages.output(column, row) =
      program.epilogue(stages.product(column % strip, column / strip, row), row, column);
  return stages;
}

} // namespace heed
