// Rows that are needed next are fetched into L2: the pass names LLVM's intrinsic, and finds loops
// by their names; if Halide came to spell either otherwise, this would notice.
#include "compiler/transforms/Pipeline.h"
#include "schedules/families/Families.h"
#include "schedules/families/Online.h"
#include "tests/unit/Parse.h"

#include "mlir/Pass/PassManager.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

using namespace heed;

namespace {

struct Fetches {
  std::set<std::string> buffers; ///< that lines are fetched of
  int instructions = 0;
  std::string statements; ///< that fetch
};

std::string textOf(const std::string &file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TargetInfo host() { return llvm::cantFail(findTarget("host")); }

using Form = decltype(Plan::form);
Form online(int taskTiles = 1) {
  OnlinePlan plan = defaultOnlinePlan(host());
  plan.taskTiles = taskTiles;
  return plan;
}
Form split(int keysAhead) {
  return SplitPlan{.keyTile = 32, .rowTile = 2, .keyUnroll = 4, .keysAhead = keysAhead};
}

/// What the kernel of a description fetches into L2.
Fetches fetchesOf(const std::string &description, const Form &form = online()) {
  Parsed parsed(description);
  EXPECT_TRUE(parsed) << parsed.errors;
  mlir::PassManager passes(&parsed.context);
  buildPipeline(passes);
  EXPECT_TRUE(succeeded(passes.run(*parsed.module))) << parsed.errors;
  auto entries = buildEntries(parsed.kernel(), {host().name, form});
  EXPECT_TRUE(succeeded(entries)) << parsed.errors;
  Stage &stage = entries->front().stages.front();
  const std::string file = testing::TempDir() + "heed_row_prefetch";
  Fetches all;
  stage.pipeline.compile_to_assembly(file + ".s", stage.inputs, "dense", stage.target);
  std::string assembly = textOf(file + ".s");
  for (size_t at = 0; (at = assembly.find("prefetcht1", at)) != std::string::npos; at++)
    all.instructions++;
  stage.pipeline.compile_to_lowered_stmt(file + ".stmt", stage.inputs, Halide::Text, stage.target);
  std::istringstream statements(textOf(file + ".stmt"));
  const std::regex fetch("llvm\\.prefetch.*?reinterpret<uint64>\\((\\w+)");
  std::smatch match;
  for (std::string line; std::getline(statements, line);)
    if (std::regex_search(line, match, fetch))
      all.buffers.insert(match[1]), all.statements += line + "\n";
  return all;
}

/// Of a kernel with keys and values of `type`.
Fetches fetches(const std::string &type, const std::string &queries = "?",
                const Form &form = online(), const std::string &mask = "") {
  const std::string q = "tensor<1x" + queries + "x2x32xf32>", k = "tensor<1x?x2x32x" + type + ">",
                    s = "tensor<1x2x" + queries + "x?xf32>";
  return fetchesOf("attn.kernel @dense(%q: " + q + ", %k: " + k + ", %v: " + k + ") -> " + q +
                       " {\n%s = attn.score dot %q, %k : (" + q + ", " + k + ") -> " + s + mask +
                       (mask.empty() ? "" : s) + "\n%w = attn.normalize softmax " +
                       (mask.empty() ? "%s" : "%m") + " : " + s +
                       "\n%o = attn.weighted_sum %w, %v : (" + s + ", " + k + ") -> " + q +
                       "\nattn.return %o : " + q + "\n}",
                   form);
}

} // namespace

TEST(RowPrefetch, FetchesTheNextBlockAndTheTasksRows) {
  Fetches all = fetches("f32");
  EXPECT_THAT(all.buffers, testing::UnorderedElementsAre("in_q", "in_k", "in_v", "out"));
  EXPECT_GE(all.instructions, 4);
}

TEST(RowPrefetch, LeavesPackedRowsAlone) {
  Fetches all = fetches("bf16");
  EXPECT_THAT(all.buffers, testing::UnorderedElementsAre("in_q", "out"));
  EXPECT_GE(all.instructions, 2);
}

TEST(RowPrefetch, FetchesForEachPartOfATask) {
  EXPECT_THAT(fetches("bf16", "?", online(2)).buffers,
              testing::UnorderedElementsAre("in_q", "out"));
}

const char *const causal = R"(
%m = attn.mask %s {
^bb0(%batch: index, %head: index, %query: index, %key: index):
  %c = arith.cmpi sle, %key, %query : index
  attn.yield %c : i1
} ranges {
^bb0(%batch: index, %head: index, %first: index, %last: index):
  %none = arith.constant -1073741824 : index
  %one = arith.constant 1 : index
  %all = arith.addi %first, %one : index
  %end = arith.addi %last, %one : index
  attn.yield %none, %end, %none, %all : index, index, index, index
} : )";

// Values of the first block while its scores are computed. What a task with no full block needs
// next, during its last masked one.
TEST(RowPrefetch, FetchesWhereABlockIsTheFirstOrNoneIsFull) {
  std::string fetches = ::fetches("f32", "?", online(), causal).statements;
  for (const char *what :
       {">.in_v[^\n]*full_dot", ">.in_v[^\n]*trail_walk", ">.in_q[^\n]*trail_walk",
        ">.in_k[^\n]*trail_walk", ">.out[^\n]*trail_walk"})
    EXPECT_THAT(fetches, testing::ContainsRegex(what));
  EXPECT_THAT(::fetches("f32", "?", online(2), causal).statements,
              testing::Not(testing::ContainsRegex("trail_walk")));
}

// Its blocks are walked by parts of the tile, which fetch nothing.
TEST(RowPrefetch, LeavesASingleQueryAlone) {
  EXPECT_THAT(fetches("f32", "1").buffers, testing::IsEmpty());
}

TEST(ReadAhead, FetchesKeysAndValuesWherePlansSaySo) {
  for (const char *type : {"f32", "bf16"}) {
    Fetches all = fetches(type, "1", split(64));
    EXPECT_THAT(all.buffers, testing::UnorderedElementsAre("in_k", "in_v")) << type;
    EXPECT_GE(all.instructions, 4 + 8) << type; // a row of keys and of values at the least
    EXPECT_THAT(fetches(type, "1", split(0)).buffers, testing::IsEmpty()) << type;
  }
}

// The table says where the rows of a key so much further on lie.
TEST(ReadAhead, FetchesRowsInPages) {
  const std::string found = R"( {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %table: tensor<1x?xi32>, %r: tensor<?x16x2x32xf32>):
    %size = arith.constant 16 : index
    %n = arith.divui %position, %size : index
    %in = arith.remui %position, %size : index
    %i = attn.load %table[%batch, %n] : tensor<1x?xi32>
    %page = arith.index_cast %i : i32 to index
    %x = attn.load %r[%page, %in, %head, %column] : tensor<?x16x2x32xf32>
    attn.yield %x : f32
  } : tensor<1x?x2x32xf32>
)",
                    ofPages =
                        " : tensor<1x?xi32>, tensor<?x16x2x32xf32>) positions(%t[1] * 16)" + found,
                    description = R"(
attn.kernel @paged(%q: tensor<1x1x2x32xf32>, %k: tensor<?x16x2x32xf32>, %v: tensor<?x16x2x32xf32>, %t: tensor<1x?xi32>) -> tensor<1x1x2x32xf32> {
  %y = attn.rowwise captures(%t, %k)" +
                                  ofPages + "  %z = attn.rowwise captures(%t, %v" + ofPages + R"(
  %s = attn.score dot %q, %y : (tensor<1x1x2x32xf32>, tensor<1x?x2x32xf32>) -> tensor<1x2x1x?xf32>
  %w = attn.normalize softmax %s : tensor<1x2x1x?xf32>
  %o = attn.weighted_sum %w, %z : (tensor<1x2x1x?xf32>, tensor<1x?x2x32xf32>) -> tensor<1x1x2x32xf32>
  attn.return %o : tensor<1x1x2x32xf32>
})";
  Fetches all = fetchesOf(description, split(64));
  EXPECT_THAT(all.buffers, testing::UnorderedElementsAre("in_k", "in_v"));
  EXPECT_GE(all.instructions, 4 + 8);
  EXPECT_THAT(all.statements, testing::ContainsRegex("\\.ko[^\n]*\\+ 64[^\n]*in_t\\["));
  EXPECT_THAT(fetchesOf(description, split(0)).buffers, testing::IsEmpty());
}

// Whose loops over keys are others than those of a dot product.
TEST(RowPrefetch, SpreadsAQuotientsFetchesOverItsSteps) {
  Fetches all = fetchesOf(R"(
attn.kernel @quotients(%q: tensor<1x?x2x32xf32>, %k: tensor<1x?x2x32xf32>, %v: tensor<1x?x2x32xf32>) -> tensor<1x?x2x32xf32> {
  %s = attn.score pairwise %q, %k {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index):
    %low = arith.constant 1.0 : f32
    %high = arith.constant 1024.0 : f32
    %product = arith.mulf %x, %y : f32
    %clamped = math.clampf %product to [%low, %high] : f32
    %z = arith.divf %low, %clamped : f32
    attn.yield %z : f32
  } : (tensor<1x?x2x32xf32>, tensor<1x?x2x32xf32>) -> tensor<1x2x?x?xf32>
  %w = attn.normalize softmax %s : tensor<1x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<1x2x?x?xf32>, tensor<1x?x2x32xf32>) -> tensor<1x?x2x32xf32>
  attn.return %o : tensor<1x?x2x32xf32>
})");
  EXPECT_THAT(all.buffers, testing::UnorderedElementsAre("in_q", "in_k", "in_v", "out"));
  // Of full blocks and tasks; what masked ones fetch comes on top.
  const std::regex masked("[^\n]*trail_walk[^\n]*\n");
  std::string ofFull = std::regex_replace(all.statements, masked, "");
  EXPECT_LE(std::count(ofFull.begin(), ofFull.end(), '\n'), 64);
  EXPECT_LE(all.instructions, 128);
}
