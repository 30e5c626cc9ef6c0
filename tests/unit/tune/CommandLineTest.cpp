#include "tools/heed-tune/CommandLine.h"

#include <gmock/gmock.h>

using namespace heed;
using namespace heed::tune;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

struct Parsed {
  CommandLine line;
  std::optional<int> status;
  std::string said;
};

Parsed parse(std::vector<const char *> words) {
  words.insert(words.begin(), "heed-tune");
  Parsed parsed;
  ::testing::internal::CaptureStderr();
  parsed.status = parseCommandLine(int(words.size()), words.data(), parsed.line);
  parsed.said = ::testing::internal::GetCapturedStderr();
  return parsed;
}

std::string whyNot(const char *budget) {
  llvm::Expected<double> seconds = parseBudget(budget);
  return seconds ? "" : llvm::toString(seconds.takeError());
}

TEST(CommandLines, budgets) {
  EXPECT_EQ(llvm::cantFail(parseBudget("30")), 30);
  EXPECT_EQ(llvm::cantFail(parseBudget("90s")), 90);
  EXPECT_EQ(llvm::cantFail(parseBudget("1.5m")), 90);
  EXPECT_EQ(llvm::cantFail(parseBudget("2h")), 7200);
  for (const char *text : {"", "s", "fast", "-3s", "nan", "1e300", "10 s", "3d"})
    EXPECT_EQ(whyNot(text), "'" + std::string(text) + "' is no time: write 60s, 5m or 1h");
  for (const char *text : {"0", "0s", "0.5s"})
    EXPECT_EQ(whyNot(text),
              "'" + std::string(text) + "' leaves no time to measure anything: give at least 1s");
}

TEST(CommandLines, shapesMayBeSeveral) {
  Parsed parsed = parse({"--preset", "causal,alibi", "--head-dim", "8", "--shape", "h=1,q=2",
                         "--shape", "h=1,q=3", "--budget", "2m", "--search", "random"});
  EXPECT_FALSE(parsed.status) << parsed.said;
  EXPECT_THAT(parsed.line.shapes, ElementsAre("h=1,q=2", "h=1,q=3"));
  EXPECT_THAT(parsed.line.preset.components, ElementsAre("causal", "alibi"));
  EXPECT_EQ(parsed.line.budget, 120);
  EXPECT_EQ(parsed.line.search, "random");
  EXPECT_GE(parsed.line.jobs, 1);
}

TEST(CommandLines, mistakesAreExplained) {
  auto expect = [](std::vector<const char *> words, const char *message) {
    Parsed parsed = parse(words);
    EXPECT_EQ(parsed.status, 1) << message;
    EXPECT_THAT(parsed.said, HasSubstr("heed-tune: error: "));
    EXPECT_THAT(parsed.said, HasSubstr(message));
  };
  expect({}, "nothing to tune: give a .mlir or .onnx file or --preset");
  expect({"a.mlir"}, "for which shape? Give one or several, as in --shape b=1,h=12,q=1024,k=1024");
  expect({"a.mlir", "--shape", "q=1", "--budget", "0"}, "'0' leaves no time to measure anything");
  expect({"a.mlir", "--shape", "q=1", "--search", "best"},
         "there is no 'best': choose one of guided, random");
  expect({"a.mlir", "--shape", "q=1", "--layout", "bsd"},
         "there is no 'bsd': choose one of both, bhsd, bshd");
  expect({"a.mlir", "--preset", "causal", "--shape", "q=1"}, "excludes");
  expect({"a.mlir", "--shape", "q=1", "--threads", "0"}, "--threads");
  expect({"a.mlir", "--shape", "q=1", "--jobs", "-1"}, "--jobs");
}

} // namespace
