// The one table of schedule families: which form builds and schedules which kind of kernel.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/dialect/Signature.h"
#include "schedules/plan/PlanChoice.h"
#include "schedules/plan/PlanUses.h"

#include "Halide.h"

#include <string>
#include <vector>

namespace heed {

/// One Halide pipeline: what emit/ compiles into one object and the entry calls.
struct Stage {
  std::string suffix; ///< of the symbol, after entry name and target: "", "_weights"
  Halide::Pipeline pipeline;
  std::vector<Halide::Argument> inputs; ///< as `arguments` lists them; outputs follow by themselves
  std::vector<unsigned> arguments; ///< indices into Signature::arguments: inputs, then outputs;
                                   ///< the log-sum-exp's with HEED_PER_ROW (heed/kernel.h)
  Halide::Target target;           ///< complete: no_asserts-no_bounds_query-no_runtime
};

/// One C function of a library.
struct Entry {
  Signature signature;
  std::vector<Stage> stages; ///< run in order
};

/// Builds and schedules all entries of `kernel` under `plan`: attention has one (in the row form
/// with a stage for each result that has a key axis), merge one, linear two (NAME and NAME_pack),
/// rowwise one. A plan that does not fit the kernel, or a Halide error, is a diagnostic at the
/// kernel.
mlir::FailureOr<std::vector<Entry>> buildEntries(attn::KernelOp kernel, const Plan &plan);
/// The same for `target`, the plan's or an extension of it.
mlir::FailureOr<std::vector<Entry>> buildEntries(attn::KernelOp kernel, const Plan &plan,
                                                 const TargetInfo &target);

/// `target` after those of its extensions for which the kernel's code differs.
mlir::FailureOr<std::vector<TargetInfo>> codeTargets(attn::KernelOp kernel,
                                                     const TargetInfo &target);
/// Of these the one that this CPU runs.
mlir::FailureOr<TargetInfo> codeTarget(attn::KernelOp kernel, const TargetInfo &target);

/// The plans used when no table knows better, best first, the last without ranges: from the
/// kernel's kind, what it returns and the target.
mlir::FailureOr<std::vector<PlanChoice>> defaultPlans(attn::KernelOp kernel,
                                                      const TargetInfo &target);

/// Which numbers of such plans matter to the kernel.
mlir::FailureOr<PlanUses> usesOf(attn::KernelOp kernel, const TargetInfo &target);

/// A plan of each form that could serve the kernel, to begin a search from: those of the default
/// list first.
mlir::FailureOr<std::vector<Plan>> startingPlans(attn::KernelOp kernel, const TargetInfo &target);

} // namespace heed
