#include "schedules/families/Prefetch.h"

#include <map>
#include <vector>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

/// Says what is inside a statement in names from outside.
class FromOutside : public IRVisitor {
protected:
  using IRVisitor::visit;

  /// Undefined where it is only known from what the statement has stored.
  Expr outside(const Expr &inside) const {
    Expr e = substitute(values, inside);
    for (const std::string &own : allocated)
      if (expr_uses_var(e, own))
        return Expr();
    return e;
  }
  void visit(const LetStmt *let) override {
    define(let->name, let->value);
    IRVisitor::visit(let);
  }
  void visit(const Let *let) override {
    define(let->name, let->value);
    IRVisitor::visit(let);
  }
  void visit(const Allocate *own) override {
    allocated.push_back(own->name);
    IRVisitor::visit(own);
  }
  void visit(const For *loop) override {
    define(loop->name, loop->min);
    IRVisitor::visit(loop);
  }

private:
  std::map<std::string, Expr> values; ///< of names, which are unique
  std::vector<std::string> allocated;

  void define(const std::string &name, const Expr &value) {
    values[name] = substitute(values, value);
  }
};

class PlaceFinder : public FromOutside {
public:
  explicit PlaceFinder(const std::string &buffer) : buffer(buffer) {}
  Expr index;
  Type type;

private:
  const std::string &buffer;
  using FromOutside::visit;

  void found(const std::string &name, const Expr &place, Type of) {
    if (name != buffer || index.defined())
      return;
    Expr first = outside(place);
    if (!first.defined())
      return;
    if (first.type().is_vector())
      first = Shuffle::make_extract_element(first, 0);
    index = simplify(first), type = of.element_of();
  }
  void visit(const Load *load) override {
    found(load->name, load->index, load->type);
    IRVisitor::visit(load);
  }
  void visit(const Store *store) override {
    found(store->name, store->index, store->value.type());
    IRVisitor::visit(store);
  }
};

class LoopFinder : public FromOutside {
public:
  explicit LoopFinder(const std::string &end) : end(end) {}
  Expr count;

private:
  const std::string &end;
  using FromOutside::visit;

  void visit(const For *loop) override {
    if (!count.defined() && isNamed(loop, end))
      count = outside(loop->extent);
    FromOutside::visit(loop);
  }
};

} // namespace

Expr BufferRows::stride(const std::set<std::string> &defined) const {
  std::string name = buffer + ".stride.2";
  return defined.count(name) ? Variable::make(Int(32), name) : Expr();
}

Stmt FetchingPass::visit(const LetStmt *let) {
  defined.insert(let->name);
  return IRMutator::visit(let);
}

FirstPlace::FirstPlace(const std::string &buffer, const Stmt &statement) {
  PlaceFinder finder(buffer);
  statement.accept(&finder);
  index = finder.index, type = finder.type;
}

Expr countOfLoop(const std::string &end, const Stmt &statement) {
  LoopFinder finder(end);
  statement.accept(&finder);
  return finder.count;
}

bool isNamed(const For *loop, const std::string &end) {
  return ends_with(loop->name, end) || ends_with(loop->name, end + ".rebased");
}

Stmt inOrder(const Stmt &first, const Stmt &then) {
  return !first.defined() ? then : !then.defined() ? first : Block::make(first, then);
}

Stmt withFetch(const For *loop, const Stmt &fetch) {
  return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                   loop->device_api, Block::make(fetch, loop->body));
}

// LLVM's prefetch intrinsic by its own name, with its arguments read, locality (2: L2), data.
Stmt fetchIntoL2(const std::string &buffer, const Expr &index, Type type) {
  Expr address = reinterpret<uint64_t>(Variable::make(Handle(), buffer)) +
                 cast<uint64_t>(index) * type.bytes();
  return Evaluate::make(Call::make(Int(32), "llvm.prefetch.p0",
                                   {reinterpret(Handle(), address), 0, 2, 1}, Call::Extern));
}

} // namespace heed
