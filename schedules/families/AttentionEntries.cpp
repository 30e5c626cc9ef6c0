#include "schedules/families/AttentionEntries.h"

#include "compiler/graph/AttentionProgram.h"
#include "schedules/families/Online.h"
#include "schedules/families/Operand.h"
#include "schedules/families/StageOf.h"
#include "schedules/families/Weights.h"

#include <heed/kernel.h>

namespace heed {

mlir::FailureOr<std::vector<Entry>> attentionEntries(attn::KernelOp kernel, const OnlinePlan &plan,
                                                     const TargetInfo &target) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  mlir::FailureOr<AttentionView> view = viewAttention(kernel);
  if (failed(signature) || failed(view))
    return mlir::failure();
  Operands operands(*signature);
  mlir::FailureOr<PairProgram> program = readAttention(*view, operands);
  if (failed(program))
    return mlir::failure();

  for (ProjectionStages &projection : program->projections)
    scheduleProjection(projection, target.lanes);

  // Results stand in this order: output, log-sum-exp, weights.
  unsigned output = unsigned(operands.buffers().size()), logSumExp = output + 1,
           weights = output + 2;
  OnlineStages online = buildOnline(*program, plan, bool(view->result<attn::LogSumExpOp>()));
  Stage stage = stageOf(scheduleOnline(online, plan, target), operands, target);
  stage.arguments.push_back(output);
  if (view->result<attn::LogSumExpOp>())
    stage.arguments.push_back(logSumExp | HEED_PER_ROW);
  Entry entry{*signature, {std::move(stage)}};
  if (view->returnsKeys()) {
    WeightsStages second = buildWeights(*program);
    Stage stage = stageOf(scheduleWeights(second, target), operands, target);
    stage.suffix = "_weights";
    stage.inputs.push_back(second.logSumExp);
    stage.arguments.insert(stage.arguments.end(), {logSumExp, weights});
    entry.stages.push_back(std::move(stage));
  }
  return std::vector<Entry>{std::move(entry)};
}

} // namespace heed
