// From kernels to objects: plans chosen, pipelines built, stages compiled or taken from the cache.
#pragma once

#include "compiler/emit/Cache.h"
#include "compiler/emit/Library.h"
#include "compiler/emit/Phases.h"
#include "compiler/emit/PlanSources.h"
#include "schedules/families/Families.h"

#include "mlir/IR/BuiltinOps.h"

namespace heed {

/// The kernel without names and places of its source, and the normalizers it names: what a compiled
/// object depends on, but for plan and target.
std::string canonicalText(attn::KernelOp kernel);

/// One variant of a kernel for one target, up to where Halide lowers it.
struct PlannedKernel {
  attn::KernelOp kernel;
  TargetInfo target;
  PlanChoice choice; ///< its ranges are those that only a call can decide
  int number = 0;    ///< tells plans of one kernel and target apart in symbols: 0 serves any shape
  std::vector<Entry> entries;
};

/// Chooses plans for every kernel and target and builds the pipelines: kernels in the module's
/// order, targets in theirs, variants as the runtime tries them; the last serves every shape. Plans
/// come from `sources`, and for shapes that these leave open from the default list. A plan of a
/// table that cannot be built for the kernel is passed over; one of the user's is a diagnostic.
llvm::Expected<std::vector<PlannedKernel>>
planKernels(mlir::ModuleOp module, llvm::ArrayRef<TargetInfo> targets, PlanSources &sources);

/// "alibi__x86_64_avx512_weights", "alibi__x86_64_avx512_1_weights": the stage's function, and the
/// stem of its files' names. Variants of one kernel, target and plan share it.
std::string stageSymbol(const PlannedKernel &planned, const Entry &entry, const Stage &stage);

/// Compiles every stage that `cache` does not hold. With `phases` all are compiled, and each one's
/// formulas, loops and assembly dumped. `announce` hears of each variant before it is compiled.
llvm::Expected<Library>
compileLibrary(llvm::ArrayRef<PlannedKernel> kernels, const Cache &cache, const PhaseDump *phases,
               llvm::function_ref<void(const PlannedKernel &)> announce = nullptr);

} // namespace heed
