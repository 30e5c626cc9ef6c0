#include "compiler/evaluate/IntervalDomain.h"
#include "compiler/evaluate/Evaluate.h"
#include "compiler/evaluate/LinearForm.h"

#include "mlir/IR/IRMapping.h"

#include <variant>

using namespace mlir;

namespace heed {
namespace {

/// The largest or the smallest of some forms: |query - key| is the largest of two.
struct IndexValue {
  SmallVector<LinearForm, 1> forms;
  bool isLargest = true;

  IndexValue(LinearForm form = {}) : forms{form} {}
  bool isSingle() const { return forms.size() == 1; }
};

/// Where a truth holds, and where its negation does: `not` swaps them, and loses nothing.
struct Truth {
  KeySets holds{everyKey(), noKey()}, fails{everyKey(), noKey()};
};

/// An index or integer, or a truth; of floats nothing is known.
struct Abstract {
  std::variant<IndexValue, Truth> value;

  Abstract() = default;
  Abstract(LinearForm form) : value(IndexValue(form)) {}
  Abstract(IndexValue index) : value(std::move(index)) {}
  Abstract(Truth truth) : value(std::move(truth)) {}

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
};

KeySets both(const KeySets &a, const KeySets &b) {
  return {intersect(a.may, b.may), intersect(a.must, b.must)};
}
KeySets either(const KeySets &a, const KeySets &b) {
  return {hull(a.may, b.may), within(a.must, b.must)};
}

Truth operator&&(const Truth &x, const Truth &y) {
  return {both(x.holds, y.holds), either(x.fails, y.fails)};
}
Truth operator||(const Truth &x, const Truth &y) {
  return {either(x.holds, y.holds), both(x.fails, y.fails)};
}
Truth operator!(const Truth &x) { return {x.fails, x.holds}; }

/// Applies `function` to each form of `x`; `turns` says that it makes the largest the smallest.
template <typename Function> Abstract mapForms(const IndexValue &x, bool turns, Function function) {
  IndexValue result = x;
  for (LinearForm &form : result.forms)
    form = function(form);
  if (turns)
    result.isLargest = !x.isLargest;
  return result;
}

Abstract operator-(const Abstract &x) {
  return mapForms(x.index(), true, [](const LinearForm &form) { return negate(form); });
}
Abstract operator+(const Abstract &x, const Abstract &y) {
  if (!y.index().isSingle())
    return x.index().isSingle() ? y + x : Abstract();
  return mapForms(x.index(), false, [&](const LinearForm &form) { return add(form, y.form()); });
}
Abstract operator-(const Abstract &x, const Abstract &y) {
  if (!y.index().isSingle())
    return x + -y;
  return mapForms(x.index(), false,
                  [&](const LinearForm &form) { return subtract(form, y.form()); });
}
Abstract operator*(const Abstract &x, const Abstract &y) {
  std::optional<int64_t> factor;
  if (LinearForm form = y.form(); form.isExact())
    factor = constantOf(form.low);
  if (!factor)
    return x.form().isExact() && constantOf(x.form().low) ? y * x : Abstract();
  return mapForms(x.index(), *factor < 0,
                  [&](const LinearForm &form) { return scale(form, *factor); });
}

class IntervalDomain {
public:
  using Value = Abstract;

  /// `copies` maps what depends on neither query nor key to its copy in the ranges.
  explicit IntervalDomain(const IRMapping &copies) : copies(copies) {}

  FailureOr<Abstract> surroundings(Operation *op, ArrayRef<Abstract>) {
    if (mlir::Value copy = copies.lookupOrNull(op->getResult(0)))
      return fromCopy(copy);
    return failure();
  }
  FailureOr<Abstract> unknown(Operation *op) {
    return op->getResult(0).getType().isInteger(1) ? Abstract(Truth()) : Abstract();
  }

  static Abstract fromCopy(mlir::Value copy) {
    if (copy.getType().isInteger(1)) {
      OpBuilder builder = OpBuilder::atBlockEnd(copy.getParentBlock());
      mlir::Value yes = arith::ConstantIntOp::create(builder, copy.getLoc(), 1, 1);
      mlir::Value negation = builder.createOrFold<arith::XOrIOp>(copy.getLoc(), copy, yes);
      KeySet holds = everyKeyIf(copy), fails = everyKeyIf(negation);
      return Truth{{holds, holds}, {fails, fails}};
    }
    if (copy.getType().isF32())
      return Abstract();
    return exactly(asIndex(copy));
  }

  static LinearForm exactly(Bound bound) {
    LinearForm form;
    form.low = form.high = bound;
    std::optional<int64_t> known = constantOf(bound);
    form.nonNegative =
        isa<BlockArgument>(bound) || (known && *known >= 0) ||
        isa_and_present<attn::QueryLengthOp, attn::KeyLengthOp>(bound.getDefiningOp());
    return form;
  }

  // Division: by a positive constant.
  Abstract floorDivide(const Abstract &x, const Abstract &y) {
    return divideBy(x, y,
                    [](const LinearForm &form, int64_t by) { return heed::floorDivide(form, by); });
  }
  Abstract divide(const Abstract &x, const Abstract &y) { return divideBy(x, y, truncatingDivide); }
  Abstract shiftLeft(const Abstract &x, const Abstract &y) {
    std::optional<int64_t> by = shift(y);
    return by ? mapForms(x.index(), false,
                         [&](const LinearForm &form) { return scale(form, 1 << *by); })
              : Abstract();
  }
  Abstract shiftRight(const Abstract &x, const Abstract &y) {
    std::optional<int64_t> by = shift(y);
    return by ? mapForms(x.index(), false,
                         [&](const LinearForm &form) { return heed::floorDivide(form, 1 << *by); })
              : Abstract();
  }

  // Logic. Of the bits of integers nothing is known.
  Abstract bitAnd(const Abstract &x, const Abstract &y) {
    return areTruths(x, y) ? Abstract(x.truth() && y.truth()) : Abstract();
  }
  Abstract bitOr(const Abstract &x, const Abstract &y) {
    return areTruths(x, y) ? Abstract(x.truth() || y.truth()) : Abstract();
  }
  Abstract bitXor(const Abstract &x, const Abstract &y) {
    return areTruths(x, y) ? logicalNot(equal(x, y)) : Abstract();
  }
  Abstract logicalNot(const Abstract &x) { return !x.truth(); }

  /// max(a, b) < y where both are; x < max(a, b) where x is less than one.
  Abstract less(const Abstract &x, const Abstract &y) {
    Truth result;
    bool isFirst = true;
    IndexValue left = x.index(), right = y.index();
    if (!left.isSingle() && !right.isSingle())
      return result;
    bool needsAll = left.isSingle() ? !right.isLargest : left.isLargest;
    for (const LinearForm &a : left.forms)
      for (const LinearForm &b : right.forms) {
        Truth one = lessForms(a, b);
        result = isFirst ? one : needsAll ? result && one : result || one;
        isFirst = false;
      }
    return result;
  }
  Abstract equal(const Abstract &x, const Abstract &y) {
    if (areTruths(x, y)) {
      Truth a = x.truth(), b = y.truth();
      return (a && b) || (!a && !b);
    }
    return !less(x, y).truth() && !less(y, x).truth();
  }
  Abstract unsignedLess(const Abstract &x, const Abstract &y) {
    return x.form().nonNegative && y.form().nonNegative ? less(x, y) : Abstract(Truth());
  }

  Abstract select(const Abstract &condition, const Abstract &x, const Abstract &y) {
    Truth c = condition.truth();
    if (areTruths(x, y))
      return (c && x.truth()) || (!c && y.truth());
    return heed::hull(x.form(), y.form());
  }
  Abstract max(const Abstract &x, const Abstract &y) {
    return extremum(x.index(), y.index(), true);
  }
  Abstract min(const Abstract &x, const Abstract &y) {
    return extremum(x.index(), y.index(), false);
  }
  Abstract abs(const Abstract &x) { return max(x, -x); }

  /// Integers keep their value: those in a kernel fit every width but i1.
  Abstract cast(const Abstract &x, Type type, bool isSigned) {
    if (type.isF32() || type.isInteger(1) || std::holds_alternative<Truth>(x.value) ||
        (!isSigned && !x.form().nonNegative))
      return type.isInteger(1) ? Abstract(Truth()) : Abstract();
    return x;
  }

private:
  static Bound asIndex(mlir::Value integer) {
    OpBuilder builder = OpBuilder::atBlockEnd(integer.getParentBlock());
    if (integer.getType().isIndex())
      return integer;
    return builder.createOrFold<arith::IndexCastOp>(integer.getLoc(), builder.getIndexType(),
                                                    integer);
  }

  static bool areTruths(const Abstract &x, const Abstract &y) {
    return std::holds_alternative<Truth>(x.value) && std::holds_alternative<Truth>(y.value);
  }

  template <typename Division>
  static Abstract divideBy(const Abstract &x, const Abstract &y, Division division) {
    LinearForm divisor = y.form();
    std::optional<int64_t> by = divisor.isExact() ? constantOf(divisor.low) : std::nullopt;
    if (!by || *by <= 0)
      return Abstract();
    return mapForms(x.index(), false, [&](const LinearForm &form) { return division(form, *by); });
  }

  static std::optional<int64_t> shift(const Abstract &y) {
    LinearForm form = y.form();
    std::optional<int64_t> by = form.isExact() ? constantOf(form.low) : std::nullopt;
    return by && *by >= 0 && *by < 30 ? by : std::nullopt;
  }

  static Truth lessForms(const LinearForm &x, const LinearForm &y) {
    Truth result;
    result.holds = keysWhereLess(x, y);
    result.fails = keysWhereLess(y, increment(x));
    return result;
  }
  /// x + 1: not x < y is y < x + 1.
  static LinearForm increment(LinearForm x) {
    bool isExact = x.isExact();
    x.low = heed::add(x.low, x.divisor);
    x.high = isExact ? x.low : heed::add(x.high, x.divisor);
    return x;
  }

  static Abstract extremum(const IndexValue &x, const IndexValue &y, bool largest) {
    bool mixed =
        (!x.isSingle() && x.isLargest != largest) || (!y.isSingle() && y.isLargest != largest);
    if (mixed)
      return Abstract();
    if (x.isSingle() && y.isSingle() && x.forms[0].slope == 0 && y.forms[0].slope == 0)
      return ofConstants(x.forms[0], y.forms[0], largest);
    IndexValue result = x;
    result.isLargest = largest;
    result.forms.append(y.forms.begin(), y.forms.end());
    return result;
  }
  /// Of two forms that don't depend on the key.
  static LinearForm ofConstants(const LinearForm &x, const LinearForm &y, bool largest) {
    LinearForm result;
    result.low =
        largest ? larger(x.low, y.low, Infinity::Loses) : smaller(x.low, y.low, Infinity::Wins);
    result.high =
        largest ? larger(x.high, y.high, Infinity::Wins) : smaller(x.high, y.high, Infinity::Loses);
    result.nonNegative = largest ? x.nonNegative || y.nonNegative : x.nonNegative && y.nonNegative;
    return result;
  }

  const IRMapping &copies;
};

/// A bound that takes more operations is given up: it would become a loop's bound, and lowering takes longer with its
/// size, written out, than skipping blocks can save.
constexpr int64_t mostOperations = 64;

/// Copies into `block` what depends on neither query nor key: batch, head, captures, lengths and
/// what is computed from them alone.
IRMapping copyUniform(attn::MaskOp mask, Block *block) {
  enum { batch, head, firstOrQuery, lastOrKey, captures };
  Block &body = mask.getBody().front();
  IRMapping copies;
  for (unsigned i = 0; i < body.getNumArguments(); ++i)
    if (i != firstOrQuery && i != lastOrKey)
      copies.map(body.getArgument(i), block->getArgument(i));
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  for (Operation &op : body.without_terminator())
    if (llvm::all_of(op.getOperands(), [&](Value operand) { return copies.contains(operand); }))
      builder.clone(op, copies);
  return copies;
}

/// The operations of `value` written out as a tree, as who has no names for shared parts sees it.
class TreeSize {
public:
  int64_t of(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return 1;
    auto [known, isNew] = sizes.try_emplace(op, 1);
    if (!isNew)
      return known->second;
    int64_t size = 1;
    for (Value operand : op->getOperands())
      size = std::min(size + of(operand), int64_t(1) << 40);
    return sizes[op] = size;
  }

private:
  DenseMap<Operation *, int64_t> sizes;
};

} // namespace

SmallVector<Value> evaluateRanges(attn::MaskOp mask, Block *block) {
  IRMapping copies = copyUniform(mask, block);
  IntervalDomain domain(copies);
  LinearForm key, query;
  key.slope = 1;
  key.low = key.high = constantBound(block, 0);
  query.low = block->getArgument(2);
  query.high = block->getArgument(3);
  key.nonNegative = query.nonNegative = true;
  Abstract batch = IntervalDomain::exactly(block->getArgument(0));
  Abstract head = IntervalDomain::exactly(block->getArgument(1));
  auto yielded = evaluateRegion<IntervalDomain>(mask.getBody(), {batch, head, query, key}, domain);
  KeySets keys = (*yielded)[0].truth().holds;
  auto write = [&](Bound bound, int64_t infinity) {
    return bound ? bound : constantBound(block, infinity);
  };
  TreeSize tree;
  auto isSmall = [&](const KeySet &set) {
    auto fits = [&](Bound bound) { return !bound || tree.of(bound) <= mostOperations; };
    return !set || (fits(set->begin) && fits(set->end));
  };
  if (!isSmall(keys.may))
    keys.may = everyKey();
  if (!isSmall(keys.must))
    keys.must = noKey();
  SmallVector<Value> results;
  for (const KeySet &set : {keys.may, keys.must}) {
    results.push_back(set ? write(set->begin, -infiniteKey) : constantBound(block, 0));
    results.push_back(set ? write(set->end, infiniteKey) : constantBound(block, 0));
  }
  return results;
}

} // namespace heed
