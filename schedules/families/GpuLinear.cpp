#include "schedules/families/GpuLinear.h"
#include "schedules/families/GpuBlock.h"

using namespace Halide;

namespace heed {
namespace {

class GpuLinearScheduler : GpuBlock {
public:
  GpuLinearScheduler(LinearStages &stages, const LinearProgram &program, const GpuLinearPlan &plan)
      : GpuBlock(plan.columnThreads, plan.rowThreads), stages(stages), program(program),
        plan(plan) {}

  Pipeline run() {
    scheduleOutput();
    scheduleProduct();
    return Pipeline(stages.output);
  }

private:
  LinearStages &stages;
  const LinearProgram &program;
  const GpuLinearPlan &plan;
  LoopLevel task;         // a block of threads
  Var ri{"ri"}, ci{"ci"}; // of a register tile

  int rows() const { return plan.rowThreads * plan.rowRegisters; }

  void scheduleOutput() {
    Func out = stages.output;
    out.output_buffer().dim(0).set_bounds(0, program.outputs);
    out.output_buffer().dim(1).set_min(0);
    Var column = out.args()[0], row = out.args()[1], panel("panel");
    out.split(column, panel, column, program.panel, TailStrategy::GuardWithIf);
    deal(out, column, x, xThreads, ci, plan.columnRegisters);
    deal(out, row, y, yThreads, ri, plan.rowRegisters);
    out.reorder({ci, ri, x, y, column, panel, row})
        .gpu_blocks(column, panel, row)
        .gpu_threads(x, y);
    task = {out, column};
  }

  /// A register tile goes from thread to thread, `inner` in each of them.
  void dealTiles(Stage stage, Func product, std::vector<VarOrRVar> outer = {}) {
    Var inStrip = product.args()[0], strips = product.args()[1], row = product.args()[2];
    deal(stage, row, y, yThreads, ri, plan.rowRegisters);
    std::vector<VarOrRVar> order = {inStrip, ri, strips, row, x, y};
    order.insert(order.end(), outer.begin(), outer.end());
    stage.split(strips, strips, x, xThreads).unroll(inStrip).reorder(order).gpu_threads(x, y);
  }

  void scheduleProduct() {
    Func product = stages.product;
    Var inStrip = product.args()[0], strips = product.args()[1], row = product.args()[2];
    share(product, task, {plan.columnRegisters, plan.columnThreads, rows()});
    // The bounds tell Halide what guards of the output's tails hide from it.
    product.bound_extent(inStrip, plan.columnRegisters)
        .bound_extent(strips, plan.columnThreads)
        .bound_extent(row, rows());
    dealTiles(product, product);

    RVar step("step"), input("input_in_step");
    Var ofStep("of_step");
    product.update().split(stages.input, step, input, plan.inputTile, TailStrategy::GuardWithIf);
    Func partial = product.update().rfactor(step, ofStep);
    dealTiles(product.update(), product, {step});
    partial.compute_at(product, strips);
    sumInRegisters(partial, {inStrip, row}, input, {plan.columnRegisters, 1, plan.rowRegisters},
                   plan.reduceUnroll);

    // A thread's rows, and its columns, lie side by side.
    ImageParam packed = program.weights;
    Func inputs = stages.inputs, weights = packed.in(partial);
    share(inputs, {product, step}, {plan.inputTile, rows() + bankShift});
    inputs.reorder_storage(inputs.args()[1], inputs.args()[0]);
    onThreads(inputs, 0, 1);
    share(weights, {product, step}, {program.panel, plan.inputTile});
    onThreads(weights, 0, 1);
  }
};

} // namespace

GpuLinearPlan defaultGpuLinearPlan(int panel) {
  GpuLinearPlan plan;
  plan.columnThreads = panel / plan.columnRegisters;
  return plan;
}

Pipeline scheduleGpuLinear(LinearStages &stages, const LinearProgram &program,
                           const GpuLinearPlan &plan) {
  return GpuLinearScheduler(stages, program, plan).run();
}

} // namespace heed
