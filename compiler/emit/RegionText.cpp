#include "compiler/emit/RegionText.h"

#include "compiler/evaluate/Evaluate.h"

#include <fmt/format.h>

namespace heed {
namespace {

enum Binding { Choice, Or, And, Comparison, Sum, Product, Atom };

/// A formula, how tightly its outermost operator binds, and its negation where that has a shorter
/// form.
struct Text {
  std::string text;
  Binding binding = Atom;
  std::string negation = {};
};

/// Regions are graphs, formulas are trees: a value used twice in each of forty steps would not fit
/// in memory.
constexpr size_t longest = 240;

Text bounded(Text text) { return text.text.size() > longest ? Text{"..."} : std::move(text); }

std::string within(const Text &x, Binding binding) {
  return x.binding < binding ? "(" + x.text + ")" : x.text;
}

/// x op y, where operators group from the left.
Text infix(const Text &x, const char *op, const Text &y, Binding binding) {
  return bounded({within(x, binding) + " " + op + " " + within(y, Binding(binding + 1)), binding});
}

template <typename... Texts>
Text call(const char *function, const Text &first, const Texts &...rest) {
  std::string arguments = first.text;
  ((arguments += ", " + rest.text), ...);
  return bounded({fmt::format("{}({})", function, arguments)});
}

Text operator+(const Text &x, const Text &y) {
  bool negative = y.binding == Atom && y.text.front() == '-';
  return negative ? infix(x, "-", {y.text.substr(1)}, Sum) : infix(x, "+", y, Sum);
}
Text operator-(const Text &x, const Text &y) { return infix(x, "-", y, Sum); }
Text operator*(const Text &x, const Text &y) { return infix(x, "*", y, Product); }
Text operator/(const Text &x, const Text &y) { return infix(x, "/", y, Product); }
Text operator-(const Text &x) { return bounded({"-" + within(x, Atom), Product}); }

class TextDomain {
public:
  using Value = Text;
  explicit TextDomain(mlir::ValueRange captures) : captures(captures) {}

  mlir::FailureOr<Text> surroundings(mlir::Operation *op, llvm::ArrayRef<Text> operands) {
    using Result = mlir::FailureOr<Text>;
    return llvm::TypeSwitch<mlir::Operation *, Result>(op)
        .Case([&](mlir::arith::ConstantOp constant) { return this->constant(constant.getValue()); })
        .Case([&](attn::LoadOp load) { return this->load(load, operands.drop_front()); })
        .Case<attn::LoadMinOp, attn::LoadMaxOp>(
            [&](auto op) { return this->loadBox(op, operands.drop_front()); })
        .Case([&](attn::SegmentBeginOp op) {
          return call(("begin of " + nameOf(op.getStarts())).c_str(), operands[1]);
        })
        .Case([&](attn::SegmentEndOp op) {
          return call(("end of " + nameOf(op.getStarts())).c_str(), operands[1]);
        })
        .Case([&](attn::ExtentOp extent) {
          return Text{fmt::format("extent({}, {})", nameOf(extent.getTensor()), extent.getAxis())};
        })
        .Case([](attn::QueryLengthOp) { return Text{"query_length"}; })
        .Case([](attn::KeyLengthOp) { return Text{"key_length"}; })
        .Case([](attn::QueryOffsetOp) { return Text{"query_offset"}; })
        .Case([&](mlir::arith::FPToSIOp) { return call("int", operands[0]); })
        .Case([&](attn::RowSumOp) { return call("row_sum", operands[0]); })
        .Default([](mlir::Operation *) -> Result { return mlir::failure(); });
  }
  mlir::FailureOr<Text> unknown(mlir::Operation *op) {
    return Text{op->getName().getStringRef().str()};
  }

  Text boolean(bool value) { return {value ? "true" : "false"}; }
  Text less(const Text &x, const Text &y) { return comparison(x, "<", ">=", y); }
  Text equal(const Text &x, const Text &y) { return comparison(x, "=", "!=", y); }
  Text logicalNot(const Text &x) {
    return x.negation.empty() ? bounded({"not " + within(x, Atom), Comparison})
                              : Text{x.negation, Comparison, x.text};
  }
  Text logicalOr(const Text &x, const Text &y) { return infix(x, "or", y, Or); }
  Text bitAnd(const Text &x, const Text &y) { return infix(x, "and", y, And); }
  Text bitOr(const Text &x, const Text &y) { return infix(x, "or", y, Or); }
  Text bitXor(const Text &x, const Text &y) { return call("xor", x, y); }
  Text select(const Text &c, const Text &x, const Text &y) {
    return bounded({within(c, Or) + " ? " + within(x, Or) + " : " + within(y, Or), Choice});
  }
  Text cast(const Text &x, mlir::Type, bool) { return x; }

#define HEED_CALL1(name)                                                                           \
  Text name(const Text &x) { return call(#name, x); }
#define HEED_CALL2(name, shown)                                                                    \
  Text name(const Text &x, const Text &y) { return call(#shown, x, y); }
  HEED_CALL1(abs)
  HEED_CALL1(isNaN)
  HEED_CALL1(exp)
  HEED_CALL1(exp2)
  HEED_CALL1(log)
  HEED_CALL1(log2)
  HEED_CALL1(sqrt)
  HEED_CALL1(rsqrt)
  HEED_CALL1(tanh)
  HEED_CALL1(erf)
  HEED_CALL1(sin)
  HEED_CALL1(cos)
  HEED_CALL1(floor)
  HEED_CALL1(ceil)
  HEED_CALL1(trunc)
  HEED_CALL1(roundEven)
  HEED_CALL2(pow, pow)
  HEED_CALL2(max, max)
  HEED_CALL2(min, min)
  HEED_CALL2(maximum, max)
  HEED_CALL2(minimum, min)
  HEED_CALL2(divide, divide)
  HEED_CALL2(floorDivide, floor_divide)
  HEED_CALL2(unsignedDivide, unsigned_divide)
  HEED_CALL2(unsignedLess, unsigned_less)
  HEED_CALL2(shiftLeft, shift_left)
  HEED_CALL2(shiftRight, shift_right)
  HEED_CALL2(unsignedShiftRight, unsigned_shift_right)
#undef HEED_CALL1
#undef HEED_CALL2

private:
  static Text comparison(const Text &x, const char *op, const char *opposite, const Text &y) {
    return bounded(
        {infix(x, op, y, Comparison).text, Comparison, infix(x, opposite, y, Comparison).text});
  }
  Text constant(mlir::Attribute attribute) {
    if (auto integer = llvm::dyn_cast<mlir::IntegerAttr>(attribute))
      return integer.getType().isInteger(1)
                 ? boolean(!integer.getValue().isZero())
                 : Text{std::to_string(integer.getValue().getSExtValue())};
    if (auto number = llvm::dyn_cast<mlir::FloatAttr>(attribute))
      return {fmt::format("{:.7g}", number.getValueAsDouble())};
    return {"..."};
  }
  Text load(attn::LoadOp op, llvm::ArrayRef<Text> indices) {
    std::string list;
    for (const Text &index : indices)
      list += (list.empty() ? "" : ", ") + index.text;
    return bounded({fmt::format("{}[{}]", nameOf(op.getTensor()), list)});
  }
  /// any(blocks[head, first / 16 .. last / 16]), all(...); of numbers max and min.
  template <typename Op> Text loadBox(Op op, llvm::ArrayRef<Text> indices) {
    bool largest = std::is_same_v<Op, attn::LoadMaxOp>, truths = op.getType().isInteger(1);
    std::string list;
    for (size_t axis = 0, rank = indices.size() / 2; axis < rank; ++axis) {
      const std::string &first = indices[axis].text, &last = indices[rank + axis].text;
      list += (axis ? ", " : "") + (first == last ? first : first + " .. " + last);
    }
    const char *of = truths ? (largest ? "any" : "all") : (largest ? "max" : "min");
    return call(of, {fmt::format("{}[{}]", nameOf(op.getTensor()), list)});
  }
  /// Of the kernel's argument that an argument of the region stands for.
  std::string nameOf(mlir::Value captured) {
    auto argument = llvm::cast<mlir::BlockArgument>(captures[attn::captureNumber(captured)]);
    auto kernel = llvm::cast<attn::KernelOp>(argument.getOwner()->getParentOp());
    return kernel.getArgumentName(argument.getArgNumber()).str();
  }

  mlir::ValueRange captures;
};

llvm::SmallVector<Text> regionText(mlir::Region &region, llvm::ArrayRef<llvm::StringRef> parameters,
                                   mlir::ValueRange captures) {
  llvm::SmallVector<Text> names;
  for (llvm::StringRef parameter : parameters)
    names.push_back({parameter.str()});
  TextDomain domain(captures);
  return *evaluateRegion<TextDomain>(region, names, domain); // unknown() never fails
}

} // namespace

std::string bodyText(attn::Component component) {
  return regionText(component.getBody(), component.getParameterNames(), component.getCaptures())[0]
      .text;
}

std::array<std::string, 4> rangesText(attn::MaskOp mask) {
  auto bounds =
      regionText(mask.getRanges(), {"batch", "head", "first", "last"}, mask.getCaptures());
  return {bounds[0].text, bounds[1].text, bounds[2].text, bounds[3].text};
}

std::array<std::string, 2> statusText(attn::MaskOp mask) {
  auto truths =
      regionText(mask.getStatus(), {"batch", "head", "first", "last", "first_key", "last_key"},
                 mask.getCaptures());
  return {truths[0].text, truths[1].text};
}

} // namespace heed
