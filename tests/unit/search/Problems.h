// Problems to search, for tests.
#pragma once

#include "schedules/search/Model.h"

namespace heed {

inline Problem denseProblem(int64_t queries = 1024, int64_t keys = 1024) {
  return {{.types = {"f32", "f32", "f32", "f32"}, .dim = 64, .valueDim = 64, .group = 1},
          {{"queries", queries}, {"keys", keys}, {"batch_heads", 12}},
          llvm::cantFail(findTarget("x86-64-avx512")),
          {.edgeKeyTile = false, .taskTiles = false},
          12.0 * queries * keys};
}

} // namespace heed
