// Regions on numbers: what the reference interpreter computes with, and what every other domain is
// tested against. Floats are float64 and integers int64, both exact beyond what a kernel holds;
// constants are as written in f32.
#pragma once

#include "compiler/evaluate/Context.h"

#include <variant>

namespace heed {

/// A float, an integer or index, or an i1.
struct Number {
  std::variant<double, int64_t, bool> value;

  Number() = default;
  Number(double real) : value(real) {}
  Number(int64_t integer) : value(integer) {}
  Number(bool truth) : value(truth) {}

  bool isReal() const { return std::holds_alternative<double>(value); }
  bool isBoolean() const { return std::holds_alternative<bool>(value); }
  double asReal() const {
    return std::visit([](auto v) { return static_cast<double>(v); }, value);
  }
  int64_t asInteger() const {
    return std::visit([](auto v) { return static_cast<int64_t>(v); }, value);
  }
  bool asBoolean() const { return asInteger() != 0; }
};

Number operator+(const Number &x, const Number &y);
Number operator-(const Number &x, const Number &y);
Number operator*(const Number &x, const Number &y);
Number operator/(const Number &x, const Number &y); ///< of floats
Number operator-(const Number &x);

/// The values that `region` yields for the numbers `parameters` of its arguments before the
/// captures.
mlir::FailureOr<llvm::SmallVector<Number>>
evaluate(mlir::Region &region, llvm::ArrayRef<Number> parameters, const Context<Number> &context);

} // namespace heed
