#include "schedules/families/Prefetch.h"

#include <map>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

/// Puts what names stand for in their place.
class Resolved : public IRMutator {
public:
  explicit Resolved(const std::map<std::string, Expr> &values) : values(values) {}

private:
  const std::map<std::string, Expr> &values;
  using IRMutator::visit;
  Expr visit(const Variable *variable) override {
    auto value = values.find(variable->name);
    return value == values.end() ? Expr(variable) : mutate(value->second);
  }
};

class Finder : public IRVisitor {
public:
  explicit Finder(const std::string &buffer) : buffer(buffer) {}
  Expr index;
  Type type;

private:
  const std::string &buffer;
  std::map<std::string, Expr> values; ///< names are unique
  using IRVisitor::visit;

  void found(const std::string &name, const Expr &place, Type of) {
    if (name != buffer || index.defined())
      return;
    const Ramp *lanes = place.as<Ramp>();
    index = simplify(Resolved(values).mutate(lanes ? lanes->base : place));
    type = of.element_of();
  }
  void visit(const Load *load) override {
    found(load->name, load->index, load->type);
    IRVisitor::visit(load);
  }
  void visit(const Store *store) override {
    found(store->name, store->index, store->value.type());
    IRVisitor::visit(store);
  }
  void visit(const LetStmt *let) override {
    values[let->name] = let->value;
    IRVisitor::visit(let);
  }
  void visit(const Let *let) override {
    values[let->name] = let->value;
    IRVisitor::visit(let);
  }
  void visit(const For *loop) override {
    values[loop->name] = loop->min;
    IRVisitor::visit(loop);
  }
};

} // namespace

FirstPlace::FirstPlace(const std::string &buffer, const Stmt &statement) {
  Finder finder(buffer);
  statement.accept(&finder);
  index = finder.index, type = finder.type;
}

// LLVM's prefetch intrinsic by its own name, with its arguments read, locality (2: L2), data.
Stmt fetchIntoL2(const std::string &buffer, const Expr &index, Type type) {
  Expr address = reinterpret<uint64_t>(Variable::make(Handle(), buffer)) +
                 cast<uint64_t>(index) * type.bytes();
  return Evaluate::make(Call::make(Int(32), "llvm.prefetch.p0",
                                   {reinterpret(Handle(), address), 0, 2, 1}, Call::Extern));
}

} // namespace heed
