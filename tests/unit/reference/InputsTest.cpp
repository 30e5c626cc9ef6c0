// Inputs that don't fit a kernel are refused by name.
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

using namespace heed;
using testing::HasSubstr;

namespace {

constexpr const char *text = R"(
attn.kernel @k(%q: tensor<?x?x?x1xf32>, %k: tensor<?x?x?x1xf32>, %v: tensor<?x?x?x1xf32>,
               %n: tensor<?xi32> {attn.key_lengths}) -> tensor<?x?x?x1xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x?x?x?xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x1xf32>
  attn.return %o : tensor<?x?x?x1xf32>
})";

std::string errorOf(std::vector<Array> inputs) {
  Parsed parsed(text);
  EXPECT_TRUE(parsed) << parsed.errors;
  EXPECT_EQ(failed(interpret(parsed.kernel(), inputs)), !parsed.errors.empty());
  return parsed.errors;
}

TEST(Inputs, ThatFitAreTaken) {
  Array q({1, 2, 4, 1}), k({1, 3, 2, 1});
  EXPECT_EQ(errorOf({q, k, k, Array({1}, 3)}), "");
}

TEST(Inputs, ThatDoNotFitAreRefusedByName) {
  Array q({1, 2, 4, 1}), k({1, 3, 2, 1}), n({1}, 3);
  EXPECT_THAT(errorOf({q, k, k}), HasSubstr("takes 4 inputs, not 3"));
  EXPECT_THAT(errorOf({q, Array({3, 2, 1}), k, n}), HasSubstr("input k has rank 3, not 4"));
  EXPECT_THAT(errorOf({q, Array({1, 3, 2, 2}), k, n}),
              HasSubstr("input k has extent 2 on axis 3, not 1"));
  EXPECT_THAT(errorOf({q, k, Array({1, 4, 2, 1}), n}),
              HasSubstr("input v has extent 4 on axis 1, not 3"));
  EXPECT_THAT(errorOf({q, Array({2, 3, 2, 1}), k, n}),
              HasSubstr("input k has extent 2 on axis 0, not 1"));
  EXPECT_THAT(errorOf({q, k, k, Array({1}, 4)}),
              HasSubstr("input n holds 4, which is not in [0, 3]"));
  EXPECT_THAT(errorOf({q, k, k, Array({1}, -1)}),
              HasSubstr("input n holds -1, which is not in [0, 3]"));
  Array k3({1, 3, 3, 1});
  EXPECT_THAT(errorOf({q, k3, k3, n}), HasSubstr("4 heads are no multiple of 3"));
}

} // namespace
