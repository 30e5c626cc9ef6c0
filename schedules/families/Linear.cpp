#include "schedules/families/Linear.h"

#include "schedules/families/PanelPrefetch.h"

#include <algorithm>

using namespace Halide;

namespace heed {
namespace {

Expr divideUp(Expr a, Expr b) { return (a + b - 1) / b; }

class LinearScheduler {
public:
  LinearScheduler(LinearStages &stages, const LinearProgram &program, const LinearPlan &plan,
                  const TargetInfo &target)
      : stages(stages), program(program), plan(plan), lanes(target.lanes),
        strip(stripColumns(plan, target)), output(stages.output) {}

  Pipeline run() {
    describeBuffers();
    scheduleOutput();
    scheduleProduct();
    Pipeline pipeline(output);
    if (plan.prefetch && program.outputs > PanelPrefetch::kPanelsAhead * program.panel)
      pipeline.add_custom_lowering_pass(new PanelPrefetch(stages.product.name(), tile.name(),
                                                          program.weights.name(), program.panel));
    return pipeline;
  }

private:
  LinearStages &stages;
  const LinearProgram &program;
  const LinearPlan &plan;
  const int lanes, strip;
  Func output;
  Var tile{"row_tile"};

  void describeBuffers() {
    output.output_buffer().dim(0).set_bounds(0, program.outputs);
    output.output_buffer().dim(1).set_min(0);
  }

  // Rows are cut into equally high tiles, and the last one moved back to end with the rows: so no
  // tile is guarded, and 9 rows cost 10, not 16. Each height is a loop nest of its own. (Any of
  // them is right where its height is at most the number of rows.)
  void scheduleOutput() {
    Expr rows = output.output_buffer().dim(1).extent();
    Expr height = divideUp(rows, divideUp(rows, plan.rowTile));
    for (int h = 1; h < plan.rowTile; h++)
      scheduleTiles(output.specialize(height == h), h);
    scheduleTiles(output, plan.rowTile);
  }

  void scheduleTiles(Stage stage, int height) {
    Var column = output.args()[0], row = output.args()[1];
    Var strips("strip"), stripInPanel("strip_in_panel"), panel("panel");
    Var vector("vector"), lane("lane"), rowInTile("row_in_tile"), block("block"), task("task");
    stage.split(column, strips, column, strip, TailStrategy::GuardWithIf)
        .split(column, vector, lane, lanes)
        .split(strips, panel, stripInPanel, program.panel / strip, TailStrategy::GuardWithIf)
        .split(row, tile, rowInTile, height, TailStrategy::ShiftInwards)
        .split(tile, block, tile, plan.rowsPerTask / height, TailStrategy::GuardWithIf)
        .reorder(lane, vector, rowInTile, tile, stripInPanel, panel, block)
        .vectorize(lane)
        .unroll(vector)
        .unroll(rowInTile)
        .fuse(panel, block, task)
        .parallel(task)
        .partition(task, Partition::Never);
  }

  void scheduleProduct() {
    Func product = stages.product;
    Var column = product.args()[0], strips = product.args()[1], row = product.args()[2];
    Var lane("lane");
    // The bounds tell Halide what guards of the output's tails hide from it.
    product.compute_at(output, tile)
        .store_in(MemoryType::Register)
        .bound_extent(column, strip)
        .bound_extent(strips, 1)
        .vectorize(column, lanes)
        .unroll(column)
        .unroll(strips)
        .unroll(row);
    product.update()
        .split(column, column, lane, lanes)
        .reorder(lane, column, strips, row, stages.input)
        .vectorize(lane)
        .unroll(column)
        .unroll(strips)
        .unroll(row);
  }
};

} // namespace

LinearPlan defaultLinearPlan(int panel, const TargetInfo &target) {
  const int vectors = std::max(1, panel / target.lanes);
  LinearPlan plan;
  plan.columnVectors = vectors % 3 == 0 ? 3 : vectors % 2 == 0 ? 2 : 1;
  // Three quarters of the registers hold sums, the others a row of weights and an input.
  plan.rowTile = std::min(8, target.registers * 3 / 4 / plan.columnVectors);
  // Narrower vectors multiply more slowly than the hardware's own prefetchers bring panels.
  plan.prefetch = target.lanes >= 16;
  return plan;
}

Pipeline scheduleLinear(LinearStages &stages, const LinearProgram &program, const LinearPlan &plan,
                        const TargetInfo &target) {
  return LinearScheduler(stages, program, plan, target).run();
}

// Blocks of inputs keep both orders of the weights' storage within a few cache lines.
Pipeline schedulePack(PackStages &stages, const PackProgram &program) {
  Func packed = stages.packed;
  Var inPanel = packed.args()[0], input = packed.args()[1], panel = packed.args()[2];
  Var inBlock("in_block");
  packed.output_buffer().dim(0).set_bounds(0, program.panel);
  packed.split(input, input, inBlock, 16, TailStrategy::GuardWithIf)
      .reorder(inBlock, inPanel, input, panel)
      .parallel(panel);
  return Pipeline(packed);
}

} // namespace heed
