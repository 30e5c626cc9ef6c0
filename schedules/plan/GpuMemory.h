// What a block of threads takes of a GPU's shared memory: one count for default plans and for the
// search.
#pragma once

#include "schedules/plan/Plan.h"

namespace heed {

/// Shared memory has 32 banks of a word. Rows of a tile lie this much further apart than they are
/// long, so that threads that read down a column meet different banks, four words at a time.
inline constexpr int bankShift = 4;

/// What of a kernel decides how much shared memory and how many registers a tile takes.
struct GpuShape {
  int dim = 0, valueDim = 0;
  int queryRows = 0; ///< tiles of rows that the query is made of, itself among them if it is made
  int blockRows = 0; ///< those that keys and values are made of, these not among them
  bool readsSegments = false; ///< masks know two numbers of each query
};

/// Bytes that a block of threads takes at most, as schedules/families/Gpu.cpp lays them out.
int64_t sharedBytes(const GpuPlan &plan, const GpuShape &shape);

} // namespace heed
