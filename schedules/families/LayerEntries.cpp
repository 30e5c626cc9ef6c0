#include "schedules/families/LayerEntries.h"

#include "compiler/dialect/KernelView.h"
#include "compiler/graph/LayerPrograms.h"
#include "schedules/families/Linear.h"
#include "schedules/families/Rowwise.h"
#include "schedules/families/StageOf.h"

namespace heed {
namespace {

/// An entry of one stage with one result.
Entry singleStage(const Signature &signature, Halide::Pipeline pipeline, const Operands &operands,
                  const TargetInfo &target) {
  Stage stage = stageOf(std::move(pipeline), operands, target);
  stage.arguments.push_back(unsigned(stage.arguments.size()));
  return {signature, {std::move(stage)}};
}

mlir::FailureOr<Entry> linearEntry(attn::KernelOp kernel, const LinearPlan &plan,
                                   const TargetInfo &target) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  Operands operands(*signature);
  mlir::FailureOr<LinearProgram> program = readLinear(kernel, operands);
  if (failed(program))
    return mlir::failure();
  const int strip = stripColumns(plan, target);
  if (program->panel % strip != 0)
    return kernel.emitOpError() << "has panels of " << program->panel
                                << " columns, which column_vectors " << plan.columnVectors
                                << " of the plan, " << strip << " columns on " << target.name
                                << ", does not divide";
  LinearStages stages = buildLinear(*program, strip);
  return singleStage(*signature, scheduleLinear(stages, *program, plan, target), operands, target);
}

mlir::FailureOr<Entry> packEntry(attn::KernelOp kernel, const TargetInfo &target) {
  mlir::FailureOr<Signature> signature = packSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  Operands operands(*signature);
  mlir::FailureOr<PackProgram> program = readPack(kernel, operands.buffers().front());
  if (failed(program))
    return mlir::failure();
  PackStages stages = buildPack(*program);
  return singleStage(*signature, schedulePack(stages, *program), operands, target);
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
  Operands operands(*signature);
  mlir::FailureOr<RowwiseProgram> program = readRowwise(kernel, operands);
  if (failed(program))
    return mlir::failure();
  RowwiseStages stages = buildRowwise(*program, rowSumLanes(program->columns, plan, target));
  return std::vector<Entry>{
      singleStage(*signature, scheduleRowwise(stages, plan, target), operands, target)};
}

mlir::FailureOr<LinearPlan> defaultLinearPlan(attn::KernelOp kernel, const TargetInfo &target) {
  mlir::FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return mlir::failure();
  return defaultLinearPlan(int(panelWidth(view->outputs)), target);
}

} // namespace heed
