#include "schedules/families/RowPrefetch.h"
#include "schedules/families/Prefetch.h"

#include <algorithm>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

constexpr int lineBytes = 64;

Expr position(const For *loop) { return Variable::make(Int(32), loop->name) - loop->min; }

Stmt withBody(const For *loop, Stmt body) {
  return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                   loop->device_api, std::move(body));
}

Stmt before(const Stmt &fetch, const Stmt &body) {
  return fetch.defined() ? Internal::Block::make(fetch, body) : body;
}

} // namespace

Stmt RowPrefetch::visit(const For *loop) {
  if (loop->for_type == ForType::Parallel && starts_with(loop->name, output + ".s0."))
    return visitTask(loop);
  around.push_back(loop);
  Stmt result;
  for (size_t i = 0; i < all.size() && !result.defined(); i++)
    if (starts_with(loop->name, all[i].product + ".s1.")) {
      Stmt ofTask = begins.empty() ? Stmt() : fetchOfTask(all[i], begins[i], loop);
      result = withBody(loop, before(ofTask, before(fetchBlock(all[i], loop), loop->body)));
    }
  if (!result.defined())
    result = IRMutator::visit(loop);
  around.pop_back();
  return result;
}

Stmt RowPrefetch::visitTask(const For *loop) {
  for (const BlockSteps &steps : all) {
    FirstPlace first(steps.ofTask.buffer, loop->body);
    Expr ahead = Variable::make(Int(32), loop->name) + steps.tasksAhead;
    if (first.index.defined())
      first.index = substitute(loop->name, ahead, first.index);
    begins.push_back({unique_name(steps.ofTask.buffer + ".begin"), first.index, first.type});
  }
  Stmt body = mutate(loop->body);
  for (const Begin &begin : begins)
    if (begin.index.defined())
      body = LetStmt::make(begin.name, begin.index, body);
  begins.clear();
  return withBody(loop, body);
}

Stmt RowPrefetch::fetchBlock(const BlockSteps &steps, const For *loop) const {
  const For *tiles = loopAround(steps.tiles);
  if (!tiles)
    return Stmt();
  FirstPlace first(steps.block.buffer, tiles);
  if (!first.index.defined())
    return Stmt();
  Expr stride = Variable::make(Int(32), steps.block.buffer + ".stride.2");
  return fetchShare(steps, steps.block, first.index + steps.block.rows * stride, first.type, loop);
}

Stmt RowPrefetch::fetchOfTask(const BlockSteps &steps, const Begin &begin, const For *loop) const {
  if (!begin.index.defined())
    return Stmt();
  Expr isLast = const_true();
  for (const For *other : around)
    for (const std::string &blocks : steps.blocks)
      if (ends_with(other->name, blocks))
        isLast = isLast && position(other) == other->extent - 1;
  Expr first = Variable::make(Int(32), begin.name);
  if (const For *parts = loopAround(".part"))
    first += position(parts) * steps.ofTask.rows *
             Variable::make(Int(32), steps.ofTask.buffer + ".stride.2");
  Stmt fetch = fetchShare(steps, steps.ofTask, first, begin.type, loop);
  return fetch.defined() ? IfThenElse::make(simplify(isLast), fetch) : fetch;
}

// Of `lines` lines, step n of so many fetches line n; where there are fewer steps, some lines each.
Stmt RowPrefetch::fetchShare(const BlockSteps &steps, const BufferRows &rows, const Expr &begin,
                             Type type, const For *loop) const {
  const For *tiles = loopAround(steps.tiles);
  auto tileCount = tiles ? as_const_int(tiles->extent) : std::nullopt;
  auto stepCount = as_const_int(loop->extent);
  if (!tileCount || !stepCount)
    return Stmt();
  const int perLine = lineBytes / type.bytes(), inRow = (rows.columns + perLine - 1) / perLine,
            lines = rows.rows * inRow, count = int(*tileCount * *stepCount),
            stepsALine = std::max(1, count / lines), linesAStep = (lines + count - 1) / count;
  Expr step = position(tiles) * int(*stepCount) + position(loop);
  Expr stride = Variable::make(Int(32), rows.buffer + ".stride.2");
  Stmt fetches;
  for (int i = linesAStep; i-- > 0;) {
    Expr line = step / stepsALine * linesAStep + i;
    Expr index = simplify(begin + line / inRow * stride + line % inRow * perLine);
    Stmt fetch = fetchIntoL2(rows.buffer, index, type);
    fetches = fetches.defined() ? Internal::Block::make(fetch, fetches) : fetch;
  }
  return fetches;
}

const For *RowPrefetch::loopAround(const std::string &part) const {
  for (const For *loop : around)
    if (loop->name.find(part) != std::string::npos)
      return loop;
  return nullptr;
}

} // namespace heed
