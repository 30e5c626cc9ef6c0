#include "tools/heed-bench/Cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace heed::bench;
using heed::measure::showExtents;
using testing::HasSubstr;

namespace {

Case custom(const char *shape, std::vector<std::string> components = {},
            std::string dtype = "f32") {
  return llvm::cantFail(presetCase(shape, std::move(components), std::move(dtype))).front();
}

TEST(Cases, HaveTheShapesOfTheComparisonWithOthers) {
  std::vector<Case> cases = llvm::cantFail(selectCases({"llama2k", "minilm128"}));
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(showExtents(cases[0].extents), "b=1,h=8,hk=2,q=2048,k=2048,d=128");
  EXPECT_EQ(showExtents(cases[1].extents), "b=8,h=12,hk=12,q=128,k=128,d=32");
  EXPECT_EQ(llvm::cantFail(selectCases({})).size(), allCases().size());
}

TEST(Cases, HaveTheWholeSuite) {
  for (const char *name :
       {"bert128", "minilm128", "bert512", "gpt1k", "llama2k", "long8k", "swa8k", "decode4k",
        "decode4k-bf16", "alibi1k", "softcap1k", "cosine1k", "additive256", "llama2k-bf16"})
    EXPECT_EQ(llvm::cantFail(selectCases({name})).size(), 1u) << name;
  EXPECT_EQ(llvm::cantFail(selectCases({"llama2k-bf16"})).front().dtype, "bf16");
}

TEST(Cases, AreFoundByTheirNames) {
  for (const Case &c : allCases()) {
    EXPECT_EQ(llvm::cantFail(selectCases({c.name})).front().name, c.name);
    EXPECT_EQ(optionsFor(c), "--case " + c.name);
  }
}

TEST(Cases, UnknownNameListsTheKnown) {
  std::string error = llvm::toString(selectCases({"gpt1k", "gpt2k"}).takeError());
  EXPECT_THAT(error, HasSubstr("no case is called 'gpt2k': there are bert128, minilm128"));
}

TEST(Cases, ShapeOfAPresetHasQueriesAndAHeadSize) {
  for (const char *shape : {"q=7", "d=8"})
    EXPECT_THAT(llvm::toString(presetCase(shape, {}, "f32").takeError()),
                HasSubstr("q and d must be given; write --shape b=1"));
  EXPECT_THAT(llvm::toString(presetCase("q=7,d=0", {}, "f32").takeError()),
              HasSubstr("d must be a whole number"));
}

TEST(Cases, OptionsSayTheWholeOfIt) {
  EXPECT_EQ(optionsFor(custom("q=7,d=8")), "--shape q=7,d=8");
  EXPECT_EQ(optionsFor(custom("d=8,q=7,h=2", {"causal", "window=5|sinks=2"}, "bf16")),
            "--shape h=2,q=7,d=8 --preset 'causal,window=5|sinks=2' --dtype bf16");
  Case mine{.name = "near",
            .components = {},
            .dtype = {},
            .extents = {{"queries", 7}},
            .file = "near.mlir"};
  EXPECT_EQ(optionsFor(mine), "near.mlir --shape q=7");
}

TEST(Cases, KernelsAreSharedByDescriptionAndHeadSize) {
  auto name = [](std::vector<std::string> components, const char *shape,
                 std::string dtype = "f32") {
    return kernelName(custom(shape, std::move(components), std::move(dtype)));
  };
  EXPECT_EQ(name({}, "q=7,d=8"), "dense_d8");
  EXPECT_EQ(name({}, "q=7,d=8", "bf16"), "dense_d8_bf16");
  EXPECT_EQ(name({"causal", "window=5"}, "q=7,d=8"), name({"causal", "window=5"}, "q=9,h=3,d=8"));
  EXPECT_NE(name({"causal", "window=5"}, "q=7,d=8"), name({"causal", "window=6"}, "q=7,d=8"));
  EXPECT_EQ(name({"softcap=2.5", "window=5:1"}, "q=7,d=8"), "softcap_2_5_window_5_1_d8");
}

} // namespace
