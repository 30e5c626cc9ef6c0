// --dump-phases-to: what every phase of a compilation made, as numbered files.
#pragma once

#include "schedules/families/Families.h"

#include "mlir/Pass/PassManager.h"

#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// Writes into one folder:
///
///     00-input.mlir              as it was parsed or built
///     10-after-PASS.mlir ...     the whole module after each pass
///     20-plan.json               the plan of every kernel and target
///     30-NAME__TARGET.graph.txt  formulas
///     40-NAME__TARGET.stmt       loops
///     50-NAME__TARGET.s          assembly
class PhaseDump {
public:
  explicit PhaseDump(std::string folder) : folder(std::move(folder)) {}

  llvm::Error write(const std::string &name, llvm::StringRef text) const;
  llvm::Error writeStage(const Stage &stage, const std::string &symbol,
                         const Halide::Module &module) const;

  /// Has `passes` write the module after each of them. Failures to write are errors at the module.
  void watch(mlir::PassManager &passes) const;

private:
  std::string folder;
};

} // namespace heed
