// Attention maps as one self-contained HTML page: no network, any browser, any window.
#pragma once

#include "models/heatmap/AttentionMap.h"

#include <span>
#include <string>

namespace heed {

/// What the page shows first.
struct PageStart {
  int64_t layer, head;
  size_t token;
};

/// page.html with the maps as JSON inside: {"start": {"layer", "head", "token"}, "maps": [{"text",
/// "tokens": [{"text", "special", "continues"}], "weights": (layer, head, query, key) as nested
/// lists}]}, weights with 5 significant digits.
std::string heatMapPage(std::span<const AttentionMap> maps, PageStart start);

} // namespace heed
