// What regions see of a kernel's tensors: boxes and segments.
#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

using namespace heed;
using testing::HasSubstr;

namespace {

constexpr const char *text = R"(
attn.kernel @k(%q: tensor<?x?x1x1xf32>, %k: tensor<?x?x1x1xf32>, %v: tensor<?x?x1x1xf32>,
               %documents: tensor<?x?xi32>, %starts: tensor<?xi32> {attn.segments})
    -> tensor<?x?x1x1xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x1xf32>, tensor<?x?x1x1xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%documents, %starts : tensor<?x?xi32>, tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %d: tensor<?x?xi32>, %t: tensor<?xi32>):
    %a = attn.load %d[%batch, %query] : tensor<?x?xi32>
    %b = attn.load %d[%batch, %key] : tensor<?x?xi32>
    %same = arith.cmpi eq, %a, %b : i32
    %end = attn.segment_end %t[%query] : tensor<?xi32>
    %before = arith.cmpi slt, %key, %end : index
    %keep = arith.andi %same, %before : i1
    attn.yield %keep : i1
  } ranges {
  ^bb0(%batch: index, %head: index, %first: index, %last: index, %d: tensor<?x?xi32>, %t: tensor<?xi32>):
    %begin = attn.segment_begin %t[%first] : tensor<?xi32>
    %end = attn.segment_end %t[%last] : tensor<?xi32>
    %full = attn.segment_end %t[%first] : tensor<?xi32>
    attn.yield %begin, %end, %begin, %full : index, index, index, index
  } status {
  ^bb0(%batch: index, %head: index, %first: index, %last: index, %first_key: index, %last_key: index, %d: tensor<?x?xi32>, %t: tensor<?xi32>):
    %low = attn.load_min %d[%batch, %first] to [%batch, %last] : tensor<?x?xi32>
    %high = attn.load_max %d[%batch, %first_key] to [%batch, %last_key] : tensor<?x?xi32>
    %may = arith.cmpi sle, %low, %high : i32
    %all = arith.cmpi eq, %low, %high : i32
    attn.yield %may, %all : i1, i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x1xf32>) -> tensor<?x?x1x1xf32>
  attn.return %o : tensor<?x?x1x1xf32>
})";

class Regions : public testing::Test {
protected:
  Parsed parsed{text};
  Array rows{{1, 4, 1, 1}}, documents{{1, 4}, {5, 7, 6, 9}}, starts{{3}, {1, 1, 3}};
};

TEST_F(Regions, SeeSegments) {
  ASSERT_TRUE(parsed) << parsed.errors;
  attn::MaskOp mask = viewAttention(parsed.kernel())->masks.front();
  Tensors tensors(parsed.kernel(), {rows, rows, rows, documents, starts});
  Context<Number> context = captureContext(mask.getCaptures(), tensors);
  auto rangesOf = [&](int64_t first, int64_t last) {
    std::vector<int64_t> bounds;
    auto yielded = evaluate(mask.getRanges(),
                            {position(0), position(0), position(first), position(last)}, context);
    for (const Number &bound : *yielded)
      bounds.push_back(bound.asInteger());
    return bounds;
  };
  constexpr int64_t noEnd = int64_t(1) << 30;
  EXPECT_THAT(rangesOf(0, 0), testing::ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(rangesOf(1, 2), testing::ElementsAre(1, 3, 1, 3));
  EXPECT_THAT(rangesOf(2, 3), testing::ElementsAre(1, noEnd, 1, 3));
}

TEST_F(Regions, SeeTheLeastAndTheLargestOfABox) {
  ASSERT_TRUE(parsed) << parsed.errors;
  attn::MaskOp mask = viewAttention(parsed.kernel())->masks.front();
  Tensors tensors(parsed.kernel(), {rows, rows, rows, documents, starts});
  Context<Number> context = captureContext(mask.getCaptures(), tensors);
  auto statusOf = [&](std::vector<int64_t> place) {
    Numbers parameters = {position(0), position(0)};
    parameters.append(place.begin(), place.end());
    auto status = *evaluate(mask.getStatus(), parameters, context);
    return std::pair(status[0].asBoolean(), status[1].asBoolean());
  };
  EXPECT_EQ(statusOf({1, 3, 0, 0}), std::pair(false, false));  // 6 > 5
  EXPECT_EQ(statusOf({1, 2, 0, 2}), std::pair(true, false));   // 6 <= 7
  EXPECT_EQ(statusOf({2, 2, 2, 2}), std::pair(true, true));    // 6, 6
  EXPECT_EQ(statusOf({3, 9, -4, 1}), std::pair(false, false)); // clamped: 9 > 7
}

TEST_F(Regions, WantSegmentsThatDoNotDecrease) {
  ASSERT_TRUE(parsed) << parsed.errors;
  Array decreasing({2}, {3, 2});
  EXPECT_TRUE(failed(interpret(parsed.kernel(), {rows, rows, rows, documents, decreasing})));
  EXPECT_THAT(parsed.errors, HasSubstr("input starts decreases"));
  parsed.errors.clear();
  EXPECT_TRUE(failed(interpret(parsed.kernel(), {rows, rows, rows, documents, Array({1}, 5)})));
  EXPECT_THAT(parsed.errors, HasSubstr("input starts holds 5, which is not in [0, 4]"));
}

} // namespace
