// A guess of how long a plan takes: enough to leave out what cannot be fast. The tuner reports how
// well it ranked what was measured.
#pragma once

#include "schedules/plan/PlanUses.h"
#include "schedules/table/Table.h"

namespace heed {

/// What the model knows of one kernel and call.
struct Problem {
  KernelKey kernel;
  Shape shape;
  TargetInfo target;
  PlanUses uses = {};
  double pairs = 0; ///< of queries and keys that count, over all heads and batch entries
};

/// An extent of the problem's shape; 1 where it has none of this name.
double extent(const Problem &problem, const char *name);

/// Bytes of a core's caches.
struct Caches {
  double l1, l2;
  /// As the system says; 32 KB and 1 MB where it does not.
  static Caches here();
};

/// Cycles of one core for a call under `plan`: multiply-adds and loads of the register tiles and
/// their latency, spills past the target's registers, work on whole tiles that tails and diagonals
/// waste, exponentials, merging of states, and what streams from L2 or beyond. On a GPU gpuCycles.
/// Only the order of its answers for one problem means something. 1 for forms it knows nothing of.
double estimateCycles(const Problem &problem, const Plan &plan, const Caches &caches);

/// Spearman's rank correlation of two series: 1 where they order alike, 0 where neither tells of
/// the other. 0 for fewer than three.
double rankCorrelation(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b);

} // namespace heed
