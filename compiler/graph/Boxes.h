// The smallest and the largest element of a box of a tensor: what the status of a block of pairs
// looks at.
#pragma once

#include "Halide.h"

#include <functional>
#include <vector>

namespace heed {

struct BoxExtremes {
  Halide::Func lines; ///< (x, ...) Tuple: of the elements at x of the box's last axis; undefined
                      ///< where it has no other
  std::vector<Halide::RVar> others; ///< of its update: the other axes, the innermost first
  Halide::Expr extent;              ///< of that axis
  Halide::Func ends;                ///< (...) Tuple: smallest, largest
  Halide::RVar x;                   ///< of its update

  /// Whether there are lines of their own for each `v`.
  bool linesAreOf(const Halide::Var &v) const;
};

/// Of the box from `first` to `last`, both inclusive and inside of the tensor, of at least one axis
/// that is longer than 1. Shapes and indices are in the tensor's order. `...` are the variables
/// that `first` and `last` mention.
BoxExtremes buildBox(const std::function<Halide::Expr(const std::vector<Halide::Expr> &)> &element,
                     const std::vector<Halide::Expr> &shape, const std::vector<Halide::Expr> &first,
                     const std::vector<Halide::Expr> &last);

} // namespace heed
