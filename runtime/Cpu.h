// What this CPU can run.
#pragma once

#include <cstdint>

namespace heed {

/// HEED_CPU_* bits of the features that both the CPU and the operating system support.
uint64_t cpuFeatures();

} // namespace heed
