// Where segments begin and end, as tables over positions: found by binary search once for each
// position that a task needs, not for each pair.
#pragma once

#include "Halide.h"

namespace heed {

struct SegmentTable {
  Halide::Func count; ///< (position) how many of the starts lie at or before it
  Halide::Func ends;  ///< (position) where its segment begins, and where it ends
  Halide::Expr last;  ///< all positions from this one on are alike, and so are those below 0
};

/// `starts` holds `number` nondecreasing cumulative lengths; see attn.segment_begin.
SegmentTable buildSegments(const Halide::Func &starts, Halide::Expr number, Halide::Expr last);

} // namespace heed
