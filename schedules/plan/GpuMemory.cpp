#include "schedules/plan/GpuMemory.h"

#include <algorithm>

namespace heed {

// Keys, values, scores and weights take three places in turns.
int64_t sharedBytes(const GpuPlan &plan, const GpuShape &shape) {
  constexpr int64_t states = 2; // of most normalizers
  int64_t queries = plan.queryTile, keys = plan.keyTile, columns = plan.columns,
          groups = (shape.valueDim + columns - 1) / columns;
  int64_t place = std::max(
      {(keys + bankShift) * shape.dim, keys * shape.valueDim, (queries + bankShift) * keys});
  return 4 * (queries * shape.dim + groups * queries * (states + columns) + 3 * place +
              shape.queryRows * queries * shape.dim + shape.blockRows * keys * shape.dim);
}

} // namespace heed
