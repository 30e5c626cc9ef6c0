// That everything is run, in which order, and what is made of the samples: no figure of time.
#include "tools/measure/Rounds.h"
#include "compiler/emit/Errors.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::measure;

namespace {

TEST(Rounds, MedianIsInTheMiddle) {
  EXPECT_EQ(medianOf({3, 1, 2}), 2);
  EXPECT_EQ(medianOf({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(medianOf({5}), 5);
}

TEST(Rounds, EveryRoundRunsEveryCallInTurn) {
  std::string order;
  auto call = [&](char name) {
    return [&order, name] {
      if (order.empty() || order.back() != name)
        order += name;
      return llvm::Error::success();
    };
  };
  Peak peak(1);
  Progress progress("test");
  auto timings = llvm::cantFail(measureRounds({call('a'), call('b')}, 3, peak, progress));
  EXPECT_EQ(order, "ababab");
  ASSERT_EQ(timings.size(), 2u);
  for (const Timing &timing : timings) {
    EXPECT_GT(timing.least, 0);
    EXPECT_LE(timing.least, timing.median);
  }
}

TEST(Rounds, AFailingCallEndsIt) {
  Peak peak(1);
  Progress progress("test");
  auto timings = measureRounds({[] { return userError("no"); }}, 3, peak, progress);
  EXPECT_EQ(llvm::toString(timings.takeError()), "no");
}

TEST(Rounds, PeakIsPositiveWhereThereAreFmas) {
  Peak peak(2);
  EXPECT_EQ(peak.best(), 0);
  peak.measure();
  bool hasFma = __builtin_cpu_supports("avx512f") ||
                (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  EXPECT_EQ(peak.best() > 0, hasFma);
  EXPECT_EQ(peak.widest().empty(), !hasFma);
}

} // namespace
