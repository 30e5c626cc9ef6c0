#include "compiler/graph/ReadNormalizer.h"
#include "compiler/evaluate/HalideDomain.h"

using Halide::Expr;
using llvm::SmallVector;
using mlir::failed;

namespace heed {
namespace {

SmallVector<Expr> join(const Exprs &numbers, const RowPosition &row) {
  SmallVector<Expr> all(numbers.begin(), numbers.end());
  all.append({row.batch, row.head, row.query});
  return all;
}

Exprs toVector(const SmallVector<Expr> &values) { return Exprs(values.begin(), values.end()); }

/// Evaluates regions that have been tried once, so that evaluating them again cannot fail.
class Reader {
public:
  Reader(Normalizer normalizer, Context<Expr> context, size_t captures)
      : normalizer(std::move(normalizer)), context(std::move(context)), captures(captures) {}

  Exprs read(mlir::Region &region, SmallVector<Expr> parameters) const {
    return toVector(*evaluate(region, parameters, context));
  }
  Exprs summarize(SmallVector<Expr> parameters, const OnlineNormalizer::Reduction &max,
                  const OnlineNormalizer::Reduction &sum) const {
    Context<Expr> withBlock = context;
    withBlock.blockMax = [&](attn::BlockMaxOp, Expr here) { return max(here); };
    withBlock.blockSum = [&](attn::BlockSumOp, Expr here) { return sum(here); };
    return toVector(*evaluate(online().getSummarize(), parameters, withBlock));
  }

  attn::NormalizerOp online() const { return normalizer.online(); }
  attn::ThresholdNormalizerOp threshold() const { return normalizer.threshold(); }

  /// Whether every region can be read, but those that take captures there are none of: a merge has
  /// none.
  bool tries() const {
    Context<Expr> trial = context;
    trial.blockMax = [](attn::BlockMaxOp, Expr here) { return here; };
    trial.blockSum = [](attn::BlockSumOp, Expr here) { return here; };
    return llvm::all_of(normalizer.op()->getRegions(), [&](mlir::Region &region) {
      SmallVector<Expr> parameters;
      if (size_t(llvm::count_if(region.getArgumentTypes(), llvm::IsaPred<mlir::RankedTensorType>)) >
          captures)
        return true;
      for (mlir::Type type : region.getArgumentTypes())
        if (!llvm::isa<mlir::RankedTensorType>(type))
          parameters.push_back(type.isIndex() ? Expr(0) : type.isF64() ? Expr(0.0) : Expr(0.0f));
      return succeeded(evaluate(region, parameters, trial));
    });
  }

private:
  Normalizer normalizer;
  Context<Expr> context;
  size_t captures;
};

OnlineNormalizer readOnline(const std::shared_ptr<Reader> &reader) {
  attn::NormalizerOp op = reader->online();
  OnlineNormalizer program;
  program.states = int(op.getStateCount());
  program.hasLogSumExp = op.hasLogSumExp();
  program.identity = [=]() { return reader->read(reader->online().getIdentity(), {}); };
  program.summarize = [=](Expr score, const RowPosition &row, const auto &max, const auto &sum) {
    return reader->summarize(join({score}, row), max, sum);
  };
  program.weight = [=](Expr score, Exprs state, const RowPosition &row) {
    state.insert(state.begin(), score);
    return reader->read(reader->online().getWeight(), join(state, row)).front();
  };
  program.merge = [=](const Exprs &first, const Exprs &second) {
    SmallVector<Expr> states(first.begin(), first.end());
    states.append(second.begin(), second.end());
    return reader->read(reader->online().getMerge(), states);
  };
  program.finalize = [=](const Exprs &state, const RowPosition &row) {
    return reader->read(reader->online().getFinalize(), join(state, row));
  };
  return program;
}

ThresholdNormalizer readThreshold(const std::shared_ptr<Reader> &reader) {
  ThresholdNormalizer program;
  program.bracket = [=]() { return reader->read(reader->threshold().getBracket(), {}); };
  program.weight = [=](Expr score, Expr threshold, const RowPosition &row) {
    return reader->read(reader->threshold().getWeight(), join({score, threshold}, row)).front();
  };
  return program;
}

} // namespace

mlir::FailureOr<NormalizerProgram>
readNormalizer(const Normalizer &normalizer, mlir::ValueRange captures, const Operands &operands) {
  auto reader =
      std::make_shared<Reader>(normalizer, operands.contextFor(captures), captures.size());
  if (!reader->tries())
    return mlir::failure();
  if (normalizer.online())
    return NormalizerProgram(readOnline(reader));
  return NormalizerProgram(readThreshold(reader));
}

} // namespace heed
