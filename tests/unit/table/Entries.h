// Entries of tables, for tests.
#pragma once

#include "schedules/table/Table.h"

namespace heed {

inline KernelKey attentionKey() {
  return {.types = {"f32", "f32", "f32", "f32"}, .dim = 64, .valueDim = 64, .group = 1};
}

inline Plan onlinePlan(int queryTile) {
  return {"x86-64-avx2", OnlinePlan{.queryTile = queryTile, .queryVectors = 2}};
}

inline Plan rowPlan() { return {"x86-64-avx2", RowPlan{.queryTile = 16}}; }

inline TableEntry entryAt(int64_t queries, int64_t keys, Plan plan,
                          KernelKey kernel = attentionKey()) {
  return {
      kernel, {{"queries", queries}, {"keys", keys}, {"batch_heads", 12}}, plan, "Some CPU", 1, 0.5,
      0.75};
}

inline Table tableOf(std::vector<TableEntry> entries) {
  return {"folder/own.json", "x86-64-avx2", std::move(entries)};
}

} // namespace heed
