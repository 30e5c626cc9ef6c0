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

enum class Side { Below, AtLeast };

/// What `variable` has to be below for `condition`, `variable + a < b`, or at least for `b <=
/// variable + a`; undefined where that is of another kind.
Expr boundIn(const Expr &condition, const std::string &variable, Side side) {
  auto isIt = [&](const Expr &e) {
    const Variable *v = e.as<Variable>();
    return v && v->name == variable;
  };
  auto solve = [&](const Expr &sum, const Expr &bound) -> Expr {
    if (isIt(sum))
      return bound;
    const Add *add = sum.as<Add>();
    return add && isIt(add->a) ? bound - add->b : add && isIt(add->b) ? bound - add->a : Expr();
  };
  const LT *less = condition.as<LT>();
  const LE *atMost = condition.as<LE>();
  if (side == Side::Below)
    return less ? solve(less->a, less->b) : Expr();
  return atMost ? solve(atMost->b, atMost->a) : less ? solve(less->b, less->a + 1) : Expr();
}

/// The condition of one side that every effect of a loop's body is under, a and b of outside.
class CommonGuard : public IRVisitor {
public:
  CommonGuard(const std::string &variable, Side side, const Stmt &body)
      : variable(variable), side(side) {
    body.accept(this);
    if (isUnguarded || (bound.defined() && (mentions(bound, inner) || mentions(bound, produced))))
      bound = Expr();
  }

  Expr bound; ///< b - a; undefined where there is none
  bool isGuard(const IfThenElse *op) const { return equal(conditionOf(op), guard); }

private:
  const std::string &variable;
  const Side side;
  Expr guard;
  std::set<std::string> inner;      ///< what the body defines
  std::set<std::string> produced;   ///< what a step stores for itself
  std::map<std::string, Expr> lets; ///< some of it, written out
  bool isInside = false, isUnguarded = false;

  using IRVisitor::visit;

  // Written out: what it reads of the body are no names.
  Expr conditionOf(const IfThenElse *op) const { return substitute(lets, op->condition); }

  void visit(const IfThenElse *op) override {
    Expr condition = conditionOf(op), below = boundIn(condition, variable, side);
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
  void visit(const ProducerConsumer *op) override {
    if (op->is_producer)
      addProduced(op->body);
    else
      op->body.accept(this);
  }
  void addProduced(const Stmt &body) {
    struct Finder : IRVisitor {
      explicit Finder(std::set<std::string> &names) : names(names) {}
      std::set<std::string> &names;
      using IRVisitor::visit;
      void visit(const Store *op) override { names.insert(op->name); }
    } finder(produced);
    body.accept(&finder);
  }
  void visit(const Allocate *op) override {
    inner.insert(op->name);
    IRVisitor::visit(op);
  }
  void visit(const LetStmt *op) override {
    inner.insert(op->name);
    lets.emplace(op->name, substitute(lets, op->value));
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
      void visit(const ProducerConsumer *op) override {
        if (!op->is_producer)
          op->body.accept(this);
      }
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
  if (!is_const_zero(loop->min) || loop->for_type != ForType::Serial)
    return IRMutator::visit(loop);
  CommonGuard below(loop->name, Side::Below, loop->body);
  Stmt body = below.bound.defined() ? WithoutGuard(below).mutate(loop->body) : loop->body;
  CommonGuard atLeast(loop->name, Side::AtLeast, body);
  if (atLeast.bound.defined())
    body = WithoutGuard(atLeast).mutate(body);
  if (!below.bound.defined() && !atLeast.bound.defined())
    return IRMutator::visit(loop);
  Expr begin = atLeast.bound.defined() ? max(atLeast.bound, 0) : loop->min;
  Expr end = below.bound.defined() ? min(loop->extent, below.bound) : loop->extent;
  return For::make(loop->name, begin, end - begin, loop->for_type, loop->partition_policy,
                   loop->device_api, mutate(body));
}

} // namespace heed
