#include "schedules/families/PanelPrefetch.h"

#include <algorithm>
#include <cassert>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

constexpr int kLine = 16; // floats of a cache line

/// The first place in `buffer` that a statement reads.
class FirstLoad : public IRVisitor {
public:
  explicit FirstLoad(const std::string &buffer) : buffer(buffer) {}
  Expr index;

private:
  const std::string &buffer;
  using IRVisitor::visit;
  void visit(const Load *load) override {
    if (load->name == buffer && !index.defined()) {
      const Ramp *lanes = load->index.as<Ramp>();
      index = lanes ? lanes->base : load->index;
    }
    IRVisitor::visit(load);
  }
};

bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Expr variable(Type type, const std::string &name) { return Variable::make(type, name); }

} // namespace

PanelPrefetch::PanelPrefetch(std::string product, std::string rowTile, std::string weights,
                             int panel)
    : product(std::move(product)), rowTile(std::move(rowTile)), weights(std::move(weights)),
      linesPerStep(std::max(1, panel / kLine)) {}

bool PanelPrefetch::reduces(const For *loop) const {
  return tile.defined() && loop->name.rfind(product + ".s1.", 0) == 0;
}

Stmt PanelPrefetch::visit(const For *loop) {
  if (reduces(loop)) {
    Stmt body = Block::make(fetch(loop->body), loop->body);
    return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                     loop->device_api, body);
  }
  if (!endsWith(loop->name, "." + rowTile))
    return IRMutator::visit(loop);
  tile = variable(Int(32), loop->name);
  Stmt result = IRMutator::visit(loop);
  tile = Expr();
  return result;
}

// LLVM's prefetch intrinsic by its own name, with its arguments read, locality (2: L2), data.
Stmt PanelPrefetch::fetch(const Stmt &step) const {
  FirstLoad now(weights);
  step.accept(&now);
  assert(now.index.defined() && "a reduction that reads no weights");
  Expr ahead = kPanelsAhead * variable(Int(32), weights + ".stride.2");
  Expr line = now.index + ahead + (tile % linesPerStep) * kLine;
  Expr address = reinterpret<uint64_t>(variable(Handle(), weights)) +
                 cast<uint64_t>(line) * int(sizeof(float));
  return Evaluate::make(Call::make(Int(32), "llvm.prefetch.p0",
                                   {reinterpret(Handle(), address), 0, 2, 1}, Call::Extern));
}

} // namespace heed
