#include "compiler/graph/Pack.h"

using namespace Halide;

namespace heed {

PackStages buildPack(const PackProgram &program) {
  Var inPanel("in_panel"), input("input"), panel("panel");
  Expr output = panel * program.panel + inPanel;
  // Only the last panel of outputs that panels do not divide is padded.
  Expr weight = program.outputs % program.panel == 0
                    ? program.weights(output, input)
                    : select(output < program.outputs,
                             program.weights(min(output, program.outputs - 1), input), 0.0f);
  PackStages stages;
  stages.packed = Func("packed");
  stages.packed(inPanel, input, panel) = weight;
  return stages;
}

} // namespace heed
