#include "schedules/families/RowPrefetch.h"

#include <algorithm>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

constexpr const char *partsEnd = ".part";

Expr position(const For *loop) { return Variable::make(Int(32), loop->name) - loop->min; }

Stmt fetchIf(const Expr &condition, const Stmt &fetch) {
  return fetch.defined() ? IfThenElse::make(simplify(condition), fetch) : fetch;
}

} // namespace

Stmt RowPrefetch::visit(const For *loop) {
  if (loop->for_type == ForType::Parallel && starts_with(loop->name, output + ".s0."))
    return visitTask(loop);
  around.push_back(loop);
  Stmt lines;
  for (size_t i = 0; i < known.size(); i++)
    if (isOutermostOf(all[i]))
      for (const Stmt &some :
           {fetchOfTask(all[i], known[i]), fetchLater(all[i]), fetchBlock(all[i])})
        lines = inOrder(lines, some);
  Stmt result = FetchingPass::visit(loop);
  if (lines.defined())
    result = withFetch(result.as<For>(), lines);
  around.pop_back();
  return result;
}

Stmt RowPrefetch::visitTask(const For *loop) {
  for (const BlockSteps &steps : all)
    known.push_back(knownOf(steps, loop));
  Stmt body = mutate(loop->body);
  for (const auto &[name, value] : names)
    body = LetStmt::make(name, value, body);
  known.clear(), names.clear();
  return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                   loop->device_api, body);
}

RowPrefetch::Known RowPrefetch::knownOf(const BlockSteps &steps, const For *loop) {
  // The last task's next is itself: its place may be told by loaded numbers (lengths), of which
  // there are no more.
  auto ahead = [&](int tasks, const Expr &ofTask) {
    Expr task = Variable::make(Int(32), loop->name), last = loop->min + loop->extent - 1;
    return substitute(loop->name, min(task + tasks, last), ofTask);
  };
  Known of;
  Expr isAlone;
  if (!steps.others.empty())
    if (Expr count = countOfLoop(steps.others, loop->body); count.defined())
      isAlone = count <= 0, of.isAlone = named(output + ".alone", isAlone);
  for (const auto &[rows, tasks, ifAlone] : steps.ofTask) {
    FirstPlace first(rows.buffer, loop->body);
    Known::Begin begin{{}, {}, first.type};
    if (first.index.defined())
      begin.index = named(rows.buffer + ".begin", ahead(tasks, first.index));
    if (ifAlone && isAlone.defined())
      begin.isWanted = named(output + ".nextAlone", ahead(tasks, isAlone));
    of.begins.push_back(begin);
  }
  return of;
}

Expr RowPrefetch::named(const std::string &name, const Expr &value) {
  names.emplace_back(unique_name(name), simplify(value));
  return Variable::make(value.type(), names.back().first);
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

Stmt RowPrefetch::fetchLater(const BlockSteps &steps) const {
  auto blocks = loopAround(steps.blocks);
  if (blocks == around.end())
    return Stmt();
  FirstPlace first(steps.later.buffer, (*blocks)->body);
  if (!first.index.defined())
    return Stmt();
  return fetchIf(position(*blocks) == 0, fetchShare(steps, steps.later, first.index, first.type));
}

Stmt RowPrefetch::fetchOfTask(const BlockSteps &steps, const Known &of) const {
  auto blocks = loopAround(steps.blocks), parts = loopAround(partsEnd);
  if (blocks == around.end() || (!steps.others.empty() && !of.isAlone.defined()))
    return Stmt();
  Stmt fetches;
  for (size_t i = 0; i < of.begins.size(); i++) {
    const BufferRows &rows = steps.ofTask[i].rows;
    const Known::Begin &begin = of.begins[i];
    Expr stride = rows.stride(defined), first = begin.index;
    if (!first.defined() || !stride.defined())
      continue;
    if (steps.tiles != partsEnd && parts != around.end())
      first += position(*parts) * rows.rows * stride;
    Stmt share = fetchShare(steps, rows, first, begin.type);
    fetches = inOrder(fetches, begin.isWanted.defined() ? fetchIf(begin.isWanted, share) : share);
  }
  Expr isLast = position(*blocks) == (*blocks)->extent - 1;
  return fetchIf(of.isAlone.defined() ? of.isAlone && isLast : isLast, fetches);
}

Stmt RowPrefetch::fetchShare(const BlockSteps &steps, const BufferRows &rows, const Expr &begin,
                             Type type) const {
  auto tiles = loopAround(steps.tiles);
  if (tiles == around.end())
    return Stmt();
  Expr step = 0, stride = rows.stride(defined);
  int64_t count = 1;
  if (!stride.defined())
    return Stmt();
  for (auto loop = tiles; loop != around.end(); ++loop) {
    if (isNamed(*loop, steps.blocks))
      continue;
    auto extent = as_const_int((*loop)->extent);
    if (!extent)
      return Stmt();
    Expr at = position(*loop);
    if (steps.fromLast && isNamed(*loop, partsEnd))
      at = int(*extent) - 1 - at;
    step = step * int(*extent) + at;
    count *= *extent;
  }
  const int perLine = lineBytes / type.bytes(), inRow = (rows.columns + perLine - 1) / perLine;
  const int64_t lines = int64_t(rows.rows) * inRow;
  if (count * lines > INT32_MAX)
    return Stmt();
  Expr firstLine = step * int(lines) / int(count);
  Stmt fetches;
  for (int64_t i = (lines + count - 1) / count; i-- > 0;) {
    Expr line = firstLine + int(i);
    Expr index = simplify(begin + line / inRow * stride + line % inRow * perLine);
    fetches = inOrder(fetchIntoL2(rows.buffer, index, type), fetches);
  }
  return fetches;
}

std::vector<const For *>::const_iterator RowPrefetch::loopAround(const std::string &end) const {
  return std::find_if(around.begin(), around.end(),
                      [&](const For *loop) { return isNamed(loop, end); });
}

// The innermost loop is: a reduction may be nested loops.
bool RowPrefetch::isOutermostOf(const BlockSteps &steps) const {
  auto first = std::find_if(around.begin(), around.end(),
                            [&](const For *loop) { return starts_with(loop->name, steps.loop); });
  return first + 1 == around.end();
}

} // namespace heed
