#include "schedules/families/Prefetch.h"

#include <map>
#include <vector>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

class Finder : public IRVisitor {
public:
  explicit Finder(const std::string &buffer) : buffer(buffer) {}
  Expr index;
  Type type;

private:
  const std::string &buffer;
  std::map<std::string, Expr> values; ///< of names, which are unique, in names from outside
  std::vector<std::string> allocated;
  using IRVisitor::visit;

  void define(const std::string &name, const Expr &value) {
    values[name] = substitute(values, value);
  }
  void found(const std::string &name, const Expr &place, Type of) {
    if (name != buffer || index.defined())
      return;
    Expr first = substitute(values, place);
    if (first.type().is_vector())
      first = Shuffle::make_extract_element(first, 0);
    for (const std::string &own : allocated)
      if (expr_uses_var(first, own))
        return;
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
  Finder finder(buffer);
  statement.accept(&finder);
  index = finder.index, type = finder.type;
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
