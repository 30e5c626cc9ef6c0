// The body of a pairwise score, read from MLIR.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/evaluate/Context.h"
#include "compiler/graph/Pairwise.h"

namespace heed {

/// What the body gives. A sum with what sees no pair, and a quotient by a math.clampf between
/// constants, are taken apart. `contextFor` gives what it sees in a batch entry.
mlir::FailureOr<PairFunction> readPairwise(
    attn::ScoreOp score,
    std::function<Context<Halide::Expr>(mlir::ValueRange captures, Halide::Expr batch)> contextFor);

} // namespace heed
