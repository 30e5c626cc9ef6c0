// How fast this machine reads memory, for the roofline.
#pragma once

namespace heed::tune {

/// Bytes a second that `threads` read together from memory far beyond the caches: the best of a few
/// passes, in a child. 0 where that fails.
double readBandwidth(int threads);

} // namespace heed::tune
