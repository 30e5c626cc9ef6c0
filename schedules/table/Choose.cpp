#include "schedules/table/Choose.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <limits>
#include <set>

namespace heed {
namespace {

/// An entry and the table that has it.
struct Point {
  const TableEntry *entry;
  const Table *table;
};
using Points = std::vector<Point>;

/// A range of shapes for which the default list has a plan of its own, and what the tables know of
/// it.
struct Region {
  std::vector<ExtentRange> when;
  Points points = {};
};

/// Of `points`, those of the kernel nearest to `kernel`, with any group of heads where its own is
/// open; of equal shapes the first.
Points nearest(llvm::ArrayRef<Point> points, const KernelKey &kernel) {
  double least = std::numeric_limits<double>::infinity();
  const KernelKey *found = nullptr;
  for (const Point &p : points)
    if (double d = distance(p.entry->kernel, kernel); d < least) {
      least = d;
      found = &p.entry->kernel;
    }
  auto isNearest = [&](KernelKey key) {
    if (kernel.group == 0)
      key.group = found->group;
    return key == *found;
  };
  Points own;
  std::set<Shape> seen;
  for (const Point &p : points)
    if (found && isNearest(p.entry->kernel) && seen.insert(p.entry->shape).second)
      own.push_back(p);
  return own;
}

/// The regions of `defaults`, of which each shape takes the first that holds it.
std::vector<Region> regionsOf(llvm::ArrayRef<PlanChoice> defaults, llvm::ArrayRef<Table> tables,
                              const KernelKey &kernel, const std::string &target) {
  std::vector<Region> regions;
  for (const PlanChoice &choice : defaults)
    regions.push_back({choice.when});
  if (regions.empty())
    regions.push_back({});
  for (const Table &table : tables)
    for (const TableEntry &entry : table.entries) {
      auto region = llvm::find_if(regions, [&](auto &r) { return isWithin(entry.shape, r.when); });
      if (table.target == target && region != regions.end())
        region->points.push_back({&entry, &table});
    }
  for (Region &region : regions)
    region.points = nearest(region.points, kernel);
  return regions;
}

/// How many points have a plan that is not the most frequent one among them.
size_t strangers(llvm::ArrayRef<Point> points) {
  size_t most = 0;
  for (const Point &p : points)
    most = std::max<size_t>(most, llvm::count_if(points, [&](const Point &other) {
                              return other.entry->plan == p.entry->plan;
                            }));
  return points.size() - most;
}

/// extent <= threshold on one side, more on the other.
struct Cut {
  std::string extent;
  int64_t threshold;
  double gap; ///< in doublings
  size_t strangers;
};

int64_t extentOf(const Point &point, const std::string &name) {
  return point.entry->shape.at(name);
}

std::pair<Points, Points> divide(llvm::ArrayRef<Point> points, const Cut &cut) {
  std::pair<Points, Points> sides;
  for (const Point &p : points)
    (extentOf(p, cut.extent) <= cut.threshold ? sides.first : sides.second).push_back(p);
  return sides;
}

/// The best cut: fewest strangers, then the widest gap. Points differ in some extent, so there is
/// one.
Cut bestCut(llvm::ArrayRef<Point> points) {
  Cut best{"", 0, 0, SIZE_MAX};
  for (const char *extent : {"queries", "keys", "batch_heads", "rows"}) {
    std::set<int64_t> values;
    for (const Point &p : points)
      if (p.entry->shape.contains(extent))
        values.insert(extentOf(p, extent));
    for (auto at = values.begin(); at != values.end() && std::next(at) != values.end(); ++at) {
      double low = double(*at), high = double(*std::next(at));
      Cut cut{extent, int64_t(std::sqrt(low * high)), std::log2(high / low), 0};
      auto [below, above] = divide(points, cut);
      cut.strangers = strangers(below) + strangers(above);
      if (cut.strangers < best.strangers ||
          (cut.strangers == best.strangers && cut.gap > best.gap + 1e-9))
        best = cut;
    }
  }
  return best;
}

/// `when` and extent <= high, or extent >= low.
std::vector<ExtentRange> narrowed(std::vector<ExtentRange> when, const std::string &extent,
                                  int64_t low, int64_t high) {
  auto known = llvm::find_if(when, [&](const ExtentRange &r) { return r.extent == extent; });
  if (known == when.end())
    known = when.insert(known, {extent, 0});
  known->low = std::max(known->low, low);
  known->high = std::min(known->high, high);
  return when;
}

std::string describe(llvm::ArrayRef<Point> points, const KernelKey &kernel) {
  const Point &first = points.front();
  std::string text = llvm::sys::path::filename(first.table->file).str();
  std::string difference = differenceText(first.entry->kernel, kernel);
  text += ", tuned " + (difference.empty() ? "" : "for the nearest kernel (" + difference + ") ");
  text += points.size() == 1 ? "at " + shapeText(first.entry->shape)
                             : "at " + std::to_string(points.size()) + " shapes";
  return text;
}

int64_t mostKeys(llvm::ArrayRef<Point> points) {
  int64_t most = 0;
  for (const Point &p : points)
    most = std::max(most, extentOf(p, "keys"));
  return most;
}

/// One plan of `points`, and the shapes within `when` it serves.
PlanChoice leaf(llvm::ArrayRef<Point> points, std::vector<ExtentRange> when,
                const KernelKey &kernel) {
  const Plan &plan = points.front().entry->plan;
  if (std::holds_alternative<RowPlan>(plan.form) && !kernel.wholeRow)
    when = narrowed(std::move(when), "keys", 0, 2 * mostKeys(points));
  return {plan, std::move(when), describe(points, kernel), points.front().entry->machine};
}

/// Appends the variants of the box `when`, large extents last.
void grow(llvm::ArrayRef<Point> points, const std::vector<ExtentRange> &when,
          const KernelKey &kernel, std::vector<PlanChoice> &choices) {
  if (strangers(points) == 0)
    return choices.push_back(leaf(points, when, kernel));
  Cut cut = bestCut(points);
  auto [below, above] = divide(points, cut);
  grow(below, narrowed(when, cut.extent, 0, cut.threshold), kernel, choices);
  grow(above, narrowed(when, cut.extent, cut.threshold + 1, ExtentRange::unlimited), kernel,
       choices);
}

} // namespace

bool isWithin(const Shape &shape, llvm::ArrayRef<ExtentRange> when) {
  return llvm::all_of(when, [&](const ExtentRange &range) {
    auto extent = shape.find(range.extent);
    return extent == shape.end() || range.holds(extent->second);
  });
}

std::vector<PlanChoice> chooseFromTables(llvm::ArrayRef<Table> tables, const KernelKey &kernel,
                                         const std::string &target,
                                         llvm::ArrayRef<PlanChoice> defaults) {
  std::vector<Region> regions = regionsOf(defaults, tables, kernel, target);
  std::vector<PlanChoice> choices;
  if (llvm::all_of(regions, [](const Region &region) { return region.points.empty(); }))
    return choices;
  for (const auto &[i, region] : llvm::enumerate(regions)) {
    if (region.points.empty()) {
      if (i < defaults.size())
        choices.push_back(defaults[i]);
      continue;
    }
    const size_t begin = choices.size();
    grow(region.points, region.when, kernel, choices);
    // The boxes are disjoint and leave nothing of the region out: the last is what the others
    // leave.
    std::vector<ExtentRange> &last = choices.back().when;
    bool isLimited =
        llvm::any_of(last, [](const ExtentRange &r) { return r.high != ExtentRange::unlimited; });
    if (!isLimited)
      last.clear();
    // What row plans leave is not for a later region's plan.
    auto isRow = [](const PlanChoice &c) { return std::holds_alternative<RowPlan>(c.plan.form); };
    if (i + 1 < regions.size() && llvm::any_of(llvm::drop_begin(choices, begin), isRow))
      choices.push_back(defaults[i]);
  }
  return choices;
}

} // namespace heed
