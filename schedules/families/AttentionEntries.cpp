#include "schedules/families/AttentionEntries.h"

#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/graph/AttentionProgram.h"
#include "schedules/families/Gpu.h"
#include "schedules/families/Online.h"
#include "schedules/families/Operand.h"
#include "schedules/families/Row.h"
#include "schedules/families/Split.h"
#include "schedules/families/StageOf.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <heed/kernel.h>

using mlir::failed;
using mlir::failure;
using mlir::FailureOr;

namespace heed {
namespace {

/// Numbers of a vector.
int lanesOf(Halide::Type type, const TargetInfo &target) { return target.lanes * 4 / type.bytes(); }

/// What all else reads is scheduled.
FailureOr<PairProgram> readScheduled(const AttentionView &view, const Operands &operands,
                                     const TargetInfo &target) {
  FailureOr<PairProgram> program = readAttention(view, operands);
  if (succeeded(program))
    scheduleAhead(program->ahead, lanesOf(program->type, target));
  return program;
}

/// What the stages of one kernel are made of.
struct Parts {
  AttentionView view;
  Signature signature;
  Operands operands;
  PairProgram program;
};

FailureOr<Parts> readParts(attn::KernelOp kernel, const TargetInfo &target) {
  FailureOr<Signature> signature = kernelSignature(kernel);
  FailureOr<AttentionView> view = viewAttention(kernel);
  if (failed(signature) || failed(view))
    return failure();
  Operands operands(*signature, waysOf(target));
  FailureOr<PairProgram> program = readScheduled(*view, operands, target);
  if (failed(program))
    return failure();
  return Parts{*view, *signature, operands, *program};
}

/// The number of result `index` among the signature's arguments.
unsigned argumentOf(const Parts &parts, size_t index) {
  return unsigned(parts.operands.buffers().size() + index);
}

bool wantsLogSumExp(const Parts &parts) {
  return bool(AttentionView(parts.view).result<attn::LogSumExpOp>());
}

/// The output's stage, with the log-sum-exp where that is a result.
Stage outputStage(const Parts &parts, Halide::Pipeline pipeline, const TargetInfo &target) {
  Stage stage = stageOf(std::move(pipeline), parts.operands, target);
  stage.arguments.push_back(argumentOf(parts, 0));
  for (auto [index, result] : llvm::enumerate(parts.view.results))
    if (result.getDefiningOp<attn::LogSumExpOp>())
      stage.arguments.push_back(argumentOf(parts, index) | HEED_PER_ROW);
  return stage;
}

/// Whether a key's rows of several heads follow each other in memory. Of one that is made, what it
/// is made of is taken to lie so.
Halide::Expr areSideBySide(const Parts &parts) {
  if (!llvm::isa<mlir::BlockArgument>(parts.view.key))
    return Halide::Internal::const_true();
  Halide::ImageParam key = parts.operands.buffer(parts.view.key); // (dim, head, position, batch)
  return key.dim(1).stride() < key.dim(2).stride();
}

/// The program of the scores that `op`, of the chain, gives.
FailureOr<PairProgram> scoresUpTo(mlir::Operation *op, AttentionView view, const Operands &operands,
                                  const TargetInfo &target) {
  auto keepUpTo = [op](auto &ops) {
    auto found = llvm::find(ops, op);
    ops.erase(found == ops.end() ? ops.begin() : std::next(found), ops.end());
  };
  if (!llvm::isa<attn::MaskOp>(op))
    keepUpTo(view.modifies);
  keepUpTo(view.masks);
  FailureOr<PairProgram> program = readScheduled(view, operands, target);
  if (succeeded(program))
    program->unit = 1;
  return program;
}

/// The graph of a result with a key axis.
FailureOr<RowStages> resultStages(const Parts &parts, mlir::Operation *op, const RowPlan &plan,
                                  const TargetInfo &target) {
  if (llvm::isa<attn::KeySumOp>(op))
    return buildRow(parts.program, plan, RowResult::KeySums);
  if (llvm::isa<attn::NormalizeOp>(op))
    return buildRow(parts.program, plan, RowResult::Weights);
  FailureOr<PairProgram> scores = scoresUpTo(op, parts.view, parts.operands, target);
  if (failed(scores))
    return failure();
  return buildRow(*scores, plan, RowResult::Scores);
}

} // namespace

FailureOr<std::vector<Entry>> onlineEntries(attn::KernelOp kernel, const OnlinePlan &plan,
                                            const TargetInfo &target) {
  FailureOr<Parts> parts = readParts(kernel, target);
  if (failed(parts))
    return failure();
  OnlineStages online = buildOnline(parts->program, plan, lanesOf(parts->program.type, target),
                                    wantsLogSumExp(*parts), tileOrderOf(parts->program));
  Stage stage = outputStage(*parts, scheduleOnline(online, plan, target), target);
  return std::vector<Entry>{{parts->signature, {std::move(stage)}}};
}

FailureOr<std::vector<Entry>> gpuEntries(attn::KernelOp kernel, const GpuPlan &plan,
                                         const TargetInfo &target) {
  FailureOr<Parts> parts = readParts(kernel, target);
  if (failed(parts))
    return failure();
  if (!parts->program.ahead.empty())
    return kernel.emitError("projects rows, which kernels for ") << target.name << " do not";
  GpuStages gpu = buildGpu(parts->program, plan, wantsLogSumExp(*parts));
  Stage stage = outputStage(*parts, scheduleGpu(gpu, plan), target);
  return std::vector<Entry>{{parts->signature, {std::move(stage)}}};
}

/// Steps one after the other that make `rows`, widening them among these.
static int stepsOf(mlir::Value rows) {
  auto op = rows.getDefiningOp<attn::RowwiseOp>();
  if (!op)
    return Operands::typeOf(rows) == Halide::Float(32) ? 0 : 1;
  int steps = 0;
  for (mlir::Value capture : op.getCaptures())
    if (capture.getDefiningOp())
      steps = std::max(steps, stepsOf(capture));
  return steps + 1;
}

/// Whether masks ask for the document that a query is in.
static bool readsSegments(AttentionView &view) {
  return llvm::any_of(view.masks, [](attn::MaskOp mask) {
    return mask
        .walk([](mlir::Operation *op) {
          return llvm::isa<attn::SegmentBeginOp, attn::SegmentEndOp>(op)
                     ? mlir::WalkResult::interrupt()
                     : mlir::WalkResult::advance();
        })
        .wasInterrupted();
  });
}

FailureOr<GpuPlans> defaultGpuPlans(attn::KernelOp kernel) {
  FailureOr<AttentionView> view = viewAttention(kernel);
  if (failed(view))
    return failure();
  auto below = [](mlir::Value rows) { return std::max(0, stepsOf(rows) - 1); };
  GpuShape shape{int(view->dim), int(view->valueDim), stepsOf(view->query),
                 below(view->key) + below(view->value), readsSegments(*view)};
  return GpuPlans{defaultGpuSplitPlan(shape), defaultGpuPlan(shape)};
}

FailureOr<std::vector<Entry>> splitEntries(attn::KernelOp kernel, const SplitPlan &plan,
                                           const TargetInfo &target) {
  FailureOr<Parts> parts = readParts(kernel, target);
  if (failed(parts))
    return failure();
  SplitStages split = buildSplit(parts->program, plan, lanesOf(parts->program.type, target),
                                 wantsLogSumExp(*parts));
  Halide::Pipeline pipeline = scheduleSplit(split, plan, areSideBySide(*parts));
  Stage stage = outputStage(*parts, std::move(pipeline), target);
  return std::vector<Entry>{{parts->signature, {std::move(stage)}}};
}

// Each result is a stage; what they share is computed again. It is read again, too: a Func that two
// stages read, such as a table of segments, could be computed in one of them only.
FailureOr<std::vector<Entry>> rowEntries(attn::KernelOp kernel, const RowPlan &plan,
                                         const TargetInfo &target) {
  FailureOr<Parts> parts = readParts(kernel, target);
  if (failed(parts))
    return failure();
  RowStages row = buildRow(parts->program, plan, RowResult::Output, wantsLogSumExp(*parts));
  Entry entry{parts->signature, {outputStage(*parts, scheduleRow(row, plan, target), target)}};
  for (auto [index, result] : llvm::enumerate(parts->view.results)) {
    mlir::Operation *op = result.getDefiningOp();
    if (index == 0 || llvm::isa<attn::LogSumExpOp>(op))
      continue;
    FailureOr<Parts> own = readParts(kernel, target);
    if (failed(own))
      return failure();
    FailureOr<RowStages> stages = resultStages(*own, op, plan, target);
    if (failed(stages))
      return failure();
    Stage stage = stageOf(scheduleRow(*stages, plan, target), own->operands, target);
    unsigned argument = argumentOf(*parts, index);
    stage.suffix = "_" + parts->signature.arguments[argument].name;
    stage.arguments.push_back(argument);
    entry.stages.push_back(std::move(stage));
  }
  return std::vector<Entry>{std::move(entry)};
}

/// Whether numbers of the rows differ from those in memory: rows that only lie elsewhere (in pages)
/// are the same work for every tile, and bits shall be those of rows that lie side by side.
static bool computesRows(mlir::Value rows) {
  Halide::Type stored = Operands::typeOf(rows);
  auto op = rows.getDefiningOp<attn::RowwiseOp>();
  if (!op)
    return stored.bits() == 8 || (stored.is_float() && stored.bits() == 16);
  bool computes = false;
  op.walk([&](mlir::Operation *inner) {
    bool isFloat = llvm::any_of(inner->getResultTypes(), llvm::IsaPred<mlir::FloatType>);
    computes |= isFloat && !llvm::isa<attn::LoadOp, mlir::arith::SelectOp>(inner);
  });
  return computes || llvm::any_of(op.getCaptures(), computesRows);
}

/// Whether sums read the rows where they lie, not packed ones.
static bool isReadInPlace(const PairOperand &operand) {
  Halide::Var head("head"), position("position"), batch("batch");
  OperandRows rows = operand.unscaled().rows("rows", rowAt({head, position, batch}));
  return rows.made.empty() || rows.pair;
}

FailureOr<bool> multipliesPairs(attn::KernelOp kernel, const TargetInfo &target) {
  FailureOr<Parts> parts = readParts(kernel, target);
  if (failed(parts))
    return failure();
  return parts->program.order != DotOrder::Columns || parts->program.pairsWeights;
}

FailureOr<PlanUses> attentionUses(attn::KernelOp kernel, const TargetInfo &target) {
  FailureOr<AttentionView> view = viewAttention(kernel);
  FailureOr<Parts> parts = readParts(kernel, target);
  if (failed(view) || failed(parts))
    return failure();
  const PairProgram &program = parts->program;
  bool walksLists = asksStatus(program);
  bool sharesKeys = computesRows(view->key) && program.key.isMade(),
       sharesValues = computesRows(view->value) && program.value.isMade();
  return PlanUses{.edgeKeyTile = walksLists,
                  .taskTiles = !walksLists && (sharesKeys || sharesValues),
                  .keysAhead = isReadInPlace(program.key) || isReadInPlace(program.value)};
}

FailureOr<std::string> needsRow(attn::KernelOp kernel) {
  FailureOr<AttentionView> view = viewAttention(kernel);
  if (failed(view))
    return failure();
  FailureOr<Normalizer> normalizer = normalizerOf(view->normalize);
  if (failed(normalizer))
    return failure();
  if (normalizer->threshold())
    return view->normalize.getNormalizerName() + " needs the whole row";
  for (mlir::Value result : llvm::drop_begin(view->results))
    if (!result.getDefiningOp<attn::LogSumExpOp>())
      return "the result of " + result.getDefiningOp()->getName().getStringRef().str() +
             " has a key axis";
  return std::string();
}

} // namespace heed
