#include "schedules/search/Model.h"
#include "schedules/search/GpuModel.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>
#include <unistd.h>

namespace heed {
namespace {

// Of current x86 cores: two multiply-adds, two loads and one store of a vector a cycle, four cycles
// until a multiply-add's sum can be used. Eight sums just fill these, so any delay is lost: twelve
// took 8% less time (Zen 4 with AVX2, dense attention), as if it were a little more.
constexpr double unitsPerCycle = 2, latency = 4.4, issueWidth = 5;
constexpr double l2Bytes = 40, farBytes = 9;                    // a cycle, streaming
constexpr double exponential = 14, maskedPair = 5, summary = 3; // instructions a vector of scores

double roundUp(double value, double by) { return std::ceil(value / by) * by; }

/// Cycles of one step of a register tile of `rows` x `columns` vectors: a load for each row, a
/// broadcast for each column, a multiply-add for each pair. `unroll` steps share a loop's end.
/// Where each is several sums, so many steps share a multiply-add's latency.
double registerStep(int rows, int columns, int unroll, const TargetInfo &target,
                    double sumsOfEach = 1) {
  double sums = rows * columns, loads = rows + columns;
  double instructions = sums + loads + 2.0 / unroll;
  double cycles = std::max({sums / unitsPerCycle, loads / unitsPerCycle, instructions / issueWidth,
                            latency / sumsOfEach});
  double spilled = sums + rows + 1 - target.registers;
  return spilled > 0 ? cycles + spilled : cycles; // a store and a load for each
}

/// Attention, as far as all forms share it.
class AttentionModel {
public:
  AttentionModel(const Problem &problem, const Caches &caches)
      : problem(problem), caches(caches), target(problem.target),
        queries(extent(problem, "queries")), keys(extent(problem, "keys")),
        heads(extent(problem, "batch_heads")), dim(double(problem.kernel.dim)),
        valueDim(double(problem.kernel.valueDim)),
        kept(problem.pairs > 0 ? problem.pairs / (queries * heads) : keys) {}

  double online(const OnlinePlan &p) const {
    double tiles = std::ceil(queries / p.queryTile);
    auto [full, edge] = keysWalked(p);
    double vectors = double(p.queryTile) / target.lanes; // of queries
    auto blocks = [&](double keysOf, int tile, bool masked) {
      double count = keysOf / tile;
      bool isByParts = masked && !problem.uses.edgeKeyTile;
      int rows = isByParts ? p.edgeVectorsOfTile() : p.queryVectors;
      double groups = vectors / rows;
      auto sumsOf = [&](int unroll) { // as compiler/graph/Online.cpp has them
        return isByParts ? std::max(1.0, 8.0 / (rows * unroll)) : 1;
      };
      return keysOf * groups *
                 (scoreCycles(rows, p.keyUnroll, p.reduceUnroll, sumsOf(p.keyUnroll)) +
                  productCycles(rows, p.depthUnroll, p.reduceUnroll, sumsOf(p.depthUnroll))) +
             keysOf * vectors * perScore(masked) +
             count * (valueDim + 4) * vectors * 4 /
                 unitsPerCycle + // the state: load, scale, add, store
             count * groups * (tile / p.keyUnroll + valueDim / p.depthUnroll) * 6; // loops begin
    };
    double tile = blocks(full, p.keyTile, false) +
                  blocks(edge, problem.uses.edgeKeyTile ? p.edgeKeyTile : p.keyTile, true);
    double scores = 2.0 * p.queryTile * p.keyTile * 4;
    tile += spill(scores + 4 * p.queryTile * dim, caches.l1, (full + edge) * p.queryTile * 4 * 3);
    tile += spill(4 * p.queryTile * valueDim, caches.l1 / 2,
                  (full / p.keyTile) * 8 * p.queryTile * valueDim);
    tile += making(full + edge) / p.taskTiles;
    double tasks = std::ceil(queries / (p.queryTile * p.taskTiles)); // take in all their queries
    return heads *
           (tiles * (tile + stream(full + edge)) + tasks * p.taskTiles * around(p.queryTile));
  }

  double row(const RowPlan &p) const {
    double tiles = std::ceil(queries / p.queryTile);
    int vectors = p.queryTile / target.lanes;
    double walked = std::min(keys, roundUp(kept + p.queryTile, p.keyTile));
    double tile = walked * scoreCycles(vectors, p.keyUnroll, 4) +
                  walked * productCycles(vectors, p.depthUnroll, 4) +
                  walked * vectors * perScore(problem.kernel.mask != "none");
    double scores = 4 * walked * p.queryTile;
    tile += spill(scores, caches.l1, scores * 4);
    tile += spill(scores, caches.l2, scores * 4 * l2Bytes / farBytes);
    tile += making(walked);
    return heads * tiles * (tile + around(p.queryTile) + stream(walked));
  }

  /// Lanes are keys, then columns; the rows of a group share what is read.
  double split(const SplitPlan &p) const {
    double group = std::max<double>(1, double(problem.kernel.group)), rows = queries * group;
    double tiles = std::ceil(rows / p.rowTile),
           walked = roundUp(std::min(keys, kept + 1), p.keyTile);
    double columns = std::ceil(valueDim / target.lanes);
    double score = std::ceil(dim / target.lanes) *
                   registerStep(p.rowTile, p.keyUnroll, p.reduceUnroll, target) / p.keyUnroll;
    double product = registerStep(p.rowTile, p.columnVectors, p.reduceUnroll, target) *
                     std::ceil(columns / p.columnVectors);
    double parts = std::ceil(walked / p.partKeys);
    double sums = tiles * walked * (score + product + p.rowTile * exponential / target.lanes);
    double bytes = 4 * walked * (dim + valueDim);
    double blocks = walked / p.keyTile * tiles * (columns * p.rowTile * 2 + 40);
    double merges = parts * rows * (columns * 4 + 40);
    return heads / group * (std::max(sums, bytes / farBytes) + blocks + merges);
  }

private:
  const Problem &problem;
  const Caches &caches;
  const TargetInfo &target;
  double queries, keys, heads, dim, valueDim;
  double kept; ///< keys that count for a query, on average

  /// Keys that a tile of queries walks over without the mask, and with it.
  std::pair<double, double> keysWalked(const OnlinePlan &p) const {
    if (problem.kernel.mask == "none") {
      double full = std::floor(keys / p.keyTile) * p.keyTile;
      return {full, roundUp(keys - full, p.grain())};
    }
    if (problem.uses.edgeKeyTile)
      return {0, std::min(keys, roundUp(kept + p.queryTile, p.edgeKeyTile))};
    double full = std::max(0.0, kept - (p.queryTile + p.keyTile) / 2.0);
    double edge = std::min(keys, (p.queryTile + p.keyTile) / 2.0 + target.lanes);
    return {full, edge};
  }

  /// Of one key against a register tile's queries.
  double scoreCycles(int rows, int keyUnroll, int unroll, double sumsOfEach = 1) const {
    return dim * registerStep(rows, keyUnroll, unroll, target, sumsOfEach) / keyUnroll;
  }
  double productCycles(int rows, int depthUnroll, int unroll, double sumsOfEach = 1) const {
    return valueDim * registerStep(rows, depthUnroll, unroll, target, sumsOfEach) / depthUnroll;
  }
  double perScore(bool masked) const {
    double modify = problem.kernel.modify == "costly"  ? 30
                    : problem.kernel.modify == "cheap" ? 4
                                                       : 0;
    return (exponential + summary + modify + (masked ? maskedPair : 0)) / unitsPerCycle;
  }
  /// Rows of keys that are made while they are loaded, each by itself.
  double making(double walked) const { return problem.kernel.operands == "made" ? 60 * walked : 0; }
  /// Queries in, outputs out: transposed.
  double around(int queryTile) const { return queryTile * (dim + valueDim) / 2; }
  /// `bytes` that move because `size` does not fit.
  static double spill(double size, double cache, double bytes) {
    return size > cache ? bytes / l2Bytes : 0;
  }
  /// Keys and values of a tile's walk; mostly hidden behind arithmetic.
  double stream(double walked) const {
    double bytes = 4 * walked * (dim + valueDim), head = 4 * keys * (dim + valueDim);
    return 0.3 * bytes / (head < 0.8 * caches.l2 ? l2Bytes : farBytes);
  }
};

double linear(const Problem &problem, const LinearPlan &p, const Caches &caches) {
  double rows = extent(problem, "rows"), inputs = double(problem.kernel.dim),
         outputs = double(problem.kernel.valueDim);
  double strip = double(p.columnVectors) * problem.target.lanes;
  double tiles = std::ceil(rows / p.rowTile) * std::ceil(outputs / strip);
  double step = registerStep(p.columnVectors, p.rowTile, 4, problem.target);
  double tasks = std::ceil(rows / p.rowsPerTask);
  double weights = 4 * inputs * outputs * tasks / (p.prefetch ? l2Bytes : farBytes);
  double reread = 4 * inputs * strip > caches.l1 ? 4 * inputs * strip * tiles / l2Bytes : 0;
  return tiles * (inputs * step + 20) + weights + reread;
}

struct Estimator {
  const Problem &problem;
  const Caches &caches;
  double operator()(const OnlinePlan &p) const { return AttentionModel(problem, caches).online(p); }
  double operator()(const RowPlan &p) const { return AttentionModel(problem, caches).row(p); }
  double operator()(const SplitPlan &p) const { return AttentionModel(problem, caches).split(p); }
  double operator()(const LinearPlan &p) const { return linear(problem, p, caches); }
  double operator()(const GpuPlan &p) const { return gpuCycles(problem, p); }
  template <typename Form> double operator()(const Form &) const { return 1; }
};

/// 1 for the smallest; equal numbers share the mean of their ranks.
std::vector<double> ranks(llvm::ArrayRef<double> values) {
  std::vector<double> result(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    double below = 0, equal = 0;
    for (double other : values) {
      below += other < values[i];
      equal += other == values[i];
    }
    result[i] = below + (equal + 1) / 2;
  }
  return result;
}

} // namespace

double extent(const Problem &problem, const char *name) {
  auto found = problem.shape.find(name);
  return found == problem.shape.end() ? 1 : double(found->second);
}

Caches Caches::here() {
  long l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE), l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return {l1 > 0 ? double(l1) : 32e3, l2 > 0 ? double(l2) : 1e6};
}

double estimateCycles(const Problem &problem, const Plan &plan, const Caches &caches) {
  return std::visit(Estimator{problem, caches}, plan.form);
}

double rankCorrelation(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b) {
  if (a.size() < 3)
    return 0;
  std::vector<double> ra = ranks(a), rb = ranks(b);
  double mean = (double(a.size()) + 1) / 2, both = 0, squareA = 0, squareB = 0;
  for (size_t i = 0; i < ra.size(); ++i) {
    both += (ra[i] - mean) * (rb[i] - mean);
    squareA += (ra[i] - mean) * (ra[i] - mean);
    squareB += (rb[i] - mean) * (rb[i] - mean);
  }
  return squareA > 0 && squareB > 0 ? both / std::sqrt(squareA * squareB) : 0;
}

} // namespace heed
