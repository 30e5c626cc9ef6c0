#include "compiler/graph/AttentionProgram.h"
#include "compiler/evaluate/HalideDomain.h"
#include "compiler/graph/ReadNormalizer.h"

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
  AttentionReader(const AttentionView &view, const Operands &operands)
      : view(view), operands(operands) {}

  Expr keyLength(Expr batch) const { return lengthOr(view.keyLengths, batch, view.key); }
  Expr queryLength(Expr batch) const { return lengthOr(view.queryLengths, batch, view.query); }

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

  // A mask without ranges may keep any key and is sure of none.
  FailureOr<KeyRanges> ranges(Expr batch, Expr head, Expr first, Expr last) const {
    KeyRanges all{0, keyLength(batch), 0, keyLength(batch)};
    for (attn::MaskOp op : view.masks) {
      SmallVector<Expr> r = {all.hullBegin, all.hullEnd, 0, 0};
      if (!op.getRanges().empty()) {
        auto result = read(op.getRanges(), {batch, head, first, last}, op.getCaptures());
        if (failed(result))
          return mlir::failure();
        r = *result;
      }
      all = {max(all.hullBegin, r[0]), min(all.hullEnd, r[1]), max(all.fullBegin, r[2]),
             min(all.fullEnd, r[3])};
    }
    return all;
  }

private:
  // The sequence is axis 1 of queries and keys. The runtime has checked lengths; Halide has to see
  // it.
  Expr lengthOr(mlir::Value lengths, Expr batch, mlir::Value tensor) const {
    Expr extent = operands.extent(tensor, 1);
    return lengths ? clamp(operands.load(lengths, {batch}), 0, extent) : extent;
  }

  // The batch entry is the first parameter that is no score.
  FailureOr<SmallVector<Expr>> read(mlir::Region &region, SmallVector<Expr> parameters,
                                    mlir::ValueRange captures) const {
    Expr batch = region.getArgument(0).getType().isIndex() ? parameters[0] : parameters[1];
    Context<Expr> context = operands.contextFor(captures);
    context.keyLength = [&] { return keyLength(batch); };
    context.queryLength = [&] { return queryLength(batch); };
    context.queryOffset = [&] {
      return view.queryOffsets ? operands.load(view.queryOffsets, {batch})
                               : keyLength(batch) - queryLength(batch);
    };
    return evaluate(region, parameters, context);
  }

  AttentionView view;
  Operands operands;
};

} // namespace

FailureOr<PairProgram> readAttention(const AttentionView &view, const Operands &operands) {
  auto reader = std::make_shared<AttentionReader>(view, operands);
  attn::ScoreOp score = view.score;
  attn::NormalizeOp normalize = view.normalize;
  mlir::Value query = view.query, key = view.key;
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
  program.outputType = operands.typeOf(view.results.front());
  for (auto [operand, value] : {std::pair(&program.query, view.query),
                                {&program.key, view.key},
                                {&program.value, view.value}}) {
    if (!llvm::isa<mlir::BlockArgument>(value))
      return value.getDefiningOp()->emitOpError("can't be compiled as an operand yet");
    *operand = [operands, value](Expr column, Expr head, Expr position, Expr batch) {
      return operands.load(value, {batch, position, head, column});
    };
  }
  if (score.getKind() == attn::ScoreKind::Pairwise)
    return score.emitOpError("pairwise can't be compiled yet");
  program.dim = int(view.dim), program.valueDim = int(view.valueDim);
  program.scale = view.scale;
  program.batch = operands.extent(query, 0);
  program.queries = operands.extent(query, 1);
  program.queryHeads = operands.extent(query, 2);
  program.keys = operands.extent(key, 1);
  program.keyHeads = operands.extent(key, 2);
  program.keyLength = [=](Expr batch) { return reader->keyLength(batch); };
  program.queryLength = [=](Expr batch) { return reader->queryLength(batch); };

  // Every region is read once here, so that reading it again later cannot fail.
  Halide::Var b, h, i, j;
  Expr x = Halide::Internal::Variable::make(Halide::Float(32), "score");
  if (failed(reader->modify(x, {b, h, i, j})) || failed(reader->keep({b, h, i, j})) ||
      failed(reader->ranges(b, h, i, j)))
    return mlir::failure();
  if (!view.modifies.empty())
    program.modify = [=](Expr score, Pair pair) { return *reader->modify(score, pair); };
  if (!view.masks.empty()) {
    program.keep = [=](Pair pair) { return *reader->keep(pair); };
    program.ranges = [=](Expr batch, Expr head, Expr first, Expr last) {
      return *reader->ranges(batch, head, first, last);
    };
  }
  return program;
}

} // namespace heed
