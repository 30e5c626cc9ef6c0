#include "schedules/families/Prefetch.h"

#include <vector>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

class Finder : public IRVisitor {
public:
  explicit Finder(const std::string &buffer) : buffer(buffer) {}
  const Load *found = nullptr;
  std::vector<std::string> defined;

private:
  const std::string &buffer;
  using IRVisitor::visit;
  void visit(const Load *load) override {
    if (load->name == buffer && !found)
      found = load;
    IRVisitor::visit(load);
  }
  void visit(const LetStmt *let) override {
    defined.push_back(let->name);
    IRVisitor::visit(let);
  }
  void visit(const For *loop) override {
    defined.push_back(loop->name);
    IRVisitor::visit(loop);
  }
};

} // namespace

FirstLoad::FirstLoad(const std::string &buffer, const Stmt &body) {
  Finder finder(buffer);
  body.accept(&finder);
  if (!finder.found)
    return;
  const Ramp *lanes = finder.found->index.as<Ramp>();
  Expr place = lanes ? lanes->base : finder.found->index;
  for (const std::string &name : finder.defined)
    if (expr_uses_var(place, name))
      return;
  index = place;
  type = finder.found->type.element_of();
}

// LLVM's prefetch intrinsic by its own name, with its arguments read, locality (2: L2), data.
Stmt fetchIntoL2(const std::string &buffer, const Expr &index, Type type) {
  Expr address = reinterpret<uint64_t>(Variable::make(Handle(), buffer)) +
                 cast<uint64_t>(index) * type.bytes();
  return Evaluate::make(Call::make(Int(32), "llvm.prefetch.p0",
                                   {reinterpret(Handle(), address), 0, 2, 1}, Call::Extern));
}

} // namespace heed
