// Attention and merge kernels in every form that takes them, scheduled, against the reference: each
// normalizer, each result, tails, lengths, grouped heads, rows without keys.
#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Pipeline.h"
#include "tests/unit/Parse.h"
#include "tests/unit/graph/RunEntry.h"

#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <random>

using namespace heed;

namespace {

const TargetInfo host = llvm::cantFail(findTarget("host"));
const Plan rowPlan{
    host.name,
    RowPlan{.queryTile = 2 * host.lanes, .keyTile = 8, .keyUnroll = 4, .depthUnroll = 2}};
const Plan onlinePlan{host.name, OnlinePlan{.queryTile = 2 * host.lanes,
                                            .keyTile = 16,
                                            .edgeKeyTile = 8,
                                            .queryVectors = 2,
                                            .keyUnroll = 4,
                                            .depthUnroll = 2,
                                            .reduceUnroll = 2}};

const Plan splitPlan{host.name, SplitPlan{.partKeys = 16,
                                          .keyTile = 8,
                                          .keyHeads = 2,
                                          .rowTile = 3,
                                          .keyUnroll = 4,
                                          .columnVectors = 2,
                                          .reduceUnroll = 2}};

const Plan gpuPlan{"opencl", GpuPlan{.queryTile = 16,
                                     .keyTile = 8,
                                     .queryThreads = 4,
                                     .keyThreads = 4,
                                     .queryRegisters = 2,
                                     .keyRegisters = 2,
                                     .columns = 4,
                                     .reduceUnroll = 2}};

const Plan gpuPartsPlan{"opencl", GpuPlan{.queryTile = 4,
                                          .keyTile = 8,
                                          .queryThreads = 2,
                                          .keyThreads = 8,
                                          .queryRegisters = 2,
                                          .keyRegisters = 1,
                                          .columns = 4,
                                          .reduceUnroll = 2,
                                          .partKeys = 16}};

/// What a kernel is made of, as text.
struct Description {
  std::string normalizer = "softmax";
  std::string module;              ///< ops beside the kernel
  std::string captures, arguments; ///< of the normalizer; of the kernel, after query, key and value
  bool modified = false, masked = true, isPartial = false;
  std::vector<std::string>
      results; ///< after the output: "lse", "score", "modify", "mask", "weights", "sums"
  int states = 2;

  std::string text() const;
};

const std::string scores = "tensor<2x4x?x?xf32>", perQuery = "tensor<2x4x?xf32>",
                  perKey = "tensor<2x4x?xf32>";

std::string Description::text() const {
  std::string value = "tensor<2x?x2x6xf32>";
  std::string out =
      isPartial ? "tensor<2x?x4x" + std::to_string(6 + states) + "xf32>" : "tensor<2x?x4x6xf32>";
  std::string body = "  %s = attn.score scaled_dot %q, %k : (tensor<2x?x4x8xf32>, "
                     "tensor<2x?x2x8xf32>) -> " +
                     scores + "\n";
  std::string last = "%s";
  if (modified) {
    body += R"(  %b = attn.modify %s {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    %two = arith.constant 2.0 : f32
    %n = arith.index_cast %key : index to i32
    %f = arith.sitofp %n : i32 to f32
    %tenth = arith.constant 0.1 : f32
    %far = arith.mulf %f, %tenth : f32
    %d = arith.mulf %x, %two : f32
    %y = arith.subf %d, %far : f32
    attn.yield %y : f32
  } : )" + scores +
            "\n";
    last = "%b";
  }
  if (masked) { // a window that leaves the first queries of the second batch entry without keys
    body += "  %m = attn.mask " + last + R"( {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %at = arith.addi %query, %offset : index
    %eleven = arith.constant 11 : index
    %low = arith.subi %at, %eleven : index
    %begins = arith.cmpi sge, %key, %low : index
    %ends = arith.cmpi sle, %key, %at : index
    %keep = arith.andi %begins, %ends : i1
    attn.yield %keep : i1
  } : )" + scores +
            "\n";
    last = "%m";
  }
  body += "  %w = attn.normalize " + normalizer + " " + last + captures + " : " + scores + "\n";
  body += std::string("  %o = attn.") + (isPartial ? "partial" : "weighted_sum") + " %w, %v : (" +
          scores + ", " + value + ") -> " + out + "\n";
  std::string names = "%o", types = out;
  for (const std::string &result : results) {
    std::string name = result == "score"     ? "%s"
                       : result == "modify"  ? "%b"
                       : result == "mask"    ? "%m"
                       : result == "weights" ? "%w"
                                             : "%" + result,
                type = scores;
    if (result == "lse") {
      body += "  %lse = attn.log_sum_exp " + last + " : " + scores + " -> " + perQuery + "\n";
      type = perQuery;
    } else if (result == "sums") {
      body += "  %sums = attn.key_sum %w : " + scores + " -> " + perKey + "\n";
      type = perKey;
    }
    names += ", " + name, types += ", " + type;
  }
  return module + "attn.kernel @k(%q: tensor<2x?x4x8xf32>, %k: tensor<2x?x2x8xf32>, %v: " + value +
         arguments + ") -> (" + types + ") {\n" + body + "  attn.return " + names + " : " + types +
         "\n}\n";
}

Array random(std::vector<int64_t> shape, unsigned seed) {
  Array array(shape);
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> number(-2, 2);
  for (double &value : array.values)
    value = number(generator);
  return array;
}

class Forms : public testing::Test {
protected:
  /// The reference's results and those of the kernel under `plan`.
  struct Both {
    std::vector<Array> expected, actual;
  };

  Both run(const std::string &text, const std::vector<Array> &inputs, const Plan &plan) {
    Parsed parsed(text);
    if (!parsed)
      throw std::runtime_error(parsed.errors + text);
    Both both{*interpret(parsed.kernel(), inputs), {}};
    mlir::PassManager passes(&parsed.context);
    buildPipeline(passes);
    if (failed(passes.run(*parsed.module)))
      throw std::runtime_error(parsed.errors);
    auto entries = buildEntries(parsed.kernel(), plan);
    if (failed(entries))
      throw std::runtime_error(parsed.errors);
    std::vector<std::vector<int64_t>> shapes;
    for (const Array &array : both.expected)
      shapes.push_back(array.shape);
    both.actual = test::runEntry(entries->front(), inputs, shapes);
    return both;
  }

  void expectSame(const Both &both, double tolerance = 2e-5) {
    ASSERT_EQ(both.actual.size(), both.expected.size());
    for (size_t r = 0; r < both.actual.size(); r++)
      for (size_t i = 0; i < both.actual[r].values.size(); i++) {
        double expected = both.expected[r].values[i], actual = both.actual[r].values[i];
        if (std::isfinite(expected))
          ASSERT_NEAR(actual, expected, tolerance * (1 + std::abs(expected)))
              << "result " << r << ", element " << i;
        else
          ASSERT_TRUE(actual == expected || (std::isnan(actual) && std::isnan(expected)))
              << "result " << r << ", element " << i << " is " << actual << ", not " << expected;
      }
  }

  static std::vector<Array> operands(int64_t queries, int64_t keys) {
    return {random({2, queries, 4, 8}, 1), random({2, keys, 2, 8}, 2), random({2, keys, 2, 6}, 3)};
  }

  void check(const Description &description, const Plan &plan, std::vector<Array> more = {},
             int64_t queries = 37, int64_t keys = 45) {
    std::vector<Array> inputs = operands(queries, keys);
    inputs.insert(inputs.end(), more.begin(), more.end());
    expectSame(run(description.text(), inputs, plan));
  }
};

const std::string lengths = ", %lengths: tensor<2xi32> {attn.key_lengths}, %queries: tensor<2xi32> "
                            "{attn.query_lengths}";
const std::vector<Array> shortEntries = {Array({2}, {45, 19}), Array({2}, {30, 37})};

const std::string mean = R"(attn.normalizer @mean identity {
  %zero = arith.constant 0.0 : f32
  attn.yield %zero : f32
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  %count = attn.block_sum %one : f32
  attn.yield %count : f32
} weight {
^bb0(%x: f32, %count: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
^bb0(%a: f32, %b: f32):
  %one = arith.constant 1.0 : f32
  %sum = arith.addf %a, %b : f32
  attn.yield %sum, %one, %one : f32, f32, f32
} finalize {
^bb0(%count: f32, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  %factor = arith.divf %one, %count : f32
  attn.yield %factor : f32
}
)";

} // namespace

TEST_F(Forms, RowGivesEveryResultInTheOrderOfTheReturn) {
  check({.modified = true, .results = {"weights", "sums", "score", "lse", "mask", "modify"}},
        rowPlan);
}

TEST_F(Forms, RowWithLengths) {
  check({.arguments = lengths, .results = {"lse", "weights", "sums", "mask", "score"}}, rowPlan,
        shortEntries);
}

TEST_F(Forms, RowWithoutAMask) {
  check({.masked = false, .results = {"weights", "sums", "score"}}, rowPlan);
}

TEST_F(Forms, ThresholdsInRow) {
  for (const char *kind : {"sparsemax", "entmax15"}) {
    SCOPED_TRACE(kind);
    check({.normalizer = kind, .results = {"weights", "sums"}}, rowPlan);
    check({.normalizer = kind, .arguments = lengths, .masked = false}, rowPlan, shortEntries);
  }
}

// One below the largest is the largest itself in float32.
TEST_F(Forms, ThresholdsOfLargeScores) {
  for (const char *kind : {"sparsemax", "entmax15"}) {
    SCOPED_TRACE(kind);
    std::vector<Array> inputs = operands(20, 20);
    for (double &query : inputs[0].values)
      query *= 1e9;
    expectSame(run(Description{.normalizer = kind}.text(), inputs, rowPlan));
  }
}

TEST_F(Forms, EveryOnlineNormalizerInEveryForm) {
  for (const char *kind : {"softmax", "softmax_plus_one", "relu_squared", "none"})
    for (const Plan &plan : {rowPlan, onlinePlan, splitPlan}) {
      SCOPED_TRACE(kind);
      check({.normalizer = kind, .arguments = lengths}, plan, shortEntries);
    }
  for (const char *kind : {"softmax_sinks", "sigmoid"})
    for (const Plan &plan : {rowPlan, onlinePlan, splitPlan}) {
      SCOPED_TRACE(kind);
      check({.normalizer = kind,
             .captures = " captures(%c : tensor<4xf32>)",
             .arguments = ", %c: tensor<4xf32>"},
            plan, {random({4}, 7)});
    }
}

TEST_F(Forms, AUsersNormalizerGivesRowsWithoutKeysZero) {
  for (const Plan &plan : {rowPlan, onlinePlan, splitPlan})
    check({.normalizer = "@mean", .module = mean, .arguments = lengths}, plan, shortEntries);
}

TEST_F(Forms, StatesInEveryForm) {
  for (const Plan &plan : {rowPlan, onlinePlan, splitPlan, gpuPlan, gpuPartsPlan})
    check({.arguments = lengths, .isPartial = true}, plan, shortEntries);
}

TEST_F(Forms, NothingToAttendTo) {
  for (const Plan &plan : {rowPlan, onlinePlan, splitPlan})
    check({.masked = false, .results = {"lse"}}, plan, {}, 5, 0);
  check({.masked = false, .results = {"lse", "sums", "weights"}}, rowPlan, {}, 5, 0);
}

/// Attention with a mask of one's own, and what goes before its score. Returns `results`, which are
/// %o and %n, the weights.
static std::string masked(const std::string &arguments, const std::string &captures,
                          const std::string &tensors, const std::string &keep,
                          const std::string &before = "",
                          const std::string &results = "%o : tensor<2x?x4x6xf32>") {
  return "attn.kernel @k(%q: tensor<2x?x4x8xf32>, %k: tensor<2x?x2x8xf32>, " + arguments +
         ") -> (" + results.substr(results.find(':') + 1) + ") {\n" + before +
         "%s = attn.score scaled_dot %q, %k : (tensor<2x?x4x8xf32>, tensor<2x?x2x8xf32>) -> " +
         scores + "\n%m = attn.mask %s " + captures +
         " {\n^bb0(%batch: index, %head: index, %query: index, %key: index" + tensors + "):\n" +
         keep + "attn.yield %keep : i1\n} : " + scores +
         "\n%n = attn.normalize softmax %m : " + scores + "\n%o = attn.weighted_sum %n, %v : (" +
         scores +
         ", tensor<2x?x2x6xf32>) -> tensor<2x?x4x6xf32>\n"
         "attn.return " +
         results + "\n}";
}

// One block would be the most for the mask: the schedule may not take it for the least.
TEST_F(Forms, APrefixOfNoKeys) {
  const std::string seven = "%seven = arith.constant 7 : index\n"
                            "%keep = arith.cmpi slt, %key, %seven : index\n",
                    values = "%v: tensor<2x?x2x6xf32>";
  for (const Plan &plan : {rowPlan, onlinePlan, splitPlan})
    for (int64_t keys : {0, 9})
      expectSame(run(masked(values, "", "", seven), operands(5, keys), plan));
  Plan turning = rowPlan;
  std::get<RowPlan>(turning.form).turn = 2;
  const std::string text =
      masked(values, "", "", seven, "", "%o, %n : tensor<2x?x4x6xf32>, " + scores);
  for (const Plan &plan : {rowPlan, turning})
    for (int64_t keys : {0, 9})
      expectSame(run(text, operands(5, keys), plan));
}

TEST_F(Forms, ProjectedRowsOfNoKeys) {
  const std::string text =
      masked("%x: tensor<2x?x2x6xf32>, %w: tensor<1x6x6xf32>, %mask: tensor<?x?xi1>",
             "captures(%mask : tensor<?x?xi1>)", ", %keeps: tensor<?x?xi1>",
             "%keep = attn.load %keeps[%query, %key] : tensor<?x?xi1>\n",
             "%v = attn.project %x, %w : (tensor<2x?x2x6xf32>, tensor<1x6x6xf32>) -> "
             "tensor<2x?x2x6xf32>\n");
  for (const Plan &plan : {rowPlan, onlinePlan, splitPlan})
    for (int64_t keys : {0, 9}) {
      std::vector<Array> inputs = operands(5, keys);
      inputs.push_back(random({1, 6, 6}, 5));
      inputs.push_back(Array({5, keys}));
      for (size_t i = 0; i < inputs.back().values.size(); i++)
        inputs.back().values[i] = i % 3 != 0;
      expectSame(run(text, inputs, plan));
    }
}

TEST_F(Forms, NaNStaysInItsRow) {
  for (const char *kind : {"softmax", "sparsemax"}) {
    Description description{.normalizer = kind, .results = {"weights", "mask"}};
    std::vector<Array> inputs = operands(20, 20);
    inputs[0]({0, 3, 1, 2}) = std::nan("");
    Both both = run(description.text(), inputs, rowPlan);
    for (int64_t query = 0; query < 20; query++) {
      EXPECT_EQ(std::isnan(both.actual[0]({0, query, 1, 0})), query == 3) << kind;
      EXPECT_EQ(std::isnan(both.actual[1]({0, 1, query, 2})), query == 3) << kind;
      if (query < 19) // masked
        EXPECT_EQ(both.actual[1]({0, 1, query, 19}), 0) << kind;
    }
  }
}

TEST_F(Forms, NaNStaysInItsRowOfASplit) {
  std::vector<Array> inputs = operands(3, 40);
  inputs[0]({0, 2, 1, 2}) = std::nan("");
  inputs[1]({1, 17, 1, 3}) = std::nan("");
  for (const Plan &plan : {splitPlan, gpuPlan, gpuPartsPlan})
    expectSame(run(Description{.masked = false}.text(), inputs, plan));
}

TEST_F(Forms, RowInDoublePrecision) {
  for (const char *kind : {"softmax", "sparsemax"}) {
    std::string text =
        Description{.normalizer = kind, .results = {"mask", "weights", "sums"}}.text();
    for (size_t at = 0; (at = text.find("f32", at)) != std::string::npos;)
      text.replace(at, 3, "f64");
    expectSame(run(text, operands(20, 20), rowPlan), 1e-11);
  }
}

TEST_F(Forms, StatesMergeAndFinish) {
  Description whole{.masked = false, .results = {"lse"}}, part{.masked = false, .isPartial = true};
  std::vector<Array> inputs = operands(9, 20);
  auto keys = [](const Array &array, int64_t begin, int64_t end) {
    Array result({2, end - begin, 2, array.shape[3]});
    for (int64_t b = 0; b < 2; b++)
      for (int64_t k = begin; k < end; k++)
        for (int64_t h = 0; h < 2; h++)
          for (int64_t d = 0; d < array.shape[3]; d++)
            result({b, k - begin, h, d}) = array({b, k, h, d});
    return result;
  };
  std::vector<Array> states;
  for (auto [begin, end] : {std::pair(0, 13), {13, 20}})
    states.push_back(run(part.text(),
                         {inputs[0], keys(inputs[1], begin, end), keys(inputs[2], begin, end)},
                         onlinePlan)
                         .actual[0]);
  std::string state = "tensor<?x?x4x8xf32>", out = "tensor<?x?x4x6xf32>", lse = "tensor<?x4x?xf32>";
  for (const Plan &plan : {Plan{host.name, MergePlan{.rowsPerTask = 4}},
                           Plan{"opencl", GpuRowsPlan{.rows = 3, .columnThreads = 3}}}) {
    std::string merge = "  %p = attn.merge softmax %a, %b : " + state + "\n";
    std::string finish = " = attn.finish softmax %p : " + state + " -> " + out;
    Both merged = run("attn.kernel @m(%a: " + state + ", %b: " + state + ") -> " + state + " {\n" +
                          merge + "  attn.return %p : " + state + "\n}",
                      states, plan);
    expectSame(merged);
    expectSame(run("attn.kernel @f(%p: " + state + ") -> " + out + " {\n  %o" + finish +
                       "\n  attn.return %o : " + out + "\n}",
                   merged.actual, plan));
    Both both = run("attn.kernel @mf(%a: " + state + ", %b: " + state + ") -> (" + out + ", " +
                        lse + ") {\n" + merge + "  %o, %l" + finish + ", " + lse +
                        "\n  attn.return %o, %l : " + out + ", " + lse + "\n}",
                    states, plan);
    expectSame(both);
    both.expected = run(whole.text(), inputs, onlinePlan).expected;
    expectSame(both);
  }
}

TEST_F(Forms, AStateThatIsNoNumberFinishesAsNone) {
  Array state = random({1, 2, 1, 8}, 4);
  state({0, 0, 0, 7}) = 2;
  state({0, 1, 0, 7}) = std::nan("");
  Both both = run(R"(attn.kernel @f(%p: tensor<1x2x1x8xf32>) -> tensor<1x2x1x6xf32> {
  %o = attn.finish softmax %p : tensor<1x2x1x8xf32> -> tensor<1x2x1x6xf32>
  attn.return %o : tensor<1x2x1x6xf32>
})",
                  {state}, {host.name, MergePlan{}});
  EXPECT_TRUE(std::isnan(both.expected[0]({0, 1, 0, 0})));
  expectSame(both);
}

TEST_F(Forms, FinishingWithoutALogSumExp) {
  std::vector<Array> states = {random({1, 3, 2, 6}, 4), random({1, 3, 2, 6}, 5)};
  states[0]({0, 1, 0, 2}) = std::nan("");
  expectSame(run(
      R"(attn.kernel @f(%a: tensor<1x?x2x6xf32>, %b: tensor<1x?x2x6xf32>) -> tensor<1x?x2x6xf32> {
  %p = attn.merge none %a, %b : tensor<1x?x2x6xf32>
  %o = attn.finish none %p : tensor<1x?x2x6xf32> -> tensor<1x?x2x6xf32>
  attn.return %o : tensor<1x?x2x6xf32>
})",
      states, {host.name, MergePlan{}}));
}

TEST_F(Forms, AMergeOfANormalizerWithCaptures) {
  std::vector<Array> states = {random({1, 3, 2, 8}, 4), random({1, 3, 2, 8}, 5)};
  for (Array &state : states)
    for (int64_t i = 7; i < int64_t(state.values.size()); i += 8)
      state.values[i] = std::abs(state.values[i]);
  expectSame(run(
      R"(attn.kernel @m(%a: tensor<1x?x2x8xf32>, %b: tensor<1x?x2x8xf32>) -> tensor<1x?x2x8xf32> {
  %p = attn.merge softmax_sinks %a, %b : tensor<1x?x2x8xf32>
  attn.return %p : tensor<1x?x2x8xf32>
})",
      states, {host.name, MergePlan{}}));
}

namespace {

std::string refusal(const std::string &text, const Plan &plan) {
  Parsed parsed(text);
  EXPECT_TRUE(parsed) << parsed.errors;
  EXPECT_TRUE(failed(buildEntries(parsed.kernel(), plan)));
  return parsed.errors;
}
std::string refusal(const Description &description, const Plan &plan) {
  return refusal(description.text(), plan);
}

} // namespace

TEST_F(Forms, WrongFormsAreRefusedWithTheReason) {
  EXPECT_EQ(refusal({.normalizer = "sparsemax"}, onlinePlan),
            "sparsemax needs the whole row: its plan has to be of form 'row'\n");
  EXPECT_EQ(refusal({.results = {"sums"}}, onlinePlan),
            "the result of attn.key_sum has a key axis: its plan has to be of form 'row'\n");
  EXPECT_EQ(refusal(Description{}, {host.name, RowwisePlan{}}),
            "is attention: its plan has to be of form 'online', 'split' or 'row'\n");
  EXPECT_EQ(refusal({.normalizer = "entmax15"}, splitPlan),
            "entmax15 needs the whole row: its plan has to be of form 'row'\n");
  EXPECT_EQ(refusal({.results = {"weights"}}, splitPlan),
            "the result of attn.normalize has a key axis: its plan has to be of form 'row'\n");
  EXPECT_EQ(refusal({.normalizer = "entmax15"}, gpuPlan),
            "entmax15 needs the whole row: kernels for opencl take keys block by block\n");
  EXPECT_EQ(refusal(Description{}, Plan{host.name, GpuPlan{}}),
            "has a plan that does not fit: form 'gpu' is for devices, and " + host.name +
                " is a CPU\n");
  EXPECT_EQ(refusal(Description{}, Plan{"opencl", OnlinePlan{}}),
            "has a plan that does not fit: form 'online' is for CPUs, and opencl is a device\n");
}

TEST_F(Forms, OtherKernelsHaveFormsOfTheirOwn) {
  const std::string merge = R"(
attn.kernel @m(%a: tensor<?x?x2x8xf32>, %b: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %p = attn.merge softmax %a, %b : tensor<?x?x2x8xf32>
  attn.return %p : tensor<?x?x2x8xf32>
})";
  const std::string linear = R"(
attn.kernel @l(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>) -> tensor<?x4xf32> {
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x8xf32>, tensor<8x4xf32>) -> tensor<?x4xf32>
  attn.return %y : tensor<?x4xf32>
})";
  const std::string rowwise = R"(
attn.kernel @r(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
})";
  EXPECT_EQ(refusal(merge, onlinePlan), "merges states: its plan has to be of form 'merge'\n");
  EXPECT_EQ(refusal(linear, splitPlan), "is a linear layer: its plan has to be of form 'linear'\n");
  EXPECT_EQ(refusal(rowwise, rowPlan), "is rowwise: its plan has to be of form 'rowwise'\n");
  const Plan ofRows{"opencl", GpuRowsPlan{}};
  EXPECT_EQ(refusal(merge, gpuPlan), "merges states: its plan has to be of form 'gpu_rows'\n");
  EXPECT_EQ(refusal(linear, ofRows),
            "is a linear layer: its plan has to be of form 'gpu_linear'\n");
  EXPECT_EQ(refusal(rowwise, gpuPlan), "is rowwise: its plan has to be of form 'gpu_rows'\n");
  EXPECT_EQ(refusal(Description{}, ofRows), "is attention: its plan has to be of form 'gpu'\n");
}

TEST_F(Forms, DevicesProjectNoRows) {
  EXPECT_EQ(refusal(R"(
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x4xf32>, %v: tensor<?x?x1x8xf32>,
               %w: tensor<1x8x4xf32>) -> tensor<?x?x1x8xf32> {
  %p = attn.project %q, %w : (tensor<?x?x1x8xf32>, tensor<1x8x4xf32>) -> tensor<?x?x1x4xf32>
  %s = attn.score dot %p, %k : (tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>) -> tensor<?x1x?x?xf32>
  %n = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %n, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
})",
                    gpuPlan),
            "projects rows, which kernels for opencl do not\n");
}
