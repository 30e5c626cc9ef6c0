// Tensors that a kernel takes, as lambdas load from them.
#pragma once

#include <heed/builder/values.h>

#include <stdexcept>

namespace heed {
inline namespace builder {

/// What cannot be built: the message says what and why.
struct BuilderError : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Elements of 16 bits, which C++20 has no types for.
struct Half;
struct BFloat16;

/// An axis of a tensor: its extent, or `any`, which each call chooses.
using Extent = int64_t;
inline constexpr Extent any = -1;

namespace detail {

/// What is written after tensor<..x, and what a load gives.
template <typename T> struct ElementOf {
  static_assert(never<T>,
                "heed: tensors hold float, double, Half, BFloat16, bool, int8_t, int32_t, "
                "int64_t, or Real for the kernel's own type");
};
template <> struct ElementOf<Real> {
  using Loaded = Real;
  static constexpr const char *name = "$T";
};
template <> struct ElementOf<float> {
  using Loaded = Real;
  static constexpr const char *name = "f32";
};
template <> struct ElementOf<double> {
  using Loaded = Real;
  static constexpr const char *name = "f64";
};
template <> struct ElementOf<Half> {
  using Loaded = Real;
  static constexpr const char *name = "f16";
};
template <> struct ElementOf<BFloat16> {
  using Loaded = Real;
  static constexpr const char *name = "bf16";
};
template <> struct ElementOf<bool> {
  using Loaded = Truth;
  static constexpr const char *name = "i1";
};
template <> struct ElementOf<int8_t> {
  using Loaded = Integer;
  static constexpr const char *name = "i8";
};
template <> struct ElementOf<int32_t> {
  using Loaded = Integer;
  static constexpr const char *name = "i32";
};
template <> struct ElementOf<int64_t> {
  using Loaded = Integer;
  static constexpr const char *name = "i64";
};

/// A kernel's argument, or what an operand's last step gave.
struct TensorData {
  std::string name, element;
  std::vector<Extent> extents;
  std::string role; ///< "attn.key_lengths", ... or empty
};
using TensorPtr = std::shared_ptr<const TensorData>;

NodePtr load(const TensorPtr &tensor, const std::vector<Integer> &place);
NodePtr extent(const TensorPtr &tensor, unsigned axis);
NodePtr segment(const char *end, const TensorPtr &starts, const Integer &position);

} // namespace detail

/// The rank of a tensor whose axes are counted while building.
inline constexpr size_t anyRank = static_cast<size_t>(-1);

/// An input of `Rank` axes. Where an index is no position of the lambda but computed, it is clamped
/// to the axis; where it is one, the axis must have that position's extent.
template <typename T, size_t Rank = anyRank> class Tensor {
public:
  using Loaded = typename detail::ElementOf<T>::Loaded;
  explicit Tensor(detail::TensorPtr data) : data(std::move(data)) {}

  template <typename... I> Loaded operator()(const I &...place) const {
    static_assert(Rank == anyRank || sizeof...(I) == Rank,
                  "heed: a tensor is loaded with one index for each of its axes");
    static_assert((detail::isWhole<I> && ...), "heed: an index is a whole number: write whole(x)");
    if constexpr ((detail::isWhole<I> && ...))
      return at({Integer(place)...});
    else
      return Loaded(nullptr);
  }
  template <typename I> Loaded operator[](const I &place) const { return (*this)(place); }
  Loaded at(const std::vector<Integer> &place) const { return Loaded(detail::load(data, place)); }

  /// How long an axis is.
  Integer extent(unsigned axis) const { return Integer(detail::extent(data, axis)); }

  detail::TensorPtr data;
};

/// Cumulative lengths of packed sequences: [0, end of the first, end of the second, ...].
class Segments {
public:
  explicit Segments(detail::TensorPtr data) : data(std::move(data)) {}
  /// Where the sequence of a position begins, and where it ends.
  Integer begin(const Integer &position) const {
    return Integer(detail::segment("begin", data, position));
  }
  Integer end(const Integer &position) const {
    return Integer(detail::segment("end", data, position));
  }

private:
  detail::TensorPtr data;
};

} // namespace builder
} // namespace heed
