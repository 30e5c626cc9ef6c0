#include "schedules/families/CountedLoops.h"

#include <set>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

/// The condition `variable < bound`, of a loaded bound, that every effect of a loop's body is
/// under.
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
  bool isInside = false, isUnguarded = false;

  using IRVisitor::visit;

  bool isGuard(const Expr &condition) const {
    const LT *less = condition.as<LT>();
    const Variable *left = less ? less->a.as<Variable>() : nullptr;
    return left && left->name == variable && less->b.as<Load>();
  }

  bool mentionsInner(const Expr &e) const {
    if (inner.count(e.as<LT>()->b.as<Load>()->name))
      return true;
    for (const std::string &name : inner)
      if (expr_uses_var(e, name))
        return true;
    return false;
  }

  void visit(const IfThenElse *op) override {
    bool isOurs = !isInside && isGuard(op->condition) && !op->else_case.defined() &&
                  (!guard.defined() || equal(guard, op->condition));
    if (!isOurs)
      return IRVisitor::visit(op);
    guard = op->condition;
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
  using IRMutator::visit;
  Stmt visit(const IfThenElse *op) override {
    return equal(op->condition, guard) ? mutate(op->then_case) : IRMutator::visit(op);
  }
};

} // namespace

Stmt CountedLoops::visit(const For *loop) {
  CommonGuard common(loop->name, loop->body);
  if (!common.guard.defined() || !is_const_zero(loop->min) || loop->for_type != ForType::Serial)
    return IRMutator::visit(loop);
  Expr extent = min(loop->extent, common.guard.as<LT>()->b);
  return For::make(loop->name, loop->min, extent, loop->for_type, loop->partition_policy,
                   loop->device_api, WithoutGuard(common.guard).mutate(loop->body));
}

} // namespace heed
