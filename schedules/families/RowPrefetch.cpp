#include "schedules/families/RowPrefetch.h"
#include "schedules/families/Prefetch.h"

using namespace Halide;
using namespace Halide::Internal;

namespace heed {

Stmt RowPrefetch::visit(const For *loop) {
  for (const ReducedRows &rows : all)
    if (loop->name.rfind(rows.product + ".s1.", 0) == 0)
      if (Stmt line = fetch(rows, loop); line.defined())
        return For::make(loop->name, loop->min, loop->extent, loop->for_type,
                         loop->partition_policy, loop->device_api, Block::make(line, loop->body));
  around.push_back(loop->name);
  Stmt result = IRMutator::visit(loop);
  around.pop_back();
  return result;
}

Stmt RowPrefetch::fetch(const ReducedRows &rows, const For *loop) const {
  std::string columns = rows.outer.empty() ? loop->name : "";
  for (const std::string &name : around)
    if (!rows.outer.empty() && name.find(rows.outer) != std::string::npos)
      columns = name;
  FirstLoad now(rows.buffer, loop->body);
  if (columns.empty() || !now.index.defined())
    return Stmt();
  Expr row = rows.ahead + Variable::make(Int(32), columns) % rows.unrolled;
  Expr stride = Variable::make(Int(32), rows.buffer + ".stride.2");
  return fetchIntoL2(rows.buffer, now.index + row * stride, now.type);
}

} // namespace heed
