// Default plans for GPUs fit into the shared memory that every device has.
#include "schedules/families/Gpu.h"

#include <gtest/gtest.h>

using namespace heed;

TEST(DefaultGpuPlans, FitIntoSharedMemoryAndAreLegal) {
  auto expectFits = [](const GpuPlan &plan, const GpuShape &shape) {
    SCOPED_TRACE(testing::Message()
                 << shape.dim << " and " << shape.valueDim << " columns, rows of "
                 << shape.queryRows << " and " << shape.blockRows);
    EXPECT_LE(sharedBytes(plan, shape), mostSharedBytes);
    EXPECT_EQ(llvm::toString(checkGpuPlan(plan)), "");
  };
  // From 198 columns on that are made twice nothing fits.
  for (int dim = 1; dim < 198; dim++)
    for (int valueDim : {dim, 8, 64, 128})
      for (int queryRows : {0, 1, 2})
        for (bool readsSegments : {false, true}) {
          GpuShape shape{dim, valueDim, queryRows, queryRows / 2, readsSegments};
          expectFits(defaultGpuPlan(shape), shape);
          expectFits(defaultGpuSplitPlan(shape), shape);
        }
}
