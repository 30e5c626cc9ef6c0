#include "schedules/families/ReadAhead.h"

using namespace Halide;
using namespace Halide::Internal;

namespace heed {

Stmt ReadAhead::visit(const For *loop) {
  for (const RowSteps &steps : all)
    if (starts_with(loop->name, steps.product + ".") && ends_with(loop->name, steps.steps))
      if (Stmt fetch = fetchAhead(steps, loop); fetch.defined())
        return withFetch(loop, fetch);
  return FetchingPass::visit(loop);
}

// Within `rowsAhead` of the last step there is, that one's rows: places are within bounds for any
// step.
Stmt ReadAhead::fetchAhead(const RowSteps &steps, const For *loop) const {
  const BufferRows &rows = steps.rows;
  FirstPlace first(rows.buffer, loop->body);
  Expr stride = rows.stride(defined);
  if (!first.index.defined() || !stride.defined())
    return Stmt();
  int rowsAhead = this->rowsAhead;
  if (!steps.inOrder) {
    Expr step = Variable::make(Int(32), loop->name);
    first.index = substitute(loop->name, step + rowsAhead / rows.rows, first.index);
    rowsAhead = 0;
  }
  Stmt fetches;
  for (int row = 0; row < rows.rows; row++)
    for (int column = 0; column < rows.columns; column += lineBytes / first.type.bytes()) {
      Expr index = simplify(first.index + (rowsAhead + row) * stride + column);
      fetches = inOrder(fetches, fetchIntoL2(rows.buffer, index, first.type));
    }
  return fetches;
}

} // namespace heed
