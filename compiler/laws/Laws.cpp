#include "compiler/laws/Laws.h"
#include "compiler/laws/Trial.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <numeric>

namespace heed {
namespace {

/// A law: "" where it holds on the trial's keys, else how it fails.
struct Law {
  const char *name;
  std::string (*fails)(Trial &trial);
};

Reals online(Trial &trial) { return trial.keys(0, 1e12, true); }
/// An infinite score makes the row NaN, which these laws could not tell from a wrong number.
Reals finite(Trial &trial) { return trial.keys(0, 1e12, false); }

/// The first value in which two states differ, as "left is ..., right ...".
std::string differ(const Reals &left, const Reals &right, std::initializer_list<Reals> states,
                   const std::string &keys, const char *leftName, const char *rightName) {
  for (size_t i = 0; i < left.size(); i++) {
    Reals among;
    for (const Reals &state : states)
      if (i < state.size())
        among.push_back(state[i]);
    if (!agree(left[i], right[i], among))
      return fmt::format("for keys with scores {}, {} is {}, but {} is {}", keys, leftName,
                         show(left), rightName, show(right));
  }
  return "";
}

Reals stateOf(Reals merged) {
  merged.resize(merged.size() - 2);
  return merged;
}

std::string isAssociative(Trial &trial) {
  Reals x = online(trial), y = online(trial), z = online(trial);
  Reals a = trial.summarize(x), b = trial.summarize(y), c = trial.summarize(z);
  Reals left = stateOf(trial.merge(stateOf(trial.merge(a, b)), c));
  Reals right = stateOf(trial.merge(a, stateOf(trial.merge(b, c))));
  return differ(left, right, {a, b, c}, show(x) + ", " + show(y) + " and " + show(z),
                "merge(merge(a, b), c)", "merge(a, merge(b, c))");
}

std::string isCommutative(Trial &trial) {
  Reals x = online(trial), y = online(trial), a = trial.summarize(x), b = trial.summarize(y);
  Reals left = trial.merge(a, b), right = trial.merge(b, a);
  std::swap(right[right.size() - 2], right.back());
  return differ(left, right, {a, b}, show(x) + " and " + show(y), "merge(a, b) with its factors",
                "merge(b, a)");
}

std::string isNeutral(Trial &trial) {
  Reals x = finite(trial), a = trial.summarize(x), merged = trial.merge(a, trial.identity());
  Reals expected = a;
  expected.push_back(1);
  merged.pop_back(); // the factor of no key's weights
  return differ(expected, merged, {a}, show(x), "their state a, with a factor of 1,",
                "merge(a, identity)");
}

std::string isEmpty(Trial &trial) {
  return differ(trial.identity(), trial.summarize({}), {}, "[]", "identity", "summarize");
}

std::string keepsWeights(Trial &trial) {
  Reals x = finite(trial), y = finite(trial), a = trial.summarize(x), b = trial.summarize(y);
  Reals merged = trial.merge(a, b);
  double factor = merged[merged.size() - 2];
  merged = stateOf(merged);
  for (double key : x) {
    double before = trial.weight(key, a), after = trial.weight(key, merged);
    if (!agree(before * factor, after, {before}))
      return fmt::format("for keys with scores {} merged with {}, the weight of {:.6g} is {:.6g}, "
                         "times its factor {:.6g}, but {:.6g} in the merged state",
                         show(x), show(y), key, before, factor, after);
  }
  return "";
}

std::string splits(Trial &trial) {
  Reals x = online(trial), y = online(trial), all = x;
  all.insert(all.end(), y.begin(), y.end());
  if (all.empty())
    return "";
  Reals whole = trial.summarize(all);
  Reals merged = stateOf(trial.merge(trial.summarize(x), trial.summarize(y)));
  Reals final = trial.finalize(whole), finalMerged = trial.finalize(merged);
  for (double key : all) {
    double together = trial.weight(key, whole) * final[0],
           apart = trial.weight(key, merged) * finalMerged[0];
    if (!agree(together, apart, {}))
      return fmt::format(
          "for keys with scores {}, the weight of {:.6g} is {:.6g}, but {:.6g} where "
          "{} and {} are merged",
          show(all), key, together, apart, show(x), show(y));
  }
  return final.size() < 2 || agree(final[1], finalMerged[1], all)
             ? ""
             : fmt::format(
                   "for keys with scores {}, the log-sum-exp is {:.6g}, but {:.6g} where {} "
                   "and {} are merged",
                   show(all), final[1], finalMerged[1], show(x), show(y));
}

constexpr Law onlineLaws[] = {
    {"merge is associative", isAssociative},
    {"merge is commutative", isCommutative},
    {"identity changes nothing", isNeutral},
    {"no keys sum up to identity", isEmpty},
    {"merge's factors agree with weight", keepsWeights},
    {"splitting the keys changes no weight", splits},
};

// Relative to the largest.
Reals row(Trial &trial) {
  Reals keys = trial.keys(1, 1e6, false);
  double largest = *std::max_element(keys.begin(), keys.end());
  for (double &key : keys)
    key -= largest;
  return keys;
}

double sumOfWeights(const Trial &trial, const Reals &keys, double threshold) {
  return std::accumulate(keys.begin(), keys.end(), 0.0, [&](double sum, double key) {
    return sum + trial.weight(key, threshold);
  });
}

std::string brackets(Trial &trial) {
  Reals keys = row(trial), ends = trial.bracket();
  constexpr double rounding = 1e-6;
  double below = sumOfWeights(trial, keys, ends[0]), above = sumOfWeights(trial, keys, ends[1]);
  if (below >= 1 - rounding && above <= 1 + rounding && ends[0] <= ends[1])
    return "";
  return fmt::format(
      "for keys with scores {}, weights sum to {:.6g} at the lower end {:.6g} and to "
      "{:.6g} at the upper end {:.6g}",
      show(keys), below, ends[0], above, ends[1]);
}

std::string falls(Trial &trial) {
  Reals keys = row(trial), ends = trial.bracket();
  double low = trial.between(0, 1), high = trial.between(low, 1);
  low = ends[0] + low * (ends[1] - ends[0]), high = ends[0] + high * (ends[1] - ends[0]);
  for (double key : keys) {
    double first = trial.weight(key, low), second = trial.weight(key, high);
    if (second > first && !agree(first, second, {}))
      return fmt::format(
          "the weight of {:.6g} is {:.6g} at the threshold {:.6g}, but {:.6g} at {:.6g}", key,
          first, low, second, high);
  }
  return "";
}

constexpr Law thresholdLaws[] = {
    {"the bracket holds a sum of 1", brackets},
    {"weights fall as the threshold grows", falls},
};

} // namespace

mlir::FailureOr<std::vector<LawResult>> checkLaws(const Normalizer &normalizer) {
  Trial trial(normalizer);
  if (failed(trial.tryRegions()))
    return mlir::failure();
  std::vector<LawResult> results;
  for (const Law &law : normalizer.online() ? llvm::ArrayRef(onlineLaws) : thresholdLaws) {
    std::string counterexample;
    for (int i = 0; i < lawTrials && counterexample.empty(); i++) {
      trial.begin(i);
      counterexample = law.fails(trial);
    }
    results.push_back({law.name, counterexample});
  }
  return results;
}

static mlir::LogicalResult checkOne(const Normalizer &normalizer, const std::string &name,
                                    mlir::Operation *blamed, std::string &table) {
  mlir::FailureOr<std::vector<LawResult>> results = checkLaws(normalizer);
  if (failed(results))
    return mlir::failure();
  table += name + "\n";
  bool holds = true;
  for (const LawResult &result : *results) {
    table += fmt::format("  {:<40}{}\n", result.law,
                         result.counterexample.empty() ? fmt::format("held {} times", lawTrials)
                                                       : "FAILS");
    if (result.counterexample.empty())
      continue;
    holds = false;
    blamed->emitError() << "normalizer " << name << " breaks the law that " << result.law << ": "
                        << result.counterexample;
  }
  return mlir::success(holds);
}

/// "" where the op names none.
static std::string kindNamedBy(mlir::Operation *op) {
  auto name = llvm::TypeSwitch<mlir::Operation *, std::string>(op)
                  .Case<attn::NormalizeOp, attn::MergeOp, attn::FinishOp>(
                      [](auto named) { return named.getNormalizerName(); })
                  .Default([](mlir::Operation *) { return ""; });
  return llvm::StringRef(name).starts_with("@") ? "" : name;
}

mlir::LogicalResult checkAllLaws(mlir::ModuleOp module, std::string &table) {
  bool holds = true;
  llvm::StringSet<> tried;
  module.walk([&](mlir::Operation *op) {
    if (llvm::isa<attn::NormalizerOp, attn::ThresholdNormalizerOp>(op)) {
      std::string name = "@" + mlir::SymbolTable::getSymbolName(op).str();
      holds &= succeeded(checkOne(Normalizer(op), name, op, table));
    }
    std::string name = kindNamedBy(op);
    if (name.empty() || !tried.insert(name).second)
      return;
    mlir::FailureOr<Normalizer> normalizer = normalizerOf(op);
    holds &= succeeded(normalizer) && succeeded(checkOne(*normalizer, name, op, table));
  });
  if (table.empty())
    table = "no normalizers\n";
  return mlir::success(holds);
}

} // namespace heed
