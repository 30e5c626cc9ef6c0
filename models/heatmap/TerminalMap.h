// An attention map of one head as text.
#pragma once

#include "models/heatmap/AttentionMap.h"

#include <string>

namespace heed {

struct TerminalStyle {
  bool color = false;  ///< background colours (xterm's 256) instead of characters
  size_t columns = 80; ///< of the terminal; keys that do not fit are left out, and it is said
};

/// Rows are queries, columns the keys they look at, two terminal columns each.
std::string renderMap(const AttentionMap &map, int64_t layer, int64_t head,
                      const TerminalStyle &style);

} // namespace heed
