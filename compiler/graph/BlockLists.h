// Which blocks of keys a tile of queries visits, where loop bounds cannot say it: written down once
// a task, on devices for all tiles before the first, as lists that the walks go through.
//
// A walk's stages are named by the position in its list, which is a loop's counter and so a single
// point to bounds inference; the list only says where the keys lie.
#pragma once

#include "Halide.h"

namespace heed {

/// Blocks of one size, in order.
struct BlockList {
  Halide::Func blocks; ///< (i, tile, head, batch): how many there are, then their numbers
  Halide::RVar part;   ///< of its last update, 0 or 1
  /// Positions to walk over: blocks there can be, and at least 2, since Halide would drop a loop of
  /// one step, which has to stay a loop so that it can be skipped.
  Halide::Expr most;
  bool isOfHead = true; ///< or one for all heads, at head 0

  bool defined() const { return blocks.defined(); }

  Halide::Expr count(Halide::Expr tile, Halide::Expr head, Halide::Expr batch) const {
    return element(0, tile, head, batch);
  }
  Halide::Expr at(Halide::Expr position, Halide::Expr tile, Halide::Expr head,
                  Halide::Expr batch) const {
    return Halide::unsafe_promise_clamped(element(position + 1, tile, head, batch), 0, most - 1);
  }

private:
  Halide::Expr element(Halide::Expr i, Halide::Expr tile, Halide::Expr head,
                       Halide::Expr batch) const {
    return blocks(i, tile, isOfHead ? head : 0, batch);
  }
};

} // namespace heed
