#include "schedules/families/LayerEntries.h"

#include "compiler/dialect/KernelView.h"
#include "compiler/graph/LayerPrograms.h"
#include "schedules/families/KernelTarget.h"
#include "schedules/families/Linear.h"
#include "schedules/families/Rowwise.h"

#include <numeric>

namespace heed {
namespace {

/// An entry of one stage that takes all arguments as they come.
Entry singleStage(const Signature &signature, Halide::Pipeline pipeline,
                  const std::vector<Halide::ImageParam> &buffers, const TargetInfo &target) {
  Stage stage;
  stage.pipeline = std::move(pipeline);
  stage.inputs.assign(buffers.begin(), buffers.end());
  stage.arguments.resize(signature.arguments.size());
  std::iota(stage.arguments.begin(), stage.arguments.end(), 0);
  stage.target = kernelTarget(target);
  return {signature, {std::move(stage)}};
}

mlir::FailureOr<Entry> linearEntry(attn::KernelOp kernel, const LinearPlan &plan,
                                   const TargetInfo &target) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  std::vector<Halide::ImageParam> buffers = argumentBuffers(*signature);
  mlir::FailureOr<LinearProgram> program = readLinear(kernel, buffers);
  if (failed(program))
    return mlir::failure();
  const int strip = stripColumns(plan, target);
  if (program->panel % strip != 0)
    return kernel.emitOpError() << "has panels of " << program->panel
                                << " columns, which column_vectors " << plan.columnVectors
                                << " of the plan, " << strip << " columns on " << target.name
                                << ", does not divide";
  LinearStages stages = buildLinear(*program, strip);
  return singleStage(*signature, scheduleLinear(stages, *program, plan, target), buffers, target);
}

mlir::FailureOr<Entry> packEntry(attn::KernelOp kernel, const TargetInfo &target) {
  mlir::FailureOr<Signature> signature = packSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  std::vector<Halide::ImageParam> buffers = argumentBuffers(*signature);
  mlir::FailureOr<PackProgram> program = readPack(kernel, buffers.front());
  if (failed(program))
    return mlir::failure();
  PackStages stages = buildPack(*program);
  return singleStage(*signature, schedulePack(stages, *program), buffers, target);
}

} // namespace

mlir::FailureOr<std::vector<Entry>> linearEntries(attn::KernelOp kernel, const LinearPlan &plan,
                                                  const TargetInfo &target) {
  mlir::FailureOr<Entry> linear = linearEntry(kernel, plan, target);
  if (failed(linear))
    return mlir::failure();
  mlir::FailureOr<Entry> pack = packEntry(kernel, target);
  if (failed(pack))
    return mlir::failure();
  return std::vector<Entry>{std::move(*linear), std::move(*pack)};
}

mlir::FailureOr<std::vector<Entry>> rowwiseEntries(attn::KernelOp kernel, const RowwisePlan &plan,
                                                   const TargetInfo &target) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  std::vector<Halide::ImageParam> buffers = argumentBuffers(*signature);
  mlir::FailureOr<RowwiseProgram> program = readRowwise(kernel, buffers);
  if (failed(program))
    return mlir::failure();
  RowwiseStages stages = buildRowwise(*program, rowSumLanes(program->columns, plan, target));
  return std::vector<Entry>{
      singleStage(*signature, scheduleRowwise(stages, plan, target), buffers, target)};
}

mlir::FailureOr<LinearPlan> defaultLinearPlan(attn::KernelOp kernel, const TargetInfo &target) {
  mlir::FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return mlir::failure();
  return defaultLinearPlan(int(panelWidth(view->outputs)), target);
}

} // namespace heed
