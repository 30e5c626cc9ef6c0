#include "schedules/families/ReadAhead.h"

using namespace Halide;
using namespace Halide::Internal;

namespace heed {

Stmt ReadAhead::visit(const For *loop) {
  for (const RowSteps &steps : all)
    if (starts_with(loop->name, steps.product + ".s1.") && ends_with(loop->name, steps.steps))
      if (Stmt fetch = fetchAhead(steps.rows, loop); fetch.defined())
        return withFetch(loop, fetch);
  return FetchingPass::visit(loop);
}

Stmt ReadAhead::fetchAhead(const BufferRows &rows, const For *steps) const {
  FirstPlace first(rows.buffer, steps->body);
  Expr stride = rows.stride(defined);
  if (!first.index.defined() || !stride.defined())
    return Stmt();
  Stmt fetches;
  for (int row = 0; row < rows.rows; row++)
    for (int column = 0; column < rows.columns; column += lineBytes / first.type.bytes()) {
      Expr index = simplify(first.index + (rowsAhead + row) * stride + column);
      fetches = inOrder(fetches, fetchIntoL2(rows.buffer, index, first.type));
    }
  return fetches;
}

} // namespace heed
