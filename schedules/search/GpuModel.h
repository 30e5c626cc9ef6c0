// What a GPU plan takes, by counting.
#pragma once

#include "schedules/search/Model.h"

namespace heed {

/// Cycles of attention on a GPU of the size of NVIDIA's A100 (108 SMs): for each block of keys an
/// SM is busy for as long as the slowest of its units is - multiply-adds, shared memory, powers of
/// two, what L2 gives - or waits for keys and values, which only other blocks of threads on the SM
/// hide. Far beyond all others where a tile does not fit into the shared memory that a block may
/// have. scripts/gpu/model.py says the same of one plan, with registers as CUDA's assembler counts
/// them.
double gpuCycles(const Problem &problem, const GpuPlan &plan);

} // namespace heed
