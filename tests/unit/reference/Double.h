// Attention kernels that compute in f64, so that closed formulas agree to the last digits.
#pragma once

#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <fmt/format.h>

#include <random>

namespace heed {

/// A kernel of one head: what it says beside the usual. $ROWS, $SCORES and $PERROW stand for the
/// types of queries, scores and log-sum-exps. Values are %q, %k, %v, %s (score), %b (modify), %m
/// (mask), %w (weights), %lse, %n (key sums), %o.
struct DoubleText {
  int dim = 1;
  std::string score = "dot", pairwise = "", modify = "", mask = ""; ///< bodies, or nothing
  std::string normalize = "softmax", captures = "";                 ///< captures(...)
  std::string arguments = "";                                       ///< of the kernel, after value
  std::string before = "";                                          ///< in front of the kernel
  std::string results = "%o", resultTypes = "$ROWS";
  std::string sum = "weighted_sum", sumType = "$ROWS";

  std::string text() const {
    std::string text = before + R"(
attn.kernel @k(%q: $ROWS, %k: $ROWS, %v: $ROWS$ARGUMENTS) -> ($RESULTS) {
  %s = attn.score $SCORE %q, %k $PAIRWISE : ($ROWS, $ROWS) -> $SCORES
  %b = attn.modify %s {
  ^bb0(%x: f64, %batch: index, %head: index, %query: index, %key: index):
    $MODIFY
  } : $SCORES
  %m = attn.mask %b {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    $MASK
  } : $SCORES
  %w = attn.normalize $NORMALIZE %m $CAPTURES : $SCORES
  $LSE
  %n = attn.key_sum %w : $SCORES -> tensor<?x1x?xf64>
  %o = attn.$SUM %w, %v : ($SCORES, $ROWS) -> $SUMTYPE
  attn.return %RETURNED : $RESULTS
})";
    bool hasLogSumExp = results.find("%lse") != std::string::npos,
         hasKeySums = results.find("%n") != std::string::npos;
    auto replace = [&](const std::string &from, const std::string &to) {
      for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    };
    if (!hasKeySums)
      replace("  %n = attn.key_sum %w : $SCORES -> tensor<?x1x?xf64>\n", "");
    replace("%RETURNED", results);
    replace("$LSE",
            hasLogSumExp ? "%lse = attn.log_sum_exp %m : $SCORES -> tensor<?x1x?xf64>" : "");
    replace("$SCORES", "tensor<?x1x?x?xf64>");
    replace("$SCORE", score);
    replace("$PAIRWISE", pairwise);
    replace("$MODIFY", modify.empty() ? "attn.yield %x : f64" : modify);
    replace("$MASK", mask.empty() ? "%t = arith.constant true\n    attn.yield %t : i1" : mask);
    replace("$NORMALIZE", normalize);
    replace("$CAPTURES", captures);
    replace("$ARGUMENTS", arguments);
    replace("$RESULTS", resultTypes);
    replace("$SUMTYPE", sumType);
    replace("$SUM", sum);
    replace("$SCORES", "tensor<?x1x?x?xf64>");
    replace("$PERROW", "tensor<?x1x?xf64>");
    replace("$ROWS", fmt::format("tensor<?x?x1x{}xf64>", dim));
    return text;
  }

  std::vector<Array> operator()(const std::vector<Array> &inputs) const {
    Parsed parsed(text());
    EXPECT_TRUE(parsed) << parsed.errors << text();
    if (!parsed)
      return std::vector<Array>(8);
    auto results = interpret(parsed.kernel(), inputs);
    EXPECT_TRUE(succeeded(results)) << parsed.errors;
    return succeeded(results) ? *results : std::vector<Array>(8);
  }
};

inline Array randomArray(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  Array array(std::move(shape));
  for (double &value : array.values)
    value = normal(engine);
  return array;
}

} // namespace heed
