// Mask regions on bounds: what the ranges and the status of a mask have in common. An index is a
// LinearForm; a truth is whatever `Truth` is, which a domain chooses. Truth has
// - a default value, of which nothing is known;
// - `exactly(value)`: a truth (i1) that depends on neither query nor key;
// - `less(x, y)`: what comparing two forms says;
// - `&&`, `||` and `!`.
//
// What depends on neither the query nor the key is copied into the new region as it is, whatever it
// computes. Of floats nothing is known.
#pragma once

#include "compiler/evaluate/Evaluate.h"
#include "compiler/evaluate/LinearForm.h"
#include "compiler/evaluate/Uniform.h"

#include <variant>

namespace heed {

/// The largest or the smallest of some forms: |query - key| is the largest of two.
struct IndexValue {
  llvm::SmallVector<LinearForm, 1> forms;
  bool isLargest = true;

  IndexValue(LinearForm form = {}) : forms{form} {}
  bool isSingle() const { return forms.size() == 1; }
};

/// An index or integer, or a truth.
template <typename Truth> struct Abstract {
  std::variant<IndexValue, Truth> value;

  Abstract() = default;
  Abstract(LinearForm form) : value(IndexValue(form)) {}
  Abstract(IndexValue index) : value(std::move(index)) {}
  Abstract(Truth truth) : value(std::move(truth)) {}

  bool isTruth() const { return std::holds_alternative<Truth>(value); }
  IndexValue index() const {
    auto *known = std::get_if<IndexValue>(&value);
    return known ? *known : IndexValue();
  }
  LinearForm form() const {
    IndexValue known = index();
    return known.isSingle() ? known.forms.front() : LinearForm();
  }
  Truth truth() const {
    auto *known = std::get_if<Truth>(&value);
    return known ? *known : Truth();
  }
  /// The constant it is, if it is one.
  std::optional<int64_t> constant() const {
    LinearForm known = form();
    return known.isExact() ? constantOf(known.low) : std::nullopt;
  }

  /// Applies `function` to each form; `turns` says that it makes the largest the smallest.
  template <typename Function> Abstract mapForms(bool turns, Function function) const {
    IndexValue result = index();
    for (LinearForm &form : result.forms)
      form = function(form);
    if (turns)
      result.isLargest = !result.isLargest;
    return result;
  }

  friend Abstract operator-(const Abstract &x) {
    return x.mapForms(true, [](const LinearForm &form) { return negate(form); });
  }
  friend Abstract operator+(const Abstract &x, const Abstract &y) {
    if (!y.index().isSingle())
      return x.index().isSingle() ? y + x : Abstract();
    return x.mapForms(false, [&](const LinearForm &form) { return add(form, y.form()); });
  }
  friend Abstract operator-(const Abstract &x, const Abstract &y) {
    if (!y.index().isSingle())
      return x + -y;
    return x.mapForms(false, [&](const LinearForm &form) { return subtract(form, y.form()); });
  }
  friend Abstract operator*(const Abstract &x, const Abstract &y) {
    std::optional<int64_t> factor = y.constant();
    if (!factor)
      return x.constant() ? y * x : Abstract();
    return x.mapForms(*factor < 0, [&](const LinearForm &form) { return scale(form, *factor); });
  }
};

/// `Derived` may hide `surroundings` with more that it knows.
template <typename Derived, typename Truth> class BoundDomain {
public:
  using Value = Abstract<Truth>;

  /// `copies` maps what depends on neither query nor key to its copy.
  explicit BoundDomain(const mlir::IRMapping &copies) : copies(copies) {}

  mlir::FailureOr<Value> surroundings(mlir::Operation *op, llvm::ArrayRef<Value> operands) {
    if (mlir::Value copy = copies.lookupOrNull(op->getResult(0)))
      return fromCopy(copy);
    if (mlir::isa<attn::SegmentBeginOp, attn::SegmentEndOp>(op))
      return Value(segment(op, copies.lookup(op->getOperand(0)), operands[1].form()));
    return mlir::failure();
  }
  mlir::FailureOr<Value> unknown(mlir::Operation *op) {
    return op->getResult(0).getType().isInteger(1) ? Value(Truth()) : Value();
  }

  static Value fromCopy(mlir::Value copy) {
    if (copy.getType().isInteger(1))
      return Truth::exactly(copy);
    if (llvm::isa<mlir::FloatType>(copy.getType()))
      return Value();
    return heed::exactly(asIndex(copy));
  }

  // Division: by a positive constant.
  Value floorDivide(const Value &x, const Value &y) {
    return divideBy(x, y,
                    [](const LinearForm &form, int64_t by) { return heed::floorDivide(form, by); });
  }
  Value divide(const Value &x, const Value &y) { return divideBy(x, y, truncatingDivide); }
  Value shiftLeft(const Value &x, const Value &y) {
    std::optional<int64_t> by = shift(y);
    return by ? x.mapForms(false, [&](const LinearForm &form) { return scale(form, 1 << *by); })
              : Value();
  }
  Value shiftRight(const Value &x, const Value &y) {
    std::optional<int64_t> by = shift(y);
    return by ? x.mapForms(
                    false,
                    [&](const LinearForm &form) { return heed::floorDivide(form, 1 << *by); })
              : Value();
  }

  // Logic. Of the bits of integers nothing is known.
  Value bitAnd(const Value &x, const Value &y) {
    return areTruths(x, y) ? Value(x.truth() && y.truth()) : Value();
  }
  Value bitOr(const Value &x, const Value &y) {
    return areTruths(x, y) ? Value(x.truth() || y.truth()) : Value();
  }
  Value bitXor(const Value &x, const Value &y) {
    return areTruths(x, y) ? logicalNot(equal(x, y)) : Value();
  }
  Value logicalNot(const Value &x) { return !x.truth(); }

  /// max(a, b) < y where both are; x < max(a, b) where x is less than one.
  Value less(const Value &x, const Value &y) {
    Truth result;
    bool isFirst = true;
    IndexValue left = x.index(), right = y.index();
    if (!left.isSingle() && !right.isSingle())
      return result;
    bool needsAll = left.isSingle() ? !right.isLargest : left.isLargest;
    for (const LinearForm &a : left.forms)
      for (const LinearForm &b : right.forms) {
        Truth one = Truth::less(a, b);
        result = isFirst ? one : needsAll ? result && one : result || one;
        isFirst = false;
      }
    return result;
  }
  Value equal(const Value &x, const Value &y) {
    if (areTruths(x, y)) {
      Truth a = x.truth(), b = y.truth();
      return (a && b) || (!a && !b);
    }
    return !less(x, y).truth() && !less(y, x).truth();
  }
  Value unsignedLess(const Value &x, const Value &y) {
    return x.form().nonNegative && y.form().nonNegative ? less(x, y) : Value(Truth());
  }

  Value select(const Value &condition, const Value &x, const Value &y) {
    Truth c = condition.truth();
    if (areTruths(x, y))
      return (c && x.truth()) || (!c && y.truth());
    return heed::hull(x.form(), y.form());
  }
  Value max(const Value &x, const Value &y) { return extremum(x.index(), y.index(), true); }
  Value min(const Value &x, const Value &y) { return extremum(x.index(), y.index(), false); }
  Value abs(const Value &x) { return max(x, -x); }

  /// Integers keep their value: those in a kernel fit every width but i1.
  Value cast(const Value &x, mlir::Type type, bool isSigned) {
    if (llvm::isa<mlir::FloatType>(type) || type.isInteger(1) || x.isTruth() ||
        (!isSigned && !x.form().nonNegative))
      return type.isInteger(1) ? Value(Truth()) : Value();
    return x;
  }

protected:
  const mlir::IRMapping &copies;

private:
  static bool areTruths(const Value &x, const Value &y) { return x.isTruth() && y.isTruth(); }

  template <typename Division>
  static Value divideBy(const Value &x, const Value &y, Division division) {
    std::optional<int64_t> by = y.constant();
    if (!by || *by <= 0)
      return Value();
    return x.mapForms(false, [&](const LinearForm &form) { return division(form, *by); });
  }

  static std::optional<int64_t> shift(const Value &y) {
    std::optional<int64_t> by = y.constant();
    return by && *by >= 0 && *by < 30 ? by : std::nullopt;
  }

  static Value extremum(const IndexValue &x, const IndexValue &y, bool largest) {
    bool mixed =
        (!x.isSingle() && x.isLargest != largest) || (!y.isSingle() && y.isLargest != largest);
    if (mixed)
      return Value();
    if (x.isSingle() && y.isSingle() && x.forms[0].slope == 0 && y.forms[0].slope == 0)
      return heed::extremum(x.forms[0], y.forms[0], largest);
    IndexValue result = x;
    result.isLargest = largest;
    result.forms.append(y.forms.begin(), y.forms.end());
    return result;
  }
};

} // namespace heed
