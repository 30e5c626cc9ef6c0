#include "schedules/families/MergeEntries.h"

#include "compiler/graph/ReadMerge.h"
#include "schedules/families/GpuRows.h"
#include "schedules/families/Merge.h"
#include "schedules/families/StageOf.h"

#include <heed/kernel.h>

namespace heed {

template <typename Schedule>
static mlir::FailureOr<std::vector<Entry>> entriesOf(attn::KernelOp kernel,
                                                     const TargetInfo &target, Schedule schedule) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  mlir::FailureOr<MergeView> view = viewMerge(kernel);
  if (failed(signature) || failed(view))
    return mlir::failure();
  Operands operands(*signature, waysOf(target));
  mlir::FailureOr<MergeProgram> program = readMerge(*view, operands);
  if (failed(program))
    return mlir::failure();
  MergeStages stages = buildMerge(*program);
  Stage stage = stageOf(schedule(stages), operands, target);
  unsigned output = unsigned(stage.arguments.size());
  stage.arguments.push_back(output);
  if (program->wantLogSumExp)
    stage.arguments.push_back((output + 1) | HEED_PER_ROW);
  return std::vector<Entry>{{*signature, {std::move(stage)}}};
}

mlir::FailureOr<std::vector<Entry>> mergeEntries(attn::KernelOp kernel, const MergePlan &plan,
                                                 const TargetInfo &target) {
  return entriesOf(kernel, target,
                   [&](MergeStages &stages) { return scheduleMerge(stages, plan, target); });
}

mlir::FailureOr<std::vector<Entry>> mergeEntries(attn::KernelOp kernel, const GpuRowsPlan &plan,
                                                 const TargetInfo &target) {
  return entriesOf(kernel, target,
                   [&](MergeStages &stages) { return scheduleGpuMerge(stages, plan); });
}

} // namespace heed
