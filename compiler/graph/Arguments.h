// A kernel's operands as Halide buffers, and how its regions reach them.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/dialect/Signature.h"
#include "compiler/evaluate/Context.h"

#include "Halide.h"

#include <vector>

namespace heed {

/// One buffer for each argument of `signature` that is no output, in order, under its name.
/// Dimension i of a buffer is dimension rank - 1 - i of the tensor; all start at 0.
std::vector<Halide::ImageParam> argumentBuffers(const Signature &signature);

/// Loads and extents of what `component` captures of the kernel whose operands are `buffers`.
Context<Halide::Expr> captureContext(attn::Component component,
                                     const std::vector<Halide::ImageParam> &buffers);

/// The number of a kernel's operand.
unsigned operandNumber(mlir::Value operand);

} // namespace heed
