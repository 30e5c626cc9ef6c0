// Every preset builds a kernel that verifies and means what its help says; every mistake is
// explained.
#include "compiler/dialect/presets/Presets.h"
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>

using namespace heed;
using testing::HasSubstr;

namespace {

std::string errorOf(PresetOptions options) {
  mlir::MLIRContext context;
  auto module = buildPreset(context, options);
  return module ? "" : llvm::toString(module.takeError());
}

TEST(Presets, AllBuildAlone) {
  const std::map<llvm::StringRef, const char *> arguments = {{"window", "=3:1:bottom_right"},
                                                             {"softcap", "=30.5"},
                                                             {"scaled", "=0.5"},
                                                             {"normalized", "=softmax_sinks"},
                                                             {"weights_as", "=bf16"},
                                                             {"prefix", "=2"},
                                                             {"sinks", "=2"},
                                                             {"chunk", "=2"},
                                                             {"dilated", "=2"},
                                                             {"block_sparse", "=2"},
                                                             {"additive", "=2"},
                                                             {"paged", "=2"}};
  for (const Preset &preset : allPresets()) {
    auto argument = arguments.find(preset.name);
    std::string component =
        preset.name.str() + (argument == arguments.end() ? "" : argument->second);
    EXPECT_EQ(errorOf({.name = "", .components = {component}}), "");
    EXPECT_FALSE(preset.help.empty());
    EXPECT_TRUE(preset.syntax.starts_with(preset.name));
  }
}

TEST(Presets, GroupsStandTogether) {
  std::set<llvm::StringRef> groups;
  llvm::StringRef last;
  for (const Preset &preset : allPresets())
    if (preset.group != last)
      EXPECT_TRUE(groups.insert(last = preset.group).second) << preset.name.str();
}

/// As text, simplified.
std::string canonical(mlir::ModuleOp module) {
  mlir::PassManager passes(module.getContext());
  passes.addPass(mlir::createCanonicalizerPass());
  passes.addPass(mlir::createCSEPass());
  EXPECT_TRUE(succeeded(passes.run(module)));
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

/// Of the gallery those that presets can say: they say the same.
TEST(Presets, SayWhatTheGallerySays) {
  struct Case {
    const char *name;
    std::vector<std::string> components;
    int64_t heads, keyHeads = 0, headDim = 64;
  };
  for (const Case &c : {Case{"swin_v2", {"cosine", "bias"}, 4, 0, 32},
                        {"luong", {"bilinear"}, 4},
                        {"bahdanau", {"additive=32"}, 2},
                        {"l2_distance", {"distance"}, 4},
                        {"alibi", {"alibi=bottom_right", "causal=bottom_right"}, 8},
                        {"rope", {"rotary", "causal=bottom_right"}, 8, 2},
                        {"rope_interleaved", {"rotary=interleaved", "causal=bottom_right"}, 8, 2},
                        {"qk_norm", {"qk_norm", "causal=bottom_right"}, 8, 2},
                        {"kivi", {"causal=bottom_right", "int8_cache=columns"}, 8, 2},
                        {"paged", {"paged=16", "lengths", "causal=bottom_right"}, 8, 2},
                        {"rolling_buffer", {"ring", "causal=bottom_right"}, 8, 2},
                        {"sigmoid", {"normalized=sigmoid"}, 8},
                        {"softmax_plus_one", {"normalized=softmax_plus_one"}, 8},
                        {"sparsemax", {"normalized=sparsemax"}, 4},
                        {"entmax15", {"normalized=entmax15"}, 4}}) {
    mlir::MLIRContext context;
    auto built = buildPreset(context, {.name = c.name,
                                       .components = c.components,
                                       .heads = c.heads,
                                       .keyHeads = c.keyHeads,
                                       .headDim = c.headDim});
    ASSERT_TRUE(static_cast<bool>(built)) << llvm::toString(built.takeError());
    std::string file = HEED_SOURCE_DIR "/examples/gallery/" + std::string(c.name) + ".mlir";
    auto described = mlir::parseSourceFile<mlir::ModuleOp>(file, &context);
    ASSERT_TRUE(described) << file;
    EXPECT_EQ(canonical(**built), canonical(*described));
  }
}

TEST(Presets, StorageIsChosen) {
  mlir::MLIRContext context;
  auto module = buildPreset(
      context,
      {.name = "k", .components = {"causal"}, .headDim = 4, .dtype = "bf16", .cacheDtype = "f16"});
  ASSERT_TRUE(static_cast<bool>(module)) << llvm::toString(module.takeError());
  EXPECT_THAT(canonical(**module), HasSubstr("(%q: tensor<?x?x?x4xbf16>, %k: tensor<?x?x?x4xf16>, "
                                             "%v: tensor<?x?x?x4xf16>) -> tensor<?x?x?x4xbf16>"));
}

TEST(Presets, AreNamedByTheirComponents) {
  mlir::MLIRContext context;
  auto module = buildPreset(context, {.name = "", .components = {"causal", "window=4"}});
  ASSERT_TRUE(static_cast<bool>(module));
  EXPECT_EQ((*(*module)->getOps<attn::KernelOp>().begin()).getSymName(), "causal_window");
  module =
      buildPreset(context, {.name = "", .components = {"!documents", "window=4|!chunk=3|sinks=1"}});
  ASSERT_TRUE(static_cast<bool>(module));
  EXPECT_EQ((*(*module)->getOps<attn::KernelOp>().begin()).getSymName(),
            "not_documents_window_or_not_chunk_or_sinks");
}

TEST(Presets, MistakesAreExplained) {
  EXPECT_THAT(errorOf({.name = "", .components = {"casual"}}),
              HasSubstr("no preset is called 'casual': there are rotary, qk_norm, int8_cache, "));
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
  EXPECT_EQ(errorOf({.name = "", .components = {"scaled=0"}}),
            "preset 'scaled=0': '0' is no positive number; write scaled=X");
  EXPECT_THAT(errorOf({.name = "", .components = {"bias=kk"}}),
              HasSubstr("must be letters of b, h, q and k"));
  EXPECT_THAT(errorOf({.name = "", .components = {"boolean_mask=qx"}}),
              HasSubstr("must be letters of b, h, q and k"));
  for (const char *name : {"chunk", "dilated", "block_sparse"})
    EXPECT_THAT(errorOf({.name = "", .components = {name + std::string("=0")}}),
                HasSubstr("'0' is no size"));
  EXPECT_EQ(errorOf({.name = "", .components = {"causal|alibi"}}),
            "preset 'alibi' is no mask: only masks stand beside '|' and after '!'");
  EXPECT_EQ(errorOf({.name = "", .components = {"!softcap=3"}}),
            "preset 'softcap' is no mask: only masks stand beside '|' and after '!'");
  EXPECT_THAT(errorOf({.name = "", .components = {"causal|"}}),
              HasSubstr("no preset is called ''"));
  EXPECT_EQ(errorOf({.name = "", .components = {"causal|!causal"}}),
            "preset 'causal' is given twice");
  EXPECT_THAT(errorOf({.name = "", .components = {"rotary=whole"}}),
              HasSubstr("'whole' is neither half nor interleaved"));
  EXPECT_THAT(errorOf({.name = "", .components = {"rotary"}, .headDim = 3}),
              HasSubstr("a head dim of 3 has no halves"));
  EXPECT_THAT(errorOf({.name = "", .components = {"int8_cache=rows"}}),
              HasSubstr("'rows' is neither tokens nor columns"));
  EXPECT_THAT(errorOf({.name = "", .components = {"t5_bias=32:8"}}),
              HasSubstr("FARTHEST larger than 8; write t5_bias[=BUCKETS:FARTHEST][:before]"));
  EXPECT_THAT(errorOf({.name = "", .components = {"t5_bias=32:128:after"}}),
              HasSubstr("'after' is neither both nor before"));
  EXPECT_THAT(errorOf({.name = "", .components = {"normalized=hardmax"}}),
              HasSubstr("'hardmax' is none of softmax, softmax_sinks,"));
  EXPECT_EQ(errorOf({.name = "", .components = {"paged=16", "ring"}}),
            "'k_from_pages' and 'k_from_ring' exclude each other");
  EXPECT_EQ(errorOf({.name = "", .components = {}, .dtype = "f8"}),
            "'f8' is none of f32, f16, bf16, f64");
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
std::string pattern(std::vector<std::string> components, int64_t queries, int64_t keys,
                    std::vector<Array> captures = {}) {
  mlir::MLIRContext context;
  components.push_back("weights");
  auto module = buildPreset(context, {.name = "k", .components = components, .headDim = 1});
  EXPECT_TRUE(static_cast<bool>(module)) << llvm::toString(module.takeError());
  attn::KernelOp kernel = *(*module)->getOps<attn::KernelOp>().begin();
  Array query({1, queries, 1, 1}), key({1, keys, 1, 1});
  std::vector<Array> inputs = {query, key, key};
  inputs.insert(inputs.end(), captures.begin(), captures.end());
  auto results = interpret(kernel, inputs);
  EXPECT_TRUE(succeeded(results));
  std::string text;
  for (int64_t i = 0; i < queries; ++i, text += "\n")
    for (int64_t j = 0; j < keys; ++j)
      text += (*results)[1]({0, 0, i, j}) != 0 ? '#' : '.';
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
  EXPECT_EQ(pattern({"sinks=2"}, 2, 4), "##..\n##..\n");
  EXPECT_EQ(pattern({"chunk=2"}, 4, 5), "##...\n##...\n..##.\n..##.\n");
  EXPECT_EQ(pattern({"dilated=2"}, 3, 5), "#.#.#\n.#.#.\n#.#.#\n");
  EXPECT_EQ(pattern({"documents"}, 5, 5, {Array({4}, {0, 2, 2, 5})}),
            "##...\n##...\n..###\n..###\n..###\n");
  EXPECT_EQ(pattern({"boolean_mask"}, 2, 2, {Array({2, 2}, {1, 0, 0, 1})}), "#.\n.#\n");
  EXPECT_EQ(pattern({"boolean_mask=k"}, 2, 3, {Array({3}, {1, 0, 1})}), "#.#\n#.#\n");
  EXPECT_EQ(pattern({"block_sparse=2"}, 4, 4, {Array({1, 2, 2}, {1, 0, 1, 1})}),
            "##..\n##..\n####\n####\n");
}

TEST(Presets, MasksAreJoined) {
  EXPECT_EQ(pattern({"causal", "window=1|sinks=1"}, 4, 4), "#...\n##..\n###.\n#.##\n");
  EXPECT_EQ(pattern({"!causal"}, 3, 3), ".##\n..#\n...\n");
  EXPECT_EQ(pattern({"chunk=2|!causal"}, 3, 3), "###\n###\n..#\n");
}

/// The log-sum-exp of one query at position `query` and one key, both 1, of dim 1: the score.
double scoreOf(const std::string &component, std::vector<Array> captures, double q) {
  mlir::MLIRContext context;
  auto module =
      buildPreset(context, {.name = "k", .components = {component, "log_sum_exp"}, .headDim = 1});
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

TEST(Presets, ADotProductHasTheScaleThatIsAsked) {
  EXPECT_NEAR(scoreOf("scaled=2.5", {}, 3), 7.5, 1e-6);
}

TEST(Presets, LengthsDropPaddedKeys) {
  mlir::MLIRContext context;
  auto module =
      buildPreset(context, {.name = "k", .components = {"lengths", "weights"}, .headDim = 1});
  ASSERT_TRUE(static_cast<bool>(module));
  attn::KernelOp kernel = *(*module)->getOps<attn::KernelOp>().begin();
  auto results = interpret(
      kernel, {Array({1, 1, 1, 1}), Array({1, 3, 1, 1}), Array({1, 3, 1, 1}), Array({1}, 2)});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[1].values, testing::ElementsAre(0.5, 0.5, 0));
}

} // namespace
