#include "tools/heed-bench/Bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace heed;
using namespace heed::bench;
using heed::measure::Layout;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::optional<int> parse(std::vector<const char *> words, CommandLine &line) {
  words.insert(words.begin(), "heed-bench");
  return parseCommandLine(words.size(), words.data(), line);
}

/// What is said about a command line that is a mistake.
std::string mistake(std::vector<const char *> words) {
  CommandLine line;
  testing::internal::CaptureStderr();
  std::optional<int> status = parse(std::move(words), line);
  std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(status, 1) << said;
  return said;
}

TEST(CommandLine, DefaultsAreAllCasesOnOneThread) {
  CommandLine line;
  EXPECT_EQ(parse({}, line), std::nullopt);
  EXPECT_TRUE(line.cases.empty());
  EXPECT_THAT(line.layouts, ElementsAre(Layout::Bhsd, Layout::Bshd));
  EXPECT_EQ(line.threads, 1);
  EXPECT_EQ(line.rounds, 15);
}

TEST(CommandLine, OptionsAreRead) {
  CommandLine line;
  EXPECT_EQ(parse({"--case", "gpt1k,bert128", "--layout", "bshd", "--threads", "2", "--rounds", "3",
                   "--format", "csv"},
                  line),
            std::nullopt);
  EXPECT_THAT(line.cases, ElementsAre("gpt1k", "bert128"));
  EXPECT_THAT(line.layouts, ElementsAre(Layout::Bshd));
  EXPECT_EQ(line.threads, 2);
  EXPECT_EQ(line.rounds, 3);
  EXPECT_EQ(line.format, Format::Csv);
}

TEST(CommandLine, ShapeTakesComponents) {
  CommandLine line;
  EXPECT_EQ(parse({"--shape", "b=1,q=5,d=8", "--preset", "causal,softcap=3"}, line), std::nullopt);
  EXPECT_EQ(line.shape, "b=1,q=5,d=8");
  EXPECT_THAT(line.preset, ElementsAre("causal", "softcap=3"));
}

TEST(CommandLine, MistakesAreExplained) {
  EXPECT_THAT(mistake({"--layout", "hbsd"}),
              HasSubstr("there is no 'hbsd': choose one of both, bhsd, bshd"));
  EXPECT_THAT(mistake({"--format", "xml"}),
              HasSubstr("there is no 'xml': choose one of table, json, csv, html"));
  EXPECT_THAT(mistake({"--threads", "0"}), HasSubstr("--threads"));
  EXPECT_THAT(mistake({"--rounds", "many"}), HasSubstr("--rounds"));
  EXPECT_THAT(mistake({"--preset", "causal"}), HasSubstr("--preset requires --shape"));
  EXPECT_THAT(mistake({"--case", "gpt1k", "--shape", "q=5,d=8"}), HasSubstr("excludes"));
  EXPECT_THAT(mistake({"--dtype", "bf16"}), HasSubstr("--dtype requires --shape"));
  EXPECT_THAT(mistake({"mine.mlir"}), HasSubstr("FILE requires --shape"));
  EXPECT_THAT(mistake({"mine.mlir", "--shape", "q=5", "--preset", "causal"}),
              HasSubstr("excludes"));
  EXPECT_THAT(mistake({"--peers", "x.json"}),
              HasSubstr("only the page shows them: add --format html"));
  EXPECT_THAT(mistake({"--bytes", "64"}), HasSubstr("--bytes requires --machine"));
  EXPECT_THAT(mistake({"--machine", "--bytes", "63"}), HasSubstr("--bytes"));
  EXPECT_THAT(mistake({"--machine", "--format", "csv"}),
              HasSubstr("its formats are table and json"));
  EXPECT_THAT(mistake({"--machine", "--case", "gpt1k"}), HasSubstr("excludes"));
  EXPECT_THAT(mistake({"--speed"}), HasSubstr("--speed"));
}

TEST(CommandLine, ListSaysHowToWriteEveryCase) {
  EXPECT_THAT(
      listCases(),
      HasSubstr(
          "swa8k         --shape b=1,h=2,hk=2,q=8192,k=8192,d=64 --preset 'causal,window=1023'\n"));
}

TEST(CommandLine, TargetsThatTheCpuLacksAreRefused) {
  TargetInfo small{"small", "", 4, 16, 1}, big{"big", "", 8, 16, 3};
  EXPECT_EQ(llvm::toString(checkRuns(big, small)),
            "--target: this CPU cannot run big; the best it runs is small");
  EXPECT_EQ(llvm::toString(checkRuns(small, big)), "");
}

} // namespace
