#include "schedules/families/PanelPrefetch.h"
#include "schedules/families/Prefetch.h"

#include <algorithm>
#include <cassert>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

constexpr int lineFloats = lineBytes / 4;

Expr variable(Type type, const std::string &name) { return Variable::make(type, name); }

} // namespace

PanelPrefetch::PanelPrefetch(std::string product, std::string rowTile, std::string weights,
                             int panel)
    : product(std::move(product)), rowTile(std::move(rowTile)), weights(std::move(weights)),
      linesPerStep(std::max(1, panel / lineFloats)) {}

bool PanelPrefetch::reduces(const For *loop) const {
  return tile.defined() && starts_with(loop->name, product + ".s1.");
}

Stmt PanelPrefetch::visit(const For *loop) {
  if (reduces(loop))
    return withFetch(loop, fetch(loop->body));
  if (!ends_with(loop->name, "." + rowTile))
    return IRMutator::visit(loop);
  tile = variable(Int(32), loop->name);
  Stmt result = IRMutator::visit(loop);
  tile = Expr();
  return result;
}

Stmt PanelPrefetch::fetch(const Stmt &step) const {
  FirstPlace now(weights, step);
  assert(now.index.defined() && "a reduction that reads no weights");
  Expr ahead = kPanelsAhead * variable(Int(32), weights + ".stride.2");
  return fetchIntoL2(weights, now.index + ahead + (tile % linesPerStep) * lineFloats, now.type);
}

} // namespace heed
