// heed-bench itself, on shapes that take no time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/wait.h>

#include <cstdio>
#include <fstream>

using testing::HasSubstr;

namespace {

struct Outcome {
  int status;
  std::string text; ///< of the stream asked for
};

constexpr const char *output = "2>/dev/null", *mistakes = "2>&1 >/dev/null";

Outcome bench(const std::string &options, const char *stream) {
  std::string command = HEED_BUILD_DIR "/tools/heed-bench " + options + " " + stream;
  FILE *pipe = popen(command.c_str(), "r");
  Outcome outcome;
  for (char buffer[4096]; size_t count = fread(buffer, 1, sizeof buffer, pipe);)
    outcome.text.append(buffer, count);
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

TEST(Tool, MeasuresAShapeInBothLayouts) {
  Outcome outcome = bench(
      "--shape b=2,h=4,hk=2,q=37,k=53,d=16 --preset causal=bottom_right,lengths,alibi=bottom_right "
      "--target x86-64-sse41 --rounds 1 --threads 2 --format json",
      output);
  ASSERT_EQ(outcome.status, 0) << outcome.text;
  auto json = nlohmann::json::parse(outcome.text);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["layout"], "bhsd");
  EXPECT_EQ(json[1]["layout"], "bshd");
  for (const auto &one : json) {
    EXPECT_EQ(one["target"], "x86-64-sse41");
    EXPECT_GT(one["max_error"], 0);
    EXPECT_LT(one["error_of_bound"], 1);
    EXPECT_GT(one["median_ms"], 0);
    EXPECT_GT(one["gflops"], 0);
  }
}

TEST(Tool, MeasuresTheKernelsOfAFile) {
  Outcome outcome =
      bench(HEED_SOURCE_DIR "/examples/gallery/alibi.mlir --shape b=2,q=37,k=53 "
                            "--target x86-64-sse41 --layout bshd --rounds 1 --format json",
            output);
  ASSERT_EQ(outcome.status, 0) << outcome.text;
  auto json = nlohmann::json::parse(outcome.text);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_LT(json[0]["error_of_bound"], 1);
  EXPECT_THAT(json[0]["reproduce"].get<std::string>(), HasSubstr("alibi.mlir --shape b=2,"));
}

TEST(Tool, MeasuresTheMachineAlone) {
  Outcome outcome = bench("--machine --bytes 100000 --threads 2 --rounds 1 --format json", output);
  ASSERT_EQ(outcome.status, 0);
  auto json = nlohmann::json::parse(outcome.text);
  EXPECT_EQ(json["read_bytes"], 100000);
  EXPECT_GT(json["read_gbytes_per_s"], 0);
}

TEST(Tool, MistakesHaveAMessageAndStatusOne) {
  for (auto [options, message] :
       {std::pair("--case gpt9k", "no case is called 'gpt9k'"),
        {"--shape q=5", "q and d must be given"},
        {"--shape q=5,d=8 --preset causl", "no preset is called 'causl'"},
        {"--shape q=5,d=8,z=3", "--shape: no kernel has an extent 'z'"},
        {"--shape q=5,d=8,h=6,hk=4", "custom: heads=6 is no multiple"},
        {"--shape q=5,d=8 --dtype f8", "'f8' is none of f32, f16"},
        {"--format html --peers /nowhere.json", "cannot read the comparison"},
        {"/nowhere.mlir --shape q=5", "/nowhere.mlir"},
        {"--target z80", "--target: there is no target 'z80'"},
        {"--shape q=5,d=8 --plan /nowhere.json", "/nowhere.json"}}) {
    Outcome outcome = bench(options, mistakes);
    EXPECT_EQ(outcome.status, 1) << options;
    EXPECT_THAT(outcome.text, HasSubstr("heed-bench: error: ")) << options;
    EXPECT_THAT(outcome.text, HasSubstr(message)) << options;
  }
}

TEST(Tool, FilesWithoutAKernelAreRefused) {
  std::string path = testing::TempDir() + "/bench.mlir";
  auto said = [&](const char *text) {
    std::ofstream(path) << text;
    Outcome outcome = bench(path + " --shape q=5", mistakes);
    EXPECT_EQ(outcome.status, 1) << text;
    return outcome.text;
  };
  EXPECT_THAT(said("module {}"), HasSubstr("bench.mlir: there is no attn.kernel in it"));
  EXPECT_THAT(said("attn.kernl"), HasSubstr("bench.mlir:1:1: error"));
}

TEST(Tool, HelpTeaches) {
  Outcome outcome = bench("--help", output);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.text, HasSubstr("Examples:"));
  EXPECT_THAT(outcome.text, HasSubstr("Exit status:"));
}

} // namespace
