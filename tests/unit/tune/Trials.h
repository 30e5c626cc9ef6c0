// Trials, for tests.
#pragma once

#include "tools/heed-tune/Log.h"

namespace heed::tune {

inline Plan planOf(int keyTile) {
  return {"x86-64-avx2", OnlinePlan{.keyTile = keyTile, .queryVectors = 2}};
}

inline Setting someSetting() {
  return {.machine = "Some CPU",
          .compiler = "c0ffee",
          .kernel = "abc",
          .target = "x86-64-avx2",
          .extents = "batch=1,queries=16",
          .layouts = "bhsd,bshd",
          .threads = 1};
}

inline Trial trialOf(int keyTile, double seconds, double rival = 0,
                     Outcome outcome = Outcome::Measured) {
  return {.setting = someSetting(),
          .plan = planOf(keyTile),
          .outcome = outcome,
          .seconds = seconds,
          .rival = rival,
          .peak = 1e11,
          .estimate = 1e6,
          .at = 1,
          .search = "guided"};
}

} // namespace heed::tune
