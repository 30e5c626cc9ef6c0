// Relative positions in buckets.
#pragma once

#include <heed/builder/values.h>

namespace heed {
inline namespace builder {

/// Half of the buckets (of one side) are for single distances, the others for ranges that grow
/// geometrically up to `farthest`; what is farther is in the last one.
struct Buckets {
  int64_t buckets = 32;
  int64_t farthest = 128;
  bool bidirectional = true; ///< keys after the query have half of the buckets; else all are in 0
};

/// The bucket of key - query (Raffel et al. 2020, section 2.1; MPNet, Song et al. 2020, uses the
/// same). Distances are compared with the ranges' ends, which are exact.
Integer relativeBucket(const Integer &keyMinusQuery, Buckets buckets);

} // namespace builder
} // namespace heed
