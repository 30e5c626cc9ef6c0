// The plans a user gives with --plan.
#pragma once

#include "compiler/dialect/Attn.h"
#include "schedules/plan/PlanChoice.h"

#include <string>
#include <vector>

namespace heed {

/// A file holds one plan, a list of plans, or an object from kernels' names to either. A plan
/// outside such an object serves every kernel of its form and target. A plan with "when" serves the
/// shapes in its ranges (PlanChoice.h); of several, the first that serves a shape takes it.
class PlanFile {
public:
  PlanFile() = default;

  /// As if a file held this plan alone.
  static PlanFile of(Plan plan);

  /// Errors carry the file's name, and the line and column where it is no JSON.
  static llvm::Expected<PlanFile> read(const std::string &path);

  /// The plans for `kernel` and the target and kind of `like`, its default, in the file's order: up
  /// to the first that serves every shape, if there is one.
  std::vector<PlanChoice> choose(llvm::StringRef kernel, const Plan &like);

  /// An error if a plan was never chosen: a misspelt kernel, another target, a form no kernel has,
  /// a plan before it that serves every shape.
  llvm::Error checkAllUsed() const;

  /// The file's name, without folders.
  std::string name() const;

private:
  struct Item {
    std::string kernel; ///< "" for all
    PlanChoice choice;
    bool used = false;
  };
  llvm::Error add(const std::string &kernel, const nlohmann::json &plan);

  std::string path;
  std::vector<Item> items;
};

} // namespace heed
