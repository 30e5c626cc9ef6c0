// A plan and the shapes it serves: what a kernel's variants are made from.
#pragma once

#include "schedules/plan/Plan.h"

#include <cstdint>
#include <vector>

namespace heed {

/// low <= extent <= high, decided at each call. Extents are called as in the kernel's signature
/// ("batch", "queries", "keys", "heads", "rows", ...); "batch_heads" is batch times heads.
struct ExtentRange {
  static constexpr int64_t unlimited = INT64_MAX;
  std::string extent;
  int64_t low = 0, high = unlimited;
  bool holds(int64_t value) const { return low <= value && value <= high; }
  bool operator==(const ExtentRange &) const = default;
};

/// Of several, a call takes the first that serves its shape.
struct PlanChoice {
  Plan plan;
  std::vector<ExtentRange> when = {}; ///< all must hold; none: every shape
  std::string from = "default";       ///< who says so: "default", a file's name, a table's entry
  std::string machine = {};           ///< that it was tuned on; empty for none
  bool operator==(const PlanChoice &) const = default;
};

/// The plan's JSON, and where ranges restrict it "when": {"queries": [1, 32], "keys": [512, null]}:
/// null for no limit. Where it comes from is not written.
nlohmann::json choiceToJson(const PlanChoice &choice);
nlohmann::json rangesToJson(llvm::ArrayRef<ExtentRange> when);
llvm::Expected<PlanChoice> choiceFromJson(const nlohmann::json &json);

/// "queries up to 32 and keys from 512"; empty for none.
std::string rangesText(llvm::ArrayRef<ExtentRange> when);

} // namespace heed
