#include "tools/heed-bench/Report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace heed::bench;
using testing::HasSubstr;

namespace {

Setting setting() {
  return {.cpu = "Some CPU @ 2 GHz",
          .target = "x86-64-avx2",
          .threads = 2,
          .rounds = 15,
          .peak = 200e9,
          .peakName = "AVX2",
          .memory = 15e9,
          .plan = ""};
}

Result result() {
  Case c =
      llvm::cantFail(presetCase("b=1,h=12,hk=12,q=1024,k=1024,d=64", {"causal", "window=5"}, "f32"))
          .front();
  return {.problem = c,
          .layout = "bshd",
          .kernel = "causal_window_5_d64",
          .work = {.pairs = 1e6, .operations = 3e9, .pairFeatures = 0},
          .bytes = 12e6,
          .readBytes = 9e6,
          .accuracy = {1e-6, 0.25},
          .timing = {0.025, 0.030},
          .reading = {0.005, 0.015}};
}

TEST(Report, JsonHasTheFieldsOfOneCaseEach) {
  auto json = nlohmann::json::parse(report(Format::Json, setting(), {result(), result()}, {}));
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
  EXPECT_EQ(one["dtype"], "f32");
  EXPECT_DOUBLE_EQ(one["percent_of_bandwidth"], 50);
  EXPECT_DOUBLE_EQ(one["percent_of_bandwidth_at_min"], 20);
  EXPECT_TRUE(one["pair_features_per_s"].is_null());
  EXPECT_DOUBLE_EQ(one["gbyte"], 0.012);
  EXPECT_DOUBLE_EQ(one["read_gbyte"], 0.009);
  EXPECT_DOUBLE_EQ(one["read_min_ms"], 5);
  EXPECT_DOUBLE_EQ(one["memory_gbytes_per_s"], 15);
  EXPECT_EQ(one["reproduce"],
            "heed-bench --shape b=1,h=12,hk=12,q=1024,k=1024,d=64 --preset 'causal,window=5' "
            "--layout bshd --threads 2 --rounds 15 --target x86-64-avx2");
}

TEST(Report, CsvHasAHeaderAndQuotesTexts) {
  std::string csv = report(Format::Csv, setting(), {result(), result()}, {});
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_THAT(csv, testing::StartsWith(
                       "case,layout,threads,target,min_ms,median_ms,gflops,percent_of_peak,"));
  EXPECT_THAT(csv, HasSubstr("\n\"custom\",\"bshd\",2,\"x86-64-avx2\",25.0,30.0,100.0,50.0,"));
  EXPECT_THAT(csv, HasSubstr("\"causal,window=5\""));
}

TEST(Report, TableSaysWhereAndWhat) {
  std::string table = report(Format::Table, setting(), {result()}, {});
  EXPECT_THAT(
      table,
      testing::StartsWith(
          "Some CPU @ 2 GHz; 2 threads; x86-64-avx2; peak 200.0 GFLOP/s (AVX2 FMA); memory 15.0 "
          "GB/s; 15 rounds\n"));
  EXPECT_THAT(
      table,
      HasSubstr("\ncustom        bshd        30.000     25.000     100.0     50.0     60.0      0.4"
                "     20.0    1.0e-06      0.25\n"));
}

TEST(Report, WithoutAPeakThereIsNoShareOfIt) {
  Setting without = setting();
  without.peak = 0;
  EXPECT_THAT(report(Format::Table, without, {result()}, {}),
              HasSubstr("peak unknown: this CPU has no FMA"));
  auto json = nlohmann::json::parse(report(Format::Json, without, {result()}, {}));
  EXPECT_TRUE(json[0]["percent_of_peak"].is_null());
  EXPECT_TRUE(json[0]["peak_gflops"].is_null());
}

TEST(Report, PairFeaturesAreSaidWhereTheyAreCounted) {
  Result additive = result();
  additive.work.pairFeatures = 3e8;
  auto json = nlohmann::json::parse(report(Format::Json, setting(), {additive}, {}));
  EXPECT_DOUBLE_EQ(json[0]["pair_features_per_s"], 1e10);
  EXPECT_THAT(report(Format::Table, setting(), {result(), additive}, {}),
              testing::EndsWith("\n\ncustom bshd: 10.00 billion pair-features/s\n"));
}

TEST(Report, ThePlanIsAmongWhatReproduces) {
  Setting planned = setting();
  planned.plan = "mine\xff.json"; // a path need be no UTF-8
  auto json = nlohmann::json::parse(report(Format::Json, planned, {result()}, {}));
  EXPECT_THAT(json[0]["reproduce"].get<std::string>(), HasSubstr(" --plan mine"));
}

TEST(Report, ThePageHoldsTheFigures) {
  Result hostile = result();
  hostile.problem.name = "</script><b>";
  std::string page = report(Format::Html, setting(), {hostile}, {{"cases", {1}}});
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::Not(HasSubstr("HEED_DATA")));
  EXPECT_THAT(page, testing::Not(HasSubstr("</script><b>")));
  std::string begin = "<script type=\"application/json\" id=\"data\">";
  size_t first = page.find(begin) + begin.size();
  auto data = nlohmann::json::parse(page.substr(first, page.find("</script>", first) - first));
  EXPECT_EQ(data["results"][0]["case"], "</script><b>");
  EXPECT_EQ(data["setting"]["peak_gflops"], 200);
  EXPECT_EQ(data["peers"]["cases"][0], 1);
}

TEST(Report, MachineSaysWhatItReads) {
  EXPECT_EQ(reportMachine(Format::Table, setting(), 1e6, {1e-4, 2e-4}),
            "Some CPU @ 2 GHz; 2 threads; peak 200.0 GFLOP/s; reads 1000000 bytes at 10.0 GB/s\n");
  auto json = nlohmann::json::parse(reportMachine(Format::Json, setting(), 1e6, {1e-4, 2e-4}));
  EXPECT_DOUBLE_EQ(json["read_gbytes_per_s"], 10);
  EXPECT_DOUBLE_EQ(json["peak_gflops"], 200);
}

class Comparison : public testing::Test {
protected:
  /// What is said of a file with this in it.
  static std::string errorOf(const std::string &text) {
    std::string path = testing::TempDir() + "/comparison.json";
    std::ofstream(path) << text;
    return llvm::toString(readComparison(path).takeError());
  }

  nlohmann::json right = nlohmann::json::parse(R"({
    "cpu": "Some CPU", "threads": 1, "versions": {"ggml": "1"},
    "cases": [{"case": "gpt1k", "gflop": 1.6, "pair_features": 0, "input_bytes": 9, "peak_gflops": 200,
               "read_gbytes_per_s": 15,
               "entries": {"ggml": {"cannot": "no"}, "heed": {"min_ms": 1.5}, "jax": {"first_ms": 3}}}]
  })");
};

TEST_F(Comparison, IsReadWhereItIsWhole) { EXPECT_EQ(errorOf(right.dump()), ""); }

TEST_F(Comparison, MistakesAreSaid) {
  EXPECT_THAT(llvm::toString(readComparison("/nowhere.json").takeError()),
              HasSubstr("cannot read the comparison /nowhere.json: No such file"));
  EXPECT_THAT(errorOf("{"), HasSubstr("is no comparison: it is no JSON"));
  EXPECT_THAT(errorOf(std::string(100000, '[')), HasSubstr("it is no JSON"));
  EXPECT_THAT(errorOf("[]"), HasSubstr("it lacks cpu, threads, versions or cases"));
  auto lacking = [&](const char *key) {
    nlohmann::json less = right;
    less["cases"][0].erase(key);
    return errorOf(less.dump());
  };
  EXPECT_THAT(lacking("entries"), HasSubstr("it lacks a case's name or entries"));
  EXPECT_THAT(lacking("peak_gflops"), HasSubstr("it lacks a number 'peak_gflops' of gpt1k"));
  right["cases"][0]["entries"]["jax"] = 3;
  EXPECT_THAT(errorOf(right.dump()), HasSubstr("it lacks a peer's time in gpt1k"));
}

TEST(Report, CpuHasAName) { EXPECT_FALSE(cpuName().empty()); }

} // namespace
