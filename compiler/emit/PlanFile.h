// The plans a user gives with --plan.
#pragma once

#include "compiler/dialect/Attn.h"
#include "schedules/plan/Plan.h"

#include <string>
#include <vector>

namespace heed {

/// A file holds one plan, a list of plans, or an object from kernels' names to either. A plan
/// outside such an object serves every kernel of its form and target.
class PlanFile {
public:
  PlanFile() = default;

  /// As if a file held this plan alone.
  static PlanFile of(Plan plan);

  /// Errors carry the file's name, and the line and column where it is no JSON.
  static llvm::Expected<PlanFile> read(const std::string &path);

  /// Replaces `plan`, the default of `kernel`, by the plan for its target and kind, if there
  /// is one. Returns whether there was.
  bool choose(llvm::StringRef kernel, Plan &plan);

  /// An error if a plan was never chosen: a misspelt kernel, another target, a form no kernel has.
  llvm::Error checkAllUsed() const;

  /// The file's name, without folders.
  std::string name() const;

private:
  struct Item {
    std::string kernel; ///< "" for all
    Plan plan;
    bool used = false;
  };
  llvm::Error add(const std::string &kernel, const nlohmann::json &plan);

  std::string path;
  std::vector<Item> items;
};

/// "online", "linear", "rowwise".
std::string formName(const Plan &plan);

} // namespace heed
