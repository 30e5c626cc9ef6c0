// Loops over threads: Heed's own pool, or the host's.
#pragma once

#include <heed/heed.h>

namespace heed {

/// Calls body(data, i) once for each i in [0, count) and returns when all are done. Loops inside a
/// loop's body, and loops that find the pool's places taken, run on the calling thread alone.
void runLoop(heed_loop_body body, void *data, int count);

} // namespace heed
