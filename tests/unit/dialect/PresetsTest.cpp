// Every preset builds a kernel that verifies and means what its help says; every mistake is
// explained.
#include "compiler/dialect/presets/Presets.h"
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace heed;
using testing::HasSubstr;

namespace {

std::string errorOf(PresetOptions options) {
  mlir::MLIRContext context;
  auto module = buildPreset(context, options);
  return module ? "" : llvm::toString(module.takeError());
}

TEST(Presets, AllBuildAlone) {
  for (const Preset &preset : allPresets()) {
    llvm::StringRef argument = preset.name == "window"    ? "=3:1:bottom_right"
                               : preset.name == "prefix"  ? "=2"
                               : preset.name == "softcap" ? "=30.5"
                                                          : "";
    EXPECT_EQ(errorOf({.name = "", .components = {(preset.name + argument).str()}}), "");
    EXPECT_FALSE(preset.help.empty());
    EXPECT_TRUE(preset.syntax.starts_with(preset.name));
  }
}

TEST(Presets, AreNamedByTheirComponents) {
  mlir::MLIRContext context;
  auto module = buildPreset(context, {.name = "", .components = {"causal", "window=4"}});
  ASSERT_TRUE(static_cast<bool>(module));
  EXPECT_EQ((*(*module)->getOps<attn::KernelOp>().begin()).getSymName(), "causal_window");
}

TEST(Presets, MistakesAreExplained) {
  EXPECT_EQ(errorOf({.name = "", .components = {"casual"}}),
            "no preset is called 'casual': there are dense, causal, window, prefix, lengths, "
            "alibi, softcap, bias");
  EXPECT_EQ(errorOf({.name = "", .components = {"window"}}),
            "preset 'window': '' is no whole number from 0 to 2^30; write "
            "window=LEFT[:RIGHT][:bottom_right]");
  EXPECT_THAT(errorOf({.name = "", .components = {"window=-1"}}),
              HasSubstr("'-1' is no whole number"));
  EXPECT_THAT(errorOf({.name = "", .components = {"window=1:2:3"}}),
              HasSubstr("'3' is neither top_left nor"));
  EXPECT_THAT(errorOf({.name = "", .components = {"causal=left"}}),
              HasSubstr("'left' is neither top_left nor"));
  EXPECT_THAT(errorOf({.name = "", .components = {"softcap=0"}}),
              HasSubstr("'0' is no positive number"));
  EXPECT_THAT(errorOf({.name = "", .components = {"softcap=nan"}}),
              HasSubstr("no positive number"));
  EXPECT_THAT(errorOf({.name = "", .components = {"dense=1"}}), HasSubstr("'1' is too much"));
  EXPECT_THAT(errorOf({.name = "", .components = {"bias=kk"}}),
              HasSubstr("must be letters of b, h, q and k"));
  EXPECT_EQ(errorOf({.name = "", .components = {"alibi", "alibi"}}),
            "preset 'alibi' is given twice");
  EXPECT_EQ(errorOf({.name = "", .components = {}, .heads = -1}),
            "heads must be at least 0, not -1");
  EXPECT_EQ(errorOf({.name = "", .components = {}, .headDim = 0}),
            "head dim must be at least 1, not 0");
  EXPECT_THAT(errorOf({.name = "", .components = {}, .heads = 5, .keyHeads = 2}),
              HasSubstr("query's heads (5) must be a multiple of key's heads (2)"));
  EXPECT_THAT(errorOf({.name = "a b", .components = {}}), HasSubstr("use a C identifier"));
}

/// The attention weights, one row of text a query: "#" where a pair counts.
std::string pattern(std::vector<std::string> components, int64_t queries, int64_t keys) {
  mlir::MLIRContext context;
  auto module =
      buildPreset(context, {.name = "k", .components = components, .headDim = 1, .weights = true});
  EXPECT_TRUE(static_cast<bool>(module)) << llvm::toString(module.takeError());
  attn::KernelOp kernel = *(*module)->getOps<attn::KernelOp>().begin();
  Array query({1, queries, 1, 1}), key({1, keys, 1, 1});
  auto results = interpret(kernel, {query, key, key});
  EXPECT_TRUE(succeeded(results));
  std::string text;
  for (int64_t i = 0; i < queries; ++i, text += "\n")
    for (int64_t j = 0; j < keys; ++j)
      text += (*results)[2]({0, 0, i, j}) != 0 ? '#' : '.';
  return text;
}

TEST(Presets, MasksHaveTheirPatterns) {
  EXPECT_EQ(pattern({"dense"}, 2, 3), "###\n###\n");
  EXPECT_EQ(pattern({"causal"}, 3, 4), "#...\n##..\n###.\n");
  EXPECT_EQ(pattern({"causal=bottom_right"}, 2, 4), "###.\n####\n");
  EXPECT_EQ(pattern({"window=1"}, 3, 4), "####\n####\n.###\n");
  EXPECT_EQ(pattern({"window=1:0"}, 4, 4), "#...\n##..\n.##.\n..##\n");
  EXPECT_EQ(pattern({"window=1:1:bottom_right"}, 2, 4), ".###\n..##\n");
  EXPECT_EQ(pattern({"causal", "window=1"}, 4, 4), "#...\n##..\n.##.\n..##\n");
  EXPECT_EQ(pattern({"prefix=2"}, 4, 4), "##..\n##..\n###.\n####\n");
}

/// The log-sum-exp of one query at position `query` and one key, both 1, of dim 1: the score.
double scoreOf(const std::string &component, std::vector<Array> captures, double q) {
  mlir::MLIRContext context;
  auto module = buildPreset(
      context, {.name = "k", .components = {component}, .headDim = 1, .logSumExp = true});
  EXPECT_TRUE(static_cast<bool>(module)) << llvm::toString(module.takeError());
  attn::KernelOp kernel = *(*module)->getOps<attn::KernelOp>().begin();
  std::vector<Array> inputs = {Array({1, 3, 1, 1}, q), Array({1, 1, 1, 1}, 1),
                               Array({1, 1, 1, 1}, 1)};
  inputs.insert(inputs.end(), captures.begin(), captures.end());
  auto results = interpret(kernel, inputs);
  EXPECT_TRUE(succeeded(results));
  return (*results)[1]({0, 0, 2}); // the query at 2, the key at 0
}

TEST(Presets, ModifiesHaveTheirFormulas) {
  EXPECT_NEAR(scoreOf("alibi", {Array({1}, 0.5)}, 3), 3 - 0.5 * 2, 1e-6);
  EXPECT_NEAR(scoreOf("softcap=2", {}, 3), 2 * std::tanh(1.5), 1e-6);
  EXPECT_NEAR(scoreOf("bias", {Array({1, 3, 1}, {10, 20, 30})}, 3), 33, 1e-6);
  EXPECT_NEAR(scoreOf("bias=qb", {Array({3, 1}, {10, 20, 40})}, 3), 43, 1e-6);
}

TEST(Presets, LengthsDropPaddedKeys) {
  mlir::MLIRContext context;
  auto module =
      buildPreset(context, {.name = "k", .components = {"lengths"}, .headDim = 1, .weights = true});
  ASSERT_TRUE(static_cast<bool>(module));
  attn::KernelOp kernel = *(*module)->getOps<attn::KernelOp>().begin();
  auto results = interpret(
      kernel, {Array({1, 1, 1, 1}), Array({1, 3, 1, 1}), Array({1, 3, 1, 1}), Array({1}, 2)});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[2].values, testing::ElementsAre(0.5, 0.5, 0));
}

} // namespace
