#include "schedules/families/CountedLoops.h"

#include <map>
#include <set>

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

bool mentions(const Expr &e, const std::set<std::string> &names) {
  struct Finder : IRVisitor {
    explicit Finder(const std::set<std::string> &names) : names(names) {}
    const std::set<std::string> &names;
    bool found = false;
    using IRVisitor::visit;
    void visit(const Variable *op) override { found |= names.count(op->name) > 0; }
    void visit(const Load *op) override {
      found |= names.count(op->name) > 0;
      IRVisitor::visit(op);
    }
  } finder(names);
  e.accept(&finder);
  return finder.found;
}

/// What `variable` has to be below for `condition`, `variable + a < b`; undefined where that is of
/// another kind.
Expr boundIn(const Expr &condition, const std::string &variable) {
  auto isIt = [&](const Expr &e) {
    const Variable *v = e.as<Variable>();
    return v && v->name == variable;
  };
  const LT *less = condition.as<LT>();
  if (!less)
    return Expr();
  if (isIt(less->a))
    return less->b;
  const Add *sum = less->a.as<Add>();
  return sum && isIt(sum->a) ? less->b - sum->b : sum && isIt(sum->b) ? less->b - sum->a : Expr();
}

/// The condition `variable + a < b` that every effect of a loop's body is under, a and b of
/// outside.
class CommonGuard : public IRVisitor {
public:
  CommonGuard(const std::string &variable, const Stmt &body) : variable(variable) {
    body.accept(this);
    if (isUnguarded || (bound.defined() && mentions(bound, inner)))
      bound = Expr();
  }

  Expr bound; ///< b - a; undefined where there is none
  bool isGuard(const IfThenElse *op) const { return equal(conditionOf(op), guard); }

private:
  const std::string &variable;
  Expr guard;
  std::set<std::string> inner;      ///< what the body defines
  std::map<std::string, Expr> lets; ///< some of it
  bool isInside = false, isUnguarded = false;

  using IRVisitor::visit;

  Expr conditionOf(const IfThenElse *op) const {
    const Variable *name = op->condition.as<Variable>();
    auto let = name ? lets.find(name->name) : lets.end();
    return let == lets.end() ? op->condition : let->second;
  }

  void visit(const IfThenElse *op) override {
    Expr condition = conditionOf(op), below = boundIn(condition, variable);
    bool isOurs = !isInside && below.defined() && !op->else_case.defined() &&
                  (!guard.defined() || equal(guard, condition));
    if (!isOurs || !hasEffect(op->then_case))
      return IRVisitor::visit(op);
    guard = condition, bound = below;
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
    lets.emplace(op->name, op->value);
    IRVisitor::visit(op);
  }
  void visit(const For *op) override {
    inner.insert(op->name);
    IRVisitor::visit(op);
  }

  /// Whether something is stored that outlives a step.
  bool hasEffect(const Stmt &body) const {
    struct Finder : IRVisitor {
      explicit Finder(std::set<std::string> inner) : inner(std::move(inner)) {}
      std::set<std::string> inner;
      bool found = false;
      using IRVisitor::visit;
      void visit(const Allocate *op) override {
        inner.insert(op->name);
        IRVisitor::visit(op);
      }
      void visit(const Store *op) override { found |= !inner.count(op->name); }
    } finder(inner);
    body.accept(&finder);
    return finder.found;
  }
};

class WithoutGuard : public IRMutator {
public:
  explicit WithoutGuard(const CommonGuard &common) : common(common) {}

private:
  const CommonGuard &common;
  using IRMutator::visit;
  Stmt visit(const IfThenElse *op) override {
    return common.isGuard(op) ? mutate(op->then_case) : IRMutator::visit(op);
  }
};

} // namespace

Stmt CountedLoops::visit(const For *loop) {
  CommonGuard common(loop->name, loop->body);
  if (!common.bound.defined() || !is_const_zero(loop->min) || loop->for_type != ForType::Serial)
    return IRMutator::visit(loop);
  Expr extent = min(loop->extent, common.bound);
  return For::make(loop->name, loop->min, extent, loop->for_type, loop->partition_policy,
                   loop->device_api, WithoutGuard(common).mutate(loop->body));
}

} // namespace heed
