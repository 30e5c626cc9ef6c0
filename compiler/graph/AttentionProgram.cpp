#include "compiler/graph/AttentionProgram.h"
#include "compiler/evaluate/HalideDomain.h"
#include "compiler/graph/ReadNormalizer.h"
#include "compiler/graph/ReadOperands.h"
#include "compiler/graph/ReadPairwise.h"

#include <memory>

using Halide::Expr;
using llvm::SmallVector;
using mlir::FailureOr;

namespace heed {
namespace {

// Reads the regions of one attention kernel. Shared by the program's functions, which outlive the
// view.
class AttentionReader {
public:
  AttentionReader(const AttentionView &view, std::shared_ptr<AttentionOperands> operands)
      : view(view), operands(std::move(operands)) {}

  FailureOr<Expr> modify(Expr score, const Pair &pair) const {
    for (attn::ModifyOp op : view.modifies) {
      auto result = read(op.getBody(), {score, pair.batch, pair.head, pair.query, pair.key},
                         op.getCaptures());
      if (failed(result))
        return mlir::failure();
      score = result->front();
    }
    return score;
  }

  FailureOr<Expr> keep(const Pair &pair) const {
    Expr all;
    for (attn::MaskOp op : view.masks) {
      auto result =
          read(op.getBody(), {pair.batch, pair.head, pair.query, pair.key}, op.getCaptures());
      if (failed(result))
        return mlir::failure();
      all = all.defined() ? all && result->front() : result->front();
    }
    return all;
  }

  FailureOr<KeyRanges> ranges(Expr batch, Expr head, Expr first, Expr last) const {
    Expr length = operands->keyLength(batch);
    KeyRanges all{0, length, 0, length};
    for (attn::MaskOp op : view.masks) {
      auto r = rangesOf(op, batch, head, first, last);
      if (failed(r))
        return mlir::failure();
      all = {max(all.hullBegin, r->hullBegin), min(all.hullEnd, r->hullEnd),
             max(all.fullBegin, r->fullBegin), min(all.fullEnd, r->fullEnd)};
    }
    return all;
  }

  FailureOr<BlockStatus> status(Expr batch, Expr head, Expr first, Expr last, Expr firstKey,
                                Expr lastKey) const {
    BlockStatus both{Halide::Internal::const_true(), Halide::Internal::const_true(), {}};
    for (attn::MaskOp op : view.masks) {
      auto one = statusOf(op, batch, head, first, last, firstKey, lastKey);
      if (failed(one))
        return mlir::failure();
      both = {both.may && one->may, both.all && one->all, {}};
    }
    return both;
  }

private:
  // A mask without ranges may keep any key and is sure of none.
  FailureOr<KeyRanges> rangesOf(attn::MaskOp op, Expr batch, Expr head, Expr first,
                                Expr last) const {
    if (op.getRanges().empty())
      return KeyRanges{0, operands->keyLength(batch), 0, 0};
    auto result = read(op.getRanges(), {batch, head, first, last}, op.getCaptures());
    if (failed(result))
      return mlir::failure();
    SmallVector<Expr> r = *result;
    return KeyRanges{r[0], r[1], r[2], r[3]};
  }

  // Without a status the ranges say it.
  FailureOr<BlockStatus> statusOf(attn::MaskOp op, Expr batch, Expr head, Expr first, Expr last,
                                  Expr firstKey, Expr lastKey) const {
    if (op.getStatus().empty()) {
      auto r = rangesOf(op, batch, head, first, last);
      if (failed(r))
        return mlir::failure();
      return BlockStatus{lastKey >= r->hullBegin && firstKey < r->hullEnd,
                         firstKey >= r->fullBegin && lastKey < r->fullEnd,
                         {}};
    }
    auto result =
        read(op.getStatus(), {batch, head, first, last, firstKey, lastKey}, op.getCaptures());
    if (failed(result))
      return mlir::failure();
    return BlockStatus{(*result)[0], (*result)[1], {}};
  }

  // The batch entry is the first parameter that is no score.
  FailureOr<SmallVector<Expr>> read(mlir::Region &region, SmallVector<Expr> parameters,
                                    mlir::ValueRange captures) const {
    Expr batch = region.getArgument(0).getType().isIndex() ? parameters[0] : parameters[1];
    return evaluate(region, parameters, operands->contextFor(captures, batch));
  }

  AttentionView view;
  std::shared_ptr<AttentionOperands> operands;
};

} // namespace

FailureOr<PairProgram> readAttention(const AttentionView &view, const Operands &operands) {
  auto rows = std::make_shared<AttentionOperands>(view, operands);
  if (failed(rows->check()))
    return mlir::failure();
  auto reader = std::make_shared<AttentionReader>(view, rows);
  attn::ScoreOp score = view.score;
  attn::NormalizeOp normalize = view.normalize;
  auto normalizer = normalizerOf(normalize);
  if (failed(normalizer))
    return mlir::failure();
  auto normalizerProgram = readNormalizer(*normalizer, normalize.getCaptures(), operands);
  if (failed(normalizerProgram))
    return mlir::failure();
  PairProgram program;
  program.normalizer = *normalizerProgram;
  program.unit = normalizer->online() ? normalizer->online().getUnitFactor()
                                      : normalizer->threshold().getUnitFactor();
  program.isPartial = view.isPartial();
  program.stored = [operands, output = view.results.front()](Expr value) {
    return operands.stored(output, value);
  };
  program.type = rows->type();
  program.query = rows->operand(view.query);
  program.key = rows->operand(view.key);
  program.value = rows->operand(view.value);
  program.ahead = rows->ahead();
  if (score.getKind() == attn::ScoreKind::Pairwise) {
    auto term = readPairwise(score, [rows](mlir::ValueRange captures, Expr batch) {
      return rows->contextFor(captures, batch);
    });
    if (failed(term))
      return mlir::failure();
    program.term = *term;
    program.key = program.key.whole();
    Expr zero = Halide::Internal::make_zero(rows->type());
    program.columnsAtATime = columnsAtATime(int(view.dim), program.term(zero, zero, 0, 0, 0));
  }
  program.dim = int(view.dim), program.valueDim = int(view.valueDim);
  program.scale = view.scale;
  if (operands.multipliesPairs() && program.query.hasPairs() && program.key.isInPairs() &&
      !program.term && program.dim % 2 == 0 && program.type == Halide::Float(32))
    program.order = program.key.hasPairs() ? DotOrder::Pairs : DotOrder::OddFirst;
  // A log-sum-exp would be that of rounded weights.
  program.pairsWeights = view.hasCoarseWeights() && operands.multipliesPairs() &&
                         program.value.hasPairs() && !view.result<attn::LogSumExpOp>();
  program.batch = rows->queryExtent(0);
  program.queries = rows->queryExtent(1);
  program.queryHeads = rows->queryExtent(2);
  program.keys = rows->keyExtent(1);
  program.keyHeads = rows->keyExtent(2);
  program.keyLength = [=](Expr batch) { return rows->keyLength(batch); };
  program.queryLength = [=](Expr batch) { return rows->queryLength(batch); };

  // Every region is read once here, so that reading it again later cannot fail.
  Halide::Var b, h, i, j;
  Expr x = Halide::Internal::Variable::make(program.type, "score");
  if (failed(reader->modify(x, {b, h, i, j})) || failed(reader->keep({b, h, i, j})) ||
      failed(reader->ranges(b, h, i, j)) || failed(reader->status(b, h, i, i, j, j)))
    return mlir::failure();
  if (!view.modifies.empty())
    program.modify = [=](Expr score, Pair pair) { return *reader->modify(score, pair); };
  if (!view.masks.empty()) {
    program.keep = [=](Pair pair) { return *reader->keep(pair); };
    program.ranges = [=](Expr batch, Expr head, Expr first, Expr last) {
      return *reader->ranges(batch, head, first, last);
    };
  }
  program.leavesUndecided =
      llvm::any_of(view.masks, [](attn::MaskOp mask) { return !mask.getStatus().empty(); });
  if (!view.masks.empty())
    program.status = [=](Expr batch, Expr head, Expr first, Expr last, Expr firstKey,
                         Expr lastKey) {
      operands.takeBoxes(); // of earlier readings
      BlockStatus status = *reader->status(batch, head, first, last, firstKey, lastKey);
      status.boxes = operands.takeBoxes();
      return status;
    };
  program.segments = operands.segments();
  return program;
}

} // namespace heed
