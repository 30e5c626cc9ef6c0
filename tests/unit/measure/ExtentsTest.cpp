#include "tools/measure/Extents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace heed;
using namespace heed::measure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

namespace {

std::string parseError(llvm::StringRef text) {
  return llvm::toString(parseExtents(text).takeError());
}

/// As attention with lengths, a number for each head and pages has it.
Signature pagedSignature() {
  auto argument = [](std::string name, Role role, std::vector<Extent> shape) {
    return SignatureArgument{
        .name = std::move(name), .type = ElementType::F32, .role = role, .shape = std::move(shape)};
  };
  return {.name = "paged",
          .arguments = {argument("q", Role::Input, {-1, -2, -3, 4}),
                        argument("pages", Role::Index, {-1, -6}),
                        argument("slopes", Role::Input, {-3}),
                        argument("out", Role::Output, {-1, -2, -3, 4})},
          .symbols = {"batch", "queries", "heads", "keys", "key_heads", "pages.shape[1]"},
          .multiples = {{-3, -5}},
          .derived = {{-4, {{-6, 16}}}}};
}

std::string resolveError(const Extents &extents) {
  return llvm::toString(Shapes::resolve(pagedSignature(), extents).takeError());
}

TEST(Extents, AreReadByLettersAndNames) {
  EXPECT_THAT(llvm::cantFail(parseExtents("b=2,q=7,k=9,hk=3,rows=5,bias.shape[0]=6,d=8")),
              ElementsAre(Pair("batch", 2), Pair("bias.shape[0]", 6), Pair("d", 8),
                          Pair("key_heads", 3), Pair("keys", 9), Pair("queries", 7),
                          Pair("rows", 5)));
}

TEST(Extents, AreShownAsTheyAreRead) {
  for (const char *text : {"b=2,h=4,hk=2,q=7,k=9,d=8", "r=5,bias.shape[0]=6"})
    EXPECT_EQ(showExtents(llvm::cantFail(parseExtents(text))), text);
}

TEST(Extents, MistakesSayWhatAndHow) {
  EXPECT_THAT(parseError("q=7,"), HasSubstr("--shape: '' says no extent; write --shape b=1,"));
  EXPECT_THAT(parseError("q"), HasSubstr("--shape: 'q' says no extent"));
  EXPECT_THAT(parseError("q=7,queries=9"), HasSubstr("--shape: queries is given twice"));
  for (const char *text : {"q=0", "q=-1", "q=x", "q=", "q=99999999999999999999"})
    EXPECT_THAT(parseError(text), HasSubstr("q must be a whole number from 1 to 1048576, not"));
}

TEST(Extents, WhatIsLeftOutFollows) {
  Shapes shapes = llvm::cantFail(
      Shapes::resolve(pagedSignature(), {{"queries", 7}, {"heads", 6}, {"keys", 64}}));
  EXPECT_THAT(shapes.extents(),
              ElementsAre(Pair("batch", 1), Pair("heads", 6), Pair("key_heads", 6),
                          Pair("keys", 64), Pair("pages.shape[1]", 4), Pair("queries", 7)));
  EXPECT_THAT(shapes(pagedSignature().arguments[0]), ElementsAre(1, 7, 6, 4));
  EXPECT_EQ(shapes.named("keys", 0), 64);
  EXPECT_EQ(shapes.named("rows", 3), 3);
}

TEST(Extents, SumsFollowFromTheirTerms) {
  Shapes shapes =
      llvm::cantFail(Shapes::resolve(pagedSignature(), {{"queries", 7}, {"pages.shape[1]", 5}}));
  EXPECT_EQ(shapes.named("keys", 0), 80);
}

TEST(Extents, WhatCannotBeIsRefused) {
  Signature free = pagedSignature();
  free.derived.clear();
  EXPECT_EQ(llvm::toString(Shapes::resolve(free, {{"queries", 7}}).takeError()),
            "how long is axis 1 of pages? Add pages.shape[1]=... to --shape");
  EXPECT_EQ(resolveError({{"queries", 7}, {"heads", 6}, {"key_heads", 4}, {"keys", 16}}),
            "heads=6 is no multiple of key_heads=4");
  EXPECT_EQ(resolveError({{"queries", 7}, {"keys", 20}}),
            "keys=20, but what it is made of gives 16");
  EXPECT_EQ(resolveError({{"queries", 1 << 20}, {"heads", 1 << 10}, {"keys", 16}}),
            "tensor q would have more than 2^28 elements");
}

} // namespace
