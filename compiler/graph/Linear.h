// A linear layer as Halide stages: y = epilogue(x W). Halide's dimensions are the tensors' in
// reverse: input (input, row), output (column, row), packed weights (column in panel, input,
// panel).
#pragma once

#include "Halide.h"

#include <functional>

namespace heed {

/// What a linear kernel computes, free of MLIR.
struct LinearProgram {
  int inputs = 0, outputs = 0;
  int panel = 0;              ///< columns of a panel
  Halide::ImageParam input;   ///< (input, row)
  Halide::ImageParam weights; ///< (column in panel, input, panel), zero past the last output
  /// The output from the sum of products and its place.
  std::function<Halide::Expr(Halide::Expr sum, Halide::Expr row, Halide::Expr column)> epilogue;
};

/// The graph, outermost last. A strip is the part of a panel that a register tile covers: products
/// are addressed by strip, so that a tile's columns are the strip's whatever N is, and nothing in
/// the loops is taken modulo the panel.
struct LinearStages {
  Halide::Func inputs;  ///< (input, row)
  Halide::Func product; ///< (column in strip, strip, row) sums over the inputs
  Halide::RVar input;   ///< of the sums
  Halide::Func output;  ///< (column, row)
};

/// `strip` columns, a divisor of the panel. Where tiles `reachPast` the last row, that one stands
/// in for what they read.
LinearStages buildLinear(const LinearProgram &program, int strip, bool reachPast = false);

} // namespace heed
