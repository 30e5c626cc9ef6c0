#include "tools/heed-bench/Report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace heed::bench;
using testing::HasSubstr;

namespace {

Setting setting() { return {"Some CPU @ 2 GHz", "x86-64-avx2", 2, 15, 200e9, "AVX2"}; }

Result result() {
  Case c =
      llvm::cantFail(presetCase("b=1,h=12,hk=12,q=1024,k=1024,d=64", {"causal", "window=5"}, "f32"))
          .front();
  return {.problem = c,
          .layout = "bshd",
          .kernel = "causal_window_5_d64",
          .work = {.pairs = 1e6, .operations = 3e9, .pairFeatures = 0},
          .bytes = 12e6,
          .accuracy = {1e-6, 0.25},
          .timing = {0.025, 0.030}};
}

TEST(Report, JsonHasTheFieldsOfOneCaseEach) {
  auto json = nlohmann::json::parse(report(Format::Json, setting(), {result(), result()}));
  ASSERT_EQ(json.size(), 2u);
  const auto &one = json[1];
  EXPECT_EQ(one["case"], "custom");
  EXPECT_EQ(one["layout"], "bshd");
  EXPECT_EQ(one["threads"], 2);
  EXPECT_EQ(one["target"], "x86-64-avx2");
  EXPECT_DOUBLE_EQ(one["min_ms"], 25);
  EXPECT_DOUBLE_EQ(one["median_ms"], 30);
  EXPECT_DOUBLE_EQ(one["gflops"], 100);
  EXPECT_DOUBLE_EQ(one["percent_of_peak"], 50);
  EXPECT_DOUBLE_EQ(one["percent_of_peak_at_min"], 60);
  EXPECT_DOUBLE_EQ(one["gbytes_per_s"], 0.4);
  EXPECT_DOUBLE_EQ(one["max_error"], 1e-6);
  EXPECT_DOUBLE_EQ(one["error_of_bound"], 0.25);
  EXPECT_EQ(one["shape"], "b=1,h=12,hk=12,q=1024,k=1024,d=64");
  EXPECT_EQ(one["preset"], "causal,window=5");
  EXPECT_EQ(one["kernel"], "causal_window_5_d64");
  EXPECT_DOUBLE_EQ(one["gflop"], 3);
  EXPECT_EQ(one["rounds"], 15);
  EXPECT_DOUBLE_EQ(one["peak_gflops"], 200);
  EXPECT_EQ(one["cpu"], "Some CPU @ 2 GHz");
}

TEST(Report, CsvHasAHeaderAndQuotesTexts) {
  std::string csv = report(Format::Csv, setting(), {result(), result()});
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_THAT(csv, testing::StartsWith(
                       "case,layout,threads,target,min_ms,median_ms,gflops,percent_of_peak,"));
  EXPECT_THAT(csv, HasSubstr("\n\"custom\",\"bshd\",2,\"x86-64-avx2\",25.0,30.0,100.0,50.0,"));
  EXPECT_THAT(csv, HasSubstr("\"causal,window=5\""));
}

TEST(Report, TableSaysWhereAndWhat) {
  std::string table = report(Format::Table, setting(), {result()});
  EXPECT_THAT(
      table,
      testing::StartsWith(
          "Some CPU @ 2 GHz; 2 threads; x86-64-avx2; peak 200.0 GFLOP/s (AVX2 FMA); 15 rounds\n"));
  EXPECT_THAT(
      table,
      HasSubstr("\ncustom      bshd        30.000     25.000     100.0     50.0     60.0      0.4"
                "    1.0e-06      0.25\n"));
}

TEST(Report, WithoutAPeakThereIsNoShareOfIt) {
  Setting without = setting();
  without.peak = 0;
  EXPECT_THAT(report(Format::Table, without, {result()}),
              HasSubstr("peak unknown: this CPU has no FMA"));
  auto json = nlohmann::json::parse(report(Format::Json, without, {result()}));
  EXPECT_TRUE(json[0]["percent_of_peak"].is_null());
  EXPECT_TRUE(json[0]["peak_gflops"].is_null());
}

TEST(Report, CpuHasAName) { EXPECT_FALSE(cpuName().empty()); }

} // namespace
