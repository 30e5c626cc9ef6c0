#include "compiler/graph/LayerPrograms.h"

#include "compiler/dialect/KernelView.h"
#include "compiler/evaluate/HalideDomain.h"

using namespace Halide;

namespace heed {
namespace {

int panelOf(const LinearView &view) { return int(panelWidth(view.outputs)); }

Context<Expr> withRowSum(Context<Expr> context, const RowwiseProgram::RowSum &rowSum) {
  context.rowSum = [rowSum](attn::RowSumOp, Expr here) { return rowSum(here); };
  return context;
}

} // namespace

mlir::FailureOr<LinearProgram> readLinear(attn::KernelOp kernel, const Operands &operands) {
  mlir::FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return mlir::failure();
  attn::LinearOp linear = view->linear;
  Context<Expr> context = operands.contextFor(linear.getCaptures());
  if (failed(evaluate(linear.getBody(), {Expr(0.0f), Var("row"), Var("column")}, context)))
    return mlir::failure();
  LinearProgram program;
  program.inputs = int(view->inputs);
  program.outputs = int(view->outputs);
  program.panel = panelOf(*view);
  program.input = operands.buffer(linear.getInput());
  program.weights = operands.buffer(linear.getWeights());
  program.epilogue = [linear, context](Expr sum, Expr row, Expr column) mutable {
    return evaluate(linear.getBody(), {sum, row, column}, context)->front();
  };
  return program;
}

mlir::FailureOr<RowwiseProgram> readRowwise(attn::KernelOp kernel, const Operands &operands) {
  mlir::FailureOr<RowwiseView> view = viewRowwise(kernel);
  if (failed(view))
    return mlir::failure();
  attn::RowwiseOp rowwise = view->rowwise;
  for (mlir::Operation &op : rowwise.getBody().getOps())
    if (llvm::isa<attn::QueryLengthOp, attn::KeyLengthOp, attn::QueryOffsetOp, attn::SegmentBeginOp,
                  attn::SegmentEndOp>(op))
      return op.emitOpError("stands in a kernel that has no queries and keys: pass what it gives "
                            "as an argument");
  Context<Expr> context = operands.contextFor(rowwise.getCaptures());
  Context<Expr> trial = withRowSum(context, [](Expr value) { return value; });
  llvm::SmallVector<Expr> somewhere(rowwise.getParameterNames().size(), Var("place"));
  if (failed(evaluate(rowwise.getBody(), somewhere, trial)))
    return mlir::failure();
  RowwiseProgram program;
  program.columns = int(view->columns);
  program.rank = int(somewhere.size());
  program.element = [rowwise, context, operands](const std::vector<Expr> &place,
                                                 const RowwiseProgram::RowSum &rowSum) mutable {
    llvm::SmallVector<Expr> parameters(place.rbegin(), place.rend());
    return operands.stored(
        rowwise.getResult(),
        evaluate(rowwise.getBody(), parameters, withRowSum(context, rowSum))->front());
  };
  return program;
}

mlir::FailureOr<PackProgram> readPack(attn::KernelOp kernel, ImageParam weights) {
  mlir::FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return mlir::failure();
  return PackProgram{int(view->inputs), int(view->outputs), panelOf(*view), weights};
}

} // namespace heed
