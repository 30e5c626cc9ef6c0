#include "schedules/families/CountedLoops.h"

#include <map>
#include <set>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

/// A condition `variable + offset < bound`.
struct Guard {
  explicit Guard(const Expr &condition) {
    const LT *less = condition.as<LT>();
    const Add *sum = less ? less->a.as<Add>() : nullptr;
    variable = less ? (sum ? sum->a : less->a).as<Variable>() : nullptr;
    if (variable)
      offset = sum ? sum->b : 0, bound = less->b;
  }

  const Variable *variable; ///< NULL where it is none
  Expr offset, bound;
};

/// What conditions are named.
class Names {
public:
  void add(const LetStmt *let) {
    if (let->value.type().is_bool())
      values[let->name] = let->value;
  }
  /// The condition itself.
  Expr resolve(const Expr &condition) const {
    const Variable *name = condition.as<Variable>();
    auto value = name ? values.find(name->name) : values.end();
    return value == values.end() ? condition : value->second;
  }

private:
  std::map<std::string, Expr> values;
};

/// The guard that every effect of a loop's body is under.
class CommonGuard : public IRVisitor {
public:
  CommonGuard(const std::string &variable, const Stmt &body) : variable(variable) {
    body.accept(this);
    if (guard.defined() && (isUnguarded || mentionsInner(guard)))
      guard = Expr();
  }

  Expr guard; ///< undefined where there is none

private:
  const std::string &variable;
  std::set<std::string> inner; ///< what the body defines
  Names names;
  bool isInside = false, isUnguarded = false;

  using IRVisitor::visit;

  bool isGuard(const Expr &condition) const {
    Guard guard(condition);
    return guard.variable && guard.variable->name == variable;
  }

  bool mentionsInner(const Expr &e) const {
    struct Finder : IRVisitor {
      using IRVisitor::visit;
      void visit(const Load *op) override {
        found |= inner.count(op->name) > 0;
        IRVisitor::visit(op);
      }
      void visit(const Variable *op) override { found |= inner.count(op->name) > 0; }
      explicit Finder(const std::set<std::string> &inner) : inner(inner) {}
      const std::set<std::string> &inner;
      bool found = false;
    } finder(inner);
    e.accept(&finder);
    return finder.found;
  }

  void visit(const IfThenElse *op) override {
    Expr condition = names.resolve(op->condition);
    bool isOurs = !isInside && isGuard(condition) && !op->else_case.defined() &&
                  (!guard.defined() || equal(guard, condition));
    if (!isOurs)
      return IRVisitor::visit(op);
    guard = condition;
    isInside = true;
    op->then_case.accept(this);
    isInside = false;
  }
  void visit(const Store *op) override {
    isUnguarded |= !isInside && !inner.count(op->name);
    IRVisitor::visit(op);
  }
  void visit(const Allocate *op) override {
    inner.insert(op->name);
    IRVisitor::visit(op);
  }
  void visit(const LetStmt *op) override {
    inner.insert(op->name);
    names.add(op);
    IRVisitor::visit(op);
  }
  void visit(const For *op) override {
    inner.insert(op->name);
    IRVisitor::visit(op);
  }
};

class WithoutGuard : public IRMutator {
public:
  explicit WithoutGuard(const Expr &guard) : guard(guard) {}

private:
  const Expr &guard;
  Names names;
  using IRMutator::visit;
  Stmt visit(const LetStmt *op) override {
    names.add(op);
    return IRMutator::visit(op);
  }
  Stmt visit(const IfThenElse *op) override {
    bool isGuard = equal(names.resolve(op->condition), guard);
    return isGuard ? mutate(op->then_case) : IRMutator::visit(op);
  }
};

} // namespace

Stmt CountedLoops::visit(const For *loop) {
  CommonGuard common(loop->name, loop->body);
  if (!common.guard.defined() || !is_const_zero(loop->min) || loop->for_type != ForType::Serial)
    return IRMutator::visit(loop);
  Guard guard(common.guard);
  Expr extent = min(loop->extent, guard.bound - guard.offset);
  return For::make(loop->name, loop->min, extent, loop->for_type, loop->partition_policy,
                   loop->device_api, WithoutGuard(common.guard).mutate(loop->body));
}

} // namespace heed
