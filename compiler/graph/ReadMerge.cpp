#include "compiler/graph/ReadMerge.h"
#include "compiler/graph/ReadNormalizer.h"

using Halide::Expr;
using mlir::failed;
using mlir::failure;
using mlir::FailureOr;

namespace heed {

FailureOr<MergeProgram> readMerge(const MergeView &view, const Operands &operands) {
  attn::MergeOp merge = view.merge;
  attn::FinishOp finish = view.finish;
  mlir::Operation *last = finish ? finish.getOperation() : merge.getOperation();
  mlir::ValueRange captures = finish ? mlir::ValueRange(finish.getCaptures()) : mlir::ValueRange();
  FailureOr<Normalizer> normalizer = normalizerOf(last);
  if (failed(normalizer))
    return failure();
  auto read = readNormalizer(*normalizer, captures, operands);
  if (failed(read))
    return failure();
  MergeProgram program;
  program.normalizer = std::get<OnlineNormalizer>(*read);
  auto stateOf = [&](mlir::Value tensor) -> MergeProgram::State {
    return [operands, tensor](Expr slot, const RowPosition &row) {
      return operands.load(tensor, {row.batch, row.query, row.head, slot});
    };
  };
  mlir::Value first = merge ? merge.getFirst() : finish.getState();
  program.first = stateOf(first);
  if (merge)
    program.second = stateOf(merge.getSecond());
  program.finishes = bool(finish);
  program.wantLogSumExp = finish && finish.getLogSumExp();
  program.columns = int(llvm::cast<mlir::RankedTensorType>(first.getType()).getDimSize(3)) -
                    program.normalizer.states;
  program.batch = operands.extent(first, 0);
  program.queries = operands.extent(first, 1);
  program.heads = operands.extent(first, 2);
  program.stored = [operands, output = last->getResult(0)](Expr value) {
    return operands.stored(output, value);
  };
  return program;
}

} // namespace heed
