// From kernels to objects: plans chosen, pipelines built, stages compiled or taken from the cache.
#pragma once

#include "compiler/emit/Cache.h"
#include "compiler/emit/Library.h"
#include "compiler/emit/Phases.h"
#include "compiler/emit/PlanFile.h"
#include "schedules/families/Families.h"

#include "mlir/IR/BuiltinOps.h"

namespace heed {

/// One kernel for one target, up to where Halide lowers it.
struct PlannedKernel {
  attn::KernelOp kernel;
  TargetInfo target;
  Plan plan;
  std::string planOrigin; ///< "default", or the file's name
  std::vector<Entry> entries;
};

/// Chooses a plan for every kernel and target and builds the pipelines: kernels in the module's
/// order, targets in theirs.
llvm::Expected<std::vector<PlannedKernel>>
planKernels(mlir::ModuleOp module, llvm::ArrayRef<TargetInfo> targets, PlanFile &plans);

/// "alibi__x86_64_avx512_weights": the stage's function, and the stem of its files' names.
std::string stageSymbol(const PlannedKernel &planned, const Entry &entry, const Stage &stage);

/// Compiles every stage that `cache` does not hold. With `phases` all are compiled, and each one's
/// formulas, loops and assembly dumped.
llvm::Expected<Library> compileLibrary(llvm::ArrayRef<PlannedKernel> kernels, const Cache &cache,
                                       const PhaseDump *phases);

} // namespace heed
