// Whether a normalizer keeps the promises that kernels are built on (AttnOps.td: attn.normalizer,
// attn.threshold_normalizer), tried on random keys in float64.
#pragma once

#include "compiler/dialect/normalizers/Normalizers.h"

#include <string>
#include <vector>

namespace heed {

struct LawResult {
  std::string law;            ///< in plain words
  std::string counterexample; ///< empty where it held every time
};

/// How often each law is tried.
constexpr int lawTrials = 1000;

/// One for each law of the normalizer's form. Captures hold random numbers. A diagnostic where a
/// region holds an op that has no meaning on numbers. The same trials for every run.
mlir::FailureOr<std::vector<LawResult>> checkLaws(const Normalizer &normalizer);

/// Tries every normalizer that `module` defines or names, once each. `table` says in words what
/// held; where a law failed there is a diagnostic at the normalizer, or at who names it, and the
/// result is a failure.
mlir::LogicalResult checkAllLaws(mlir::ModuleOp module, std::string &table);

} // namespace heed
