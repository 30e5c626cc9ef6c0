#include "schedules/families/RowPrefetch.h"

#include <algorithm>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

Expr position(const For *loop) { return Variable::make(Int(32), loop->name) - loop->min; }

} // namespace

Stmt RowPrefetch::visit(const For *loop) {
  if (loop->for_type == ForType::Parallel && starts_with(loop->name, output + ".s0."))
    return visitTask(loop);
  around.push_back(loop);
  Stmt result;
  for (size_t i = 0; i < begins.size() && !result.defined(); i++)
    if (starts_with(loop->name, all[i].product + ".s1."))
      if (Stmt lines = inOrder(fetchOfTask(all[i], begins[i]), fetchBlock(all[i])); lines.defined())
        result = withFetch(loop, lines);
  if (!result.defined())
    result = FetchingPass::visit(loop);
  around.pop_back();
  return result;
}

Stmt RowPrefetch::visitTask(const For *loop) {
  for (const BlockSteps &steps : all) {
    FirstPlace first(steps.ofTask.buffer, loop->body);
    // The last task's next is itself: its place may be told by loaded numbers (lengths), of which
    // there are no more.
    Expr ahead =
        min(Variable::make(Int(32), loop->name) + steps.tasksAhead, loop->min + loop->extent - 1);
    if (first.index.defined())
      first.index = simplify(substitute(loop->name, ahead, first.index));
    begins.push_back({unique_name(steps.ofTask.buffer + ".begin"), first.index, first.type});
  }
  Stmt body = mutate(loop->body);
  for (const Begin &begin : begins)
    if (begin.index.defined())
      body = LetStmt::make(begin.name, begin.index, body);
  begins.clear();
  return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                   loop->device_api, body);
}

Stmt RowPrefetch::fetchBlock(const BlockSteps &steps) const {
  auto tiles = loopAround(steps.tiles);
  if (tiles == around.end())
    return Stmt();
  FirstPlace first(steps.block.buffer, *tiles);
  Expr stride = steps.block.stride(defined);
  if (!first.index.defined() || !stride.defined())
    return Stmt();
  return fetchShare(steps, steps.block, first.index + steps.block.rows * stride, first.type);
}

Stmt RowPrefetch::fetchOfTask(const BlockSteps &steps, const Begin &begin) const {
  Expr stride = steps.ofTask.stride(defined);
  auto blocks = loopAround(steps.blocks), parts = loopAround(".part");
  if (!begin.index.defined() || !stride.defined() || blocks == around.end())
    return Stmt();
  Expr first = Variable::make(Int(32), begin.name);
  if (parts != around.end())
    first += position(*parts) * steps.ofTask.rows * stride;
  Stmt fetch = fetchShare(steps, steps.ofTask, first, begin.type);
  if (!fetch.defined())
    return fetch;
  return IfThenElse::make(simplify(position(*blocks) == (*blocks)->extent - 1), fetch);
}

Stmt RowPrefetch::fetchShare(const BlockSteps &steps, const BufferRows &rows, const Expr &begin,
                             Type type) const {
  auto tiles = loopAround(steps.tiles);
  if (tiles == around.end())
    return Stmt();
  Expr step = 0;
  int64_t count = 1;
  for (auto loop = tiles; loop != around.end(); ++loop) {
    auto extent = as_const_int((*loop)->extent);
    if (!extent)
      return Stmt();
    step = step * int(*extent) + position(*loop);
    count *= *extent;
  }
  const int perLine = lineBytes / type.bytes(), inRow = (rows.columns + perLine - 1) / perLine;
  const int64_t lines = int64_t(rows.rows) * inRow;
  if (count * lines > INT32_MAX)
    return Stmt();
  Expr firstLine = step * int(lines) / int(count), stride = rows.stride(defined);
  Stmt fetches;
  for (int64_t i = (lines + count - 1) / count; i-- > 0;) {
    Expr line = firstLine + int(i);
    Expr index = simplify(begin + line / inRow * stride + line % inRow * perLine);
    fetches = inOrder(fetchIntoL2(rows.buffer, index, type), fetches);
  }
  return fetches;
}

// Halide marks loops that it makes begin at 0.
std::vector<const For *>::const_iterator RowPrefetch::loopAround(const std::string &end) const {
  return std::find_if(around.begin(), around.end(), [&](const For *loop) {
    return ends_with(loop->name, end) || ends_with(loop->name, end + ".rebased");
  });
}

} // namespace heed
