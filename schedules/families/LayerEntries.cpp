#include "schedules/families/LayerEntries.h"

#include "compiler/dialect/KernelView.h"
#include "compiler/graph/LayerPrograms.h"
#include "schedules/families/GpuLinear.h"
#include "schedules/families/GpuRows.h"
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

/// `columns`, those that `numbers` of the plan put side by side, divide the kernel's panels.
mlir::LogicalResult checkPanel(attn::KernelOp kernel, int columns, const std::string &numbers,
                               const TargetInfo &target) {
  mlir::FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return mlir::failure();
  const int64_t panel = panelWidth(view->outputs);
  if (panel % columns == 0)
    return mlir::success();
  return kernel.emitOpError() << "has panels of " << panel << " columns, which " << numbers
                              << " of the plan, " << columns << " columns on " << target.name
                              << ", does not divide";
}

/// NAME, scheduled by `schedule`, and NAME_pack, by `schedulePacking`.
template <typename Schedule, typename SchedulePacking>
mlir::FailureOr<std::vector<Entry>> entriesOf(attn::KernelOp kernel, const TargetInfo &target,
                                              Schedule schedule, SchedulePacking schedulePacking) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel), packing = packSignature(kernel);
  if (failed(signature) || failed(packing))
    return mlir::failure();
  Operands operands(*signature, waysOf(target)), raw(*packing, waysOf(target));
  mlir::FailureOr<LinearProgram> program = readLinear(kernel, operands);
  mlir::FailureOr<PackProgram> pack = readPack(kernel, raw.buffers().front());
  if (failed(program) || failed(pack))
    return mlir::failure();
  PackStages packed = buildPack(*pack);
  return std::vector<Entry>{singleStage(*signature, schedule(*program), operands, target),
                            singleStage(*packing, schedulePacking(packed, *pack), raw, target)};
}

template <typename Schedule>
mlir::FailureOr<std::vector<Entry>> rowwiseEntry(attn::KernelOp kernel, const TargetInfo &target,
                                                 Schedule schedule) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  Operands operands(*signature, waysOf(target));
  mlir::FailureOr<RowwiseProgram> program = readRowwise(kernel, operands);
  if (failed(program))
    return mlir::failure();
  return std::vector<Entry>{singleStage(*signature, schedule(*program), operands, target)};
}

} // namespace

mlir::FailureOr<std::vector<Entry>> linearEntries(attn::KernelOp kernel, const LinearPlan &plan,
                                                  const TargetInfo &target) {
  const int strip = stripColumns(plan, target);
  if (failed(checkPanel(kernel, strip, "column_vectors " + std::to_string(plan.columnVectors),
                        target)))
    return mlir::failure();
  return entriesOf(
      kernel, target,
      [&](const LinearProgram &program) {
        LinearStages stages = buildLinear(program, strip);
        return scheduleLinear(stages, program, plan, target);
      },
      schedulePack);
}

mlir::FailureOr<std::vector<Entry>> linearEntries(attn::KernelOp kernel, const GpuLinearPlan &plan,
                                                  const TargetInfo &target) {
  if (failed(checkPanel(kernel, blockColumns(plan),
                        "column_threads " + std::to_string(plan.columnThreads) +
                            " times column_registers " + std::to_string(plan.columnRegisters),
                        target)))
    return mlir::failure();
  return entriesOf(
      kernel, target,
      [&](const LinearProgram &program) {
        LinearStages stages = buildLinear(program, plan.columnRegisters, /*reachPast=*/true);
        return scheduleGpuLinear(stages, program, plan);
      },
      [](PackStages &stages, const PackProgram &program) {
        return scheduleGpuPack(stages, program, GpuRowsPlan{});
      });
}

mlir::FailureOr<std::vector<Entry>> rowwiseEntries(attn::KernelOp kernel, const RowwisePlan &plan,
                                                   const TargetInfo &target) {
  return rowwiseEntry(kernel, target, [&](const RowwiseProgram &program) {
    RowwiseStages stages = buildRowwise(program, rowSumLanes(program.columns, plan, target));
    return scheduleRowwise(stages, plan, target);
  });
}

mlir::FailureOr<std::vector<Entry>> rowwiseEntries(attn::KernelOp kernel, const GpuRowsPlan &plan,
                                                   const TargetInfo &target) {
  return rowwiseEntry(kernel, target, [&](const RowwiseProgram &program) {
    RowwiseStages stages = buildRowwise(program, rowSumLanes(program.columns, plan));
    return scheduleGpuRowwise(stages, plan);
  });
}

mlir::FailureOr<Plan> defaultLinearPlan(attn::KernelOp kernel, const TargetInfo &target) {
  mlir::FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return mlir::failure();
  const int panel = int(panelWidth(view->outputs));
  if (target.isDevice())
    return Plan{target.name, defaultGpuLinearPlan(panel)};
  return Plan{target.name, defaultLinearPlan(panel, target)};
}

} // namespace heed
