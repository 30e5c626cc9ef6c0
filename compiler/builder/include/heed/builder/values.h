// What lambdas compute with: numbers, whole numbers and conditions that a kernel will know. Wrong
// uses are compile errors that begin with "heed:".
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace heed {
inline namespace builder {

namespace detail {

struct TensorData;
struct Node;
using NodePtr = std::shared_ptr<const Node>;

/// One operation of a region, or a parameter of it. `$T` in its texts is the kernel's arithmetic
/// type.
struct Node {
  std::string name;          ///< of its result, as far as it is free
  std::string type;          ///< of its result: $T, index, i32, i64 or i1
  std::string before, after; ///< its text around the operands; empty: a parameter
  std::vector<NodePtr> operands;
  std::shared_ptr<const TensorData> tensor; ///< that it reads, or null
};

template <typename> inline constexpr bool never = false;

} // namespace detail

class Integer;

/// A number of the kernel's arithmetic type: f32, or f64 where queries, keys and values are.
class Real {
public:
  template <std::floating_point T> Real(T value) : Real(constant(static_cast<double>(value))) {}
  template <std::integral T> Real(T value) : Real(constant(static_cast<double>(value))) {
    static_assert(!std::same_as<T, bool>, "heed: a bool is no number: write 1.0 or 0.0");
  }
  Real(const Integer &value);
  explicit Real(detail::NodePtr node) : node(std::move(node)) {}
  detail::NodePtr node;

private:
  static detail::NodePtr constant(double value);
};

/// A whole number of 32 bits: a position, a length, an element of an integer tensor.
class Integer {
public:
  template <std::integral T> Integer(T value) : Integer(constant(static_cast<int64_t>(value))) {
    static_assert(!std::same_as<T, bool>, "heed: a bool is no number: write 1 or 0");
  }
  explicit Integer(detail::NodePtr node) : node(std::move(node)) {}
  detail::NodePtr node;

private:
  static detail::NodePtr constant(int64_t value);
};

/// Whether something holds: what a mask gives.
class Truth {
public:
  Truth(std::same_as<bool> auto value) : Truth(constant(value)) {}
  explicit Truth(detail::NodePtr node) : node(std::move(node)) {}
  template <std::same_as<bool> T> explicit operator T() const {
    static_assert(detail::never<T>,
                  "heed: a condition on positions or scores is known when the kernel "
                  "runs, not while it is built: write select(condition, a, b)");
    return false;
  }
  detail::NodePtr node;

private:
  static detail::NodePtr constant(bool value);
};

template <typename T>
concept Expression = std::same_as<T, Real> || std::same_as<T, Integer> || std::same_as<T, Truth>;

/// One of the two is an expression; the other may be an ordinary number.
template <typename A, typename B>
concept Operands = (Expression<A> && (Expression<B> || std::is_arithmetic_v<B>)) ||
                   (Expression<B> && std::is_arithmetic_v<A>);

namespace detail {

template <typename T>
inline constexpr bool isTruth = std::same_as<T, Truth> || std::same_as<T, bool>;
template <typename T>
inline constexpr bool isWhole = std::same_as<T, Integer> || (std::integral<T> && !isTruth<T>);

/// What arithmetic on these gives: an Integer of two whole numbers, else a Real.
template <typename... T> struct Arithmetic {
  static_assert(!(isTruth<T> || ...), "heed: a condition is no number to compute with: write "
                                      "select(condition, 1.0, 0.0), or && between conditions");
  using type = std::conditional_t<(isWhole<T> && ...), Integer, Real>;
};
template <typename... T> using Number = typename Arithmetic<T...>::type;

// `op` as arith spells it without its f or i; `name` is what results are called.
Real binary(const char *op, const char *name, const Real &a, const Real &b);
Integer binary(const char *op, const char *name, const Integer &a, const Integer &b);
Truth compare(const char *predicate, const Real &a, const Real &b);
Truth compare(const char *predicate, const Integer &a, const Integer &b);
Truth logic(const char *op, const Truth &a, const Truth &b);
Real negate(const Real &a);
Integer negate(const Integer &a);
Real divide(const Real &a, const Real &b);
Integer divide(const Integer &a, const Integer &b);
Real larger(const Real &a, const Real &b);
Integer larger(const Integer &a, const Integer &b);
Real smaller(const Real &a, const Real &b);
Integer smaller(const Integer &a, const Integer &b);
Real choose(const Truth &condition, const Real &a, const Real &b);
Integer choose(const Truth &condition, const Integer &a, const Integer &b);
Truth choose(const Truth &condition, const Truth &a, const Truth &b);

} // namespace detail

template <typename A, typename B>
  requires Operands<A, B>
auto operator+(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::binary("add", "sum", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
auto operator-(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::binary("sub", "difference", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
auto operator*(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::binary("mul", "product", T(a), T(b));
}
/// Of whole numbers rounded down.
template <typename A, typename B>
  requires Operands<A, B>
auto operator/(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::divide(T(a), T(b));
}
/// a - b (a / b): from 0 to b - 1.
template <typename A, typename B>
  requires Operands<A, B>
Integer operator%(const A &a, const B &b) {
  static_assert(detail::isWhole<A> && detail::isWhole<B>,
                "heed: % is for whole numbers: write x - floor(x / y) * y");
  return Integer(a) - detail::divide(Integer(a), Integer(b)) * Integer(b);
}
template <typename A>
  requires Expression<A>
auto operator-(const A &a) {
  return detail::negate(detail::Number<A>(a));
}

template <typename A, typename B>
  requires Operands<A, B>
Truth operator<(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::compare("lt", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
Truth operator<=(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::compare("le", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
Truth operator>(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::compare("gt", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
Truth operator>=(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::compare("ge", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
Truth operator==(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::compare("eq", T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
Truth operator!=(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::compare("ne", T(a), T(b));
}

/// Both sides are computed, always.
template <typename A, typename B>
  requires Operands<A, B>
Truth operator&&(const A &a, const B &b) {
  static_assert(detail::isTruth<A> && detail::isTruth<B>, "heed: && joins conditions, not numbers");
  return detail::logic("and", Truth(a), Truth(b));
}
template <typename A, typename B>
  requires Operands<A, B>
Truth operator||(const A &a, const B &b) {
  static_assert(detail::isTruth<A> && detail::isTruth<B>, "heed: || joins conditions, not numbers");
  return detail::logic("or", Truth(a), Truth(b));
}
inline Truth operator!(const Truth &a) { return detail::logic("xor", a, Truth(true)); }

template <typename A, typename B>
  requires Operands<A, B>
auto max(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::larger(T(a), T(b));
}
template <typename A, typename B>
  requires Operands<A, B>
auto min(const A &a, const B &b) {
  using T = detail::Number<A, B>;
  return detail::smaller(T(a), T(b));
}
/// a where the condition holds, else b. Both are computed, always.
template <typename A, typename B> auto select(const Truth &condition, const A &a, const B &b) {
  if constexpr (detail::isTruth<A> && detail::isTruth<B>) {
    return detail::choose(condition, Truth(a), Truth(b));
  } else {
    using T = detail::Number<A, B>;
    return detail::choose(condition, T(a), T(b));
  }
}

Integer abs(const Integer &a);
Real abs(const Real &a);
Real exp(const Real &a);
Real exp2(const Real &a);
Real log(const Real &a);
Real log2(const Real &a);
Real pow(const Real &a, const Real &b);
Real sqrt(const Real &a);
Real rsqrt(const Real &a);
Real tanh(const Real &a);
Real erf(const Real &a);
Real sin(const Real &a);
Real cos(const Real &a);
Real floor(const Real &a);
Real ceil(const Real &a);
Truth isNaN(const Real &a);
/// A whole number as a Real.
Real real(const Integer &a);
/// Rounded towards 0.
Integer whole(const Real &a);

} // namespace builder
} // namespace heed
