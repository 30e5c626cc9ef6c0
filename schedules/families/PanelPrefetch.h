// Fetches weights into L2 while earlier panels are multiplied: a Halide lowering pass.
//
// Each step of the reduction fetches one cache line, 64 bytes, of the panel two
// ahead (the next one is likely another thread's); which line of the step's weights goes round with
// the tile of rows.
// Measured over all linear layers of MiniLM at 128 tokens, one thread: where the core does 216
// GFLOP/s, 13.3 ms instead of 16.5 (the prototype); where it does 118, 25.3 instead of 25.0.
#pragma once

#include "Halide.h"

#include <string>

namespace heed {

class PanelPrefetch : public Halide::Internal::IRMutator {
public:
  static constexpr int kPanelsAhead = 2; ///< with fewer panels there is nothing to fetch

  /// `product` is the Func that reduces, `rowTile` the loop over tiles of rows around it; each step
  /// of the reduction passes `panel` floats of `weights`, (column, input, panel).
  PanelPrefetch(std::string product, std::string rowTile, std::string weights, int panel);

protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;

private:
  const std::string product, rowTile, weights;
  const int linesPerStep;
  Halide::Expr tile; ///< of the rows, inside its loop

  bool reduces(const Halide::Internal::For *loop) const;
  Halide::Internal::Stmt fetch(const Halide::Internal::Stmt &step) const;
};

} // namespace heed
