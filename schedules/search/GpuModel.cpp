#include "schedules/search/GpuModel.h"
#include "schedules/plan/GpuMemory.h"

#include <algorithm>
#include <cmath>

namespace heed {
namespace {

constexpr double sms = 108, sharedOfSm = 164 * 1024, threadsOfSm = 2048, registersOfSm = 65536;
constexpr double addsPerCycle = 128, powersPerCycle = 16, l2Bytes = 40, warp = 32;
constexpr double wait = 800; // from the load of keys to their use, and again for values

/// A tile's walk over its keys.
class Tile {
public:
  Tile(const Problem &problem, const GpuPlan &plan)
      : p(plan), dim(double(problem.kernel.dim)), valueDim(double(problem.kernel.valueDim)),
        pairs(double(plan.queryTile) * plan.keyTile), groups(std::ceil(valueDim / plan.columns)) {}

  /// Bytes; rows that are made take more.
  int64_t shared() const { return sharedBytes(p, {.dim = int(dim), .valueDim = int(valueDim)}); }
  double threads() const { return double(p.queryThreads) * p.keyThreads; }
  /// What a thread holds: both register tiles, what they are made from, and two dozen addresses.
  double registers() const {
    double sums = p.queryRegisters * std::max(p.keyRegisters, p.columns);
    return 24 + 2 * sums + p.queryRegisters + std::max(p.keyRegisters, p.columns);
  }
  double blocksOnSm() const {
    return std::max(
        1.0, std::floor(std::min({sharedOfSm / (double(shared()) + 1024), threadsOfSm / threads(),
                                  registersOfSm / (registers() * threads())})));
  }
  /// An SM's cycles for one block of keys.
  double cycles(double blocks) const {
    double adds = pairs * (dim + valueDim) + 2 * p.queryTile * groups * p.columns;
    double powers = pairs + 2 * p.queryTile * groups;
    double bytes = 4 * p.keyTile * (dim + valueDim);
    return std::max({adds / addsPerCycle, sharedCycles(), powers / powersPerCycle, bytes / l2Bytes,
                     2 * wait / blocks}) *
           (registers() > 64 ? 2 : 1); // Halide's runtime gives a thread 64: the rest is spilled
  }

private:
  const GpuPlan &p;
  const double dim, valueDim, pairs, groups;

  // A warp loads 128 different bytes at a time; threads along the other axis read the same.
  double loads(double products, double a, double aThreads, double b, double bThreads) const {
    double ofWarp = products / (warp * a * b);
    return ofWarp * (std::ceil(4 * a * aThreads / 128) + std::ceil(4 * b * bThreads / 128));
  }
  double sharedCycles() const {
    double across = p.keyThreads, along = std::max(1.0, warp / across);
    return loads(pairs * dim, p.queryRegisters, along, p.keyRegisters, across) +
           loads(pairs * valueDim, p.queryRegisters, along, p.columns, across) +
           (p.keyTile * (dim + valueDim) + 3 * pairs) / warp +
           2 * pairs * across / warp / std::clamp(p.queryRegisters, 1, 4) +
           2 * p.queryTile * groups * (p.columns + 2) / warp;
  }
};

} // namespace

double gpuCycles(const Problem &problem, const GpuPlan &plan) {
  Tile tile(problem, plan);
  double queries = extent(problem, "queries"), keys = extent(problem, "keys"),
         heads = extent(problem, "batch_heads");
  double kept = problem.pairs > 0 ? problem.pairs / (queries * heads) : keys;
  double parts = plan.partKeys ? std::ceil(keys / plan.partKeys) : 1;
  double tiles = std::ceil(queries / plan.queryTile) * heads * parts;
  double held = std::min(tile.blocksOnSm(), std::ceil(tiles / sms));
  double walked = std::ceil(std::min(keys, kept + plan.keyTile / 2.0) / parts / plan.keyTile);
  double merges = plan.partKeys ? 5000 : 0; // a second kernel begins
  double cycles = std::ceil(tiles / sms) * walked * tile.cycles(held) + merges;
  return tile.shared() > mostSharedBytes ? 1e3 * cycles : cycles;
}

} // namespace heed
