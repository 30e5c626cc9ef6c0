#include "tools/heed-bench/Cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace heed::bench;
using testing::HasSubstr;

namespace {

std::string errorOf(llvm::StringRef shape) {
  return llvm::toString(parseShape(shape, {}).takeError());
}

TEST(Cases, HaveTheShapesOfTheComparisonWithOthers) {
  std::vector<Case> cases = llvm::cantFail(selectCases({"llama2k", "minilm128"}));
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(shapeText(cases[0]), "b=1,h=8,hk=2,q=2048,k=2048,d=128");
  EXPECT_EQ(shapeText(cases[1]), "b=8,h=12,hk=12,q=128,k=128,d=32");
  EXPECT_EQ(llvm::cantFail(selectCases({})).size(), allCases().size());
}

TEST(Cases, NamesAndShapesAgreeWithThemselves) {
  for (const Case &c : allCases()) {
    EXPECT_EQ(llvm::cantFail(selectCases({c.name})).front().name, c.name);
    EXPECT_EQ(shapeText(llvm::cantFail(parseShape(shapeText(c), c.components))), shapeText(c));
  }
}

TEST(Cases, UnknownNameListsTheKnown) {
  std::string error = llvm::toString(selectCases({"gpt1k", "gpt2k"}).takeError());
  EXPECT_THAT(error, HasSubstr("no case is called 'gpt2k': there are bert128, minilm128"));
}

TEST(Cases, ShapeHasDefaults) {
  Case c = llvm::cantFail(parseShape("q=7,d=8", {"causal"}));
  EXPECT_EQ(shapeText(c), "b=1,h=1,hk=1,q=7,k=7,d=8");
  EXPECT_EQ(shapeText(llvm::cantFail(parseShape("d=8,q=7,h=4,k=9,b=2", {}))),
            "b=2,h=4,hk=4,q=7,k=9,d=8");
}

TEST(Cases, ShapeErrorsSayWhatAndHow) {
  EXPECT_THAT(errorOf("q=7"), HasSubstr("q and d must be given; write --shape b=1"));
  EXPECT_THAT(errorOf("q=7,d=8,z=3"), HasSubstr("there is no extent 'z'"));
  EXPECT_THAT(errorOf("q=7,d=8,q=9"), HasSubstr("q is given twice"));
  EXPECT_THAT(errorOf("q=7,d=8,"), HasSubstr("there is no extent ''"));
  for (const char *shape :
       {"q=0,d=8", "q=-1,d=8", "q=x,d=8", "q=,d=8", "q,d=8", "q=99999999999999999999,d=8"})
    EXPECT_THAT(errorOf(shape), HasSubstr("q must be a whole number from 1 to 1048576")) << shape;
  EXPECT_THAT(errorOf("q=7,d=8,h=6,hk=4"), HasSubstr("h=6 is no multiple of hk=4"));
  EXPECT_THAT(errorOf("q=1048576,d=1048576,h=1048576,b=1048576"),
              HasSubstr("more than 2^28 elements"));
}

TEST(Cases, KernelsAreSharedByDescriptionAndHeadSize) {
  auto name = [](std::vector<std::string> components, const char *shape) {
    return kernelName(llvm::cantFail(parseShape(shape, std::move(components))));
  };
  EXPECT_EQ(name({}, "q=7,d=8"), "dense_d8");
  EXPECT_EQ(name({"causal", "window=5"}, "q=7,d=8"), name({"causal", "window=5"}, "q=9,h=3,d=8"));
  EXPECT_NE(name({"causal", "window=5"}, "q=7,d=8"), name({"causal", "window=6"}, "q=7,d=8"));
  EXPECT_EQ(name({"softcap=2.5", "window=5:1"}, "q=7,d=8"), "softcap_2_5_window_5_1_d8");
}

} // namespace
