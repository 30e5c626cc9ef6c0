#include "tools/heed-tune/Tune.h"
#include "compiler/emit/Errors.h"
#include "tools/heed-tune/Files.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace heed::tune {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double tolerated = 1.015; ///< a plan that loses less elsewhere serves there too
constexpr double nearEnough = 1.5;  ///< neighbours that are no further apart need no threshold

/// One kernel and its shapes.
struct Subject {
  measure::Kernels kernels;
  std::vector<measure::Extents> shapes;
};

/// The kernel alone, with the module's normalizers.
mlir::OwningOpRef<mlir::ModuleOp> isolate(mlir::ModuleOp module, llvm::StringRef name) {
  mlir::OwningOpRef<mlir::ModuleOp> alone(mlir::cast<mlir::ModuleOp>(module->clone()));
  for (auto kernel : llvm::make_early_inc_range(alone->getOps<attn::KernelOp>()))
    if (kernel.getSymName() != name)
      kernel.erase();
  return alone;
}

/// For a kernel that nobody gave shapes for.
std::vector<measure::Extents> usualShapes(const Signature &signature) {
  std::vector<measure::Extents> shapes;
  for (int64_t length : {128, 1024}) {
    measure::Extents extents;
    for (const auto &[name, extent] : std::initializer_list<std::pair<const char *, int64_t>>{
             {"heads", 8}, {"queries", length}, {"keys", length}, {"rows", length}})
      if (llvm::is_contained(signature.symbols, name))
        extents[name] = extent;
    shapes.push_back(std::move(extents));
  }
  if (shapes[0] == shapes[1])
    shapes.pop_back();
  return shapes;
}

llvm::Expected<std::vector<Subject>> subjectsOf(mlir::ModuleOp module,
                                                llvm::ArrayRef<measure::Extents> shapes) {
  std::vector<Subject> subjects;
  std::vector<bool> used(shapes.size());
  std::string firstUnknown;
  for (auto kernel : module.getOps<attn::KernelOp>()) {
    auto kernels = measure::Kernels::prepare(isolate(module, kernel.getSymName()));
    if (!kernels)
      return kernels.takeError();
    Subject subject{std::move(*kernels), {}};
    if (shapes.empty())
      subject.shapes = usualShapes(subject.kernels.all().front().signature);
    for (auto [i, extents] : llvm::enumerate(shapes)) {
      std::string unknown =
          measure::unknownExtent(subject.kernels.all().front().signature, extents);
      if (unknown.empty()) {
        subject.shapes.push_back(extents);
        used[i] = true;
      } else if (firstUnknown.empty()) {
        firstUnknown = unknown;
      }
    }
    if (!subject.shapes.empty())
      subjects.push_back(std::move(subject));
  }
  for (auto [i, extents] : llvm::enumerate(shapes))
    if (!used[i])
      return userError("--shape " + measure::showExtents(extents) +
                       ": no kernel has an open extent '" + firstUnknown + "'");
  return subjects;
}

/// A call whose extents lie halfway between those of two others, which have the same names.
std::optional<measure::Extents> halfway(const measure::Extents &a, const measure::Extents &b) {
  measure::Extents middle = a;
  double apart = 1;
  for (auto &[name, extent] : middle) {
    double first = double(a.at(name)), second = double(b.at(name));
    extent = int64_t(std::sqrt(first * second));
    apart = std::max({apart, first / second, second / first});
    if (first != second && name != "queries" && name != "keys" && name != "batch" && name != "rows")
      return std::nullopt; // numbers of heads have to fit each other
  }
  return apart < nearEnough ? std::nullopt : std::optional(middle);
}

class Tuning {
public:
  Tuning(const Request &request, Display &display)
      : request(request), display(display), tuner(log, request.effort, display) {}

  llvm::Expected<Outcomes> run(mlir::ModuleOp described) {
    // What cannot be written or read is said before time is spent.
    if (!request.table.empty())
      if (llvm::Error error = updateTable(request.table, request.conditions.target.name, {}))
        return error;
    if (llvm::Error error = log.open(request.log))
      return error;
    if (log.firstIgnored)
      display.say(request.log + ":" + std::to_string(*log.firstIgnored) +
                  ": warning: this line and others like it hold no measurement of this version of "
                  "Heed: passed over");
    auto subjects = subjectsOf(described, request.shapes);
    if (!subjects)
      return subjects.takeError();
    size_t shapes = 0;
    for (const Subject &subject : *subjects)
      shapes += subject.shapes.size();
    for (Subject &subject : *subjects)
      if (llvm::Error error = tune(subject, 0.9 * request.budget / double(shapes)))
        return error;
    for (const Tuned &tuned : outcomes.tuned)
      llvm::append_range(outcomes.trials, log.of(tuned.setting));
    return std::move(outcomes);
  }

private:
  /// A case and the plan that is best for it.
  struct Point {
    std::unique_ptr<Case> problem;
    measure::Extents extents;
    Trial best;
    bool isBetween;
  };

  const Request &request;
  Display &display;
  Log log;
  Tuner tuner;
  Outcomes outcomes;
  const Clock::time_point begin = Clock::now();

  bool isTimeUp() const {
    return std::chrono::duration<double>(Clock::now() - begin).count() > request.budget;
  }

  llvm::Error tune(Subject &subject, double seconds) {
    std::vector<Point> points;
    for (const measure::Extents &extents : subject.shapes) {
      llvm::Expected<Case> c = prepareCase(subject.kernels, extents, request.conditions);
      if (!c)
        return c.takeError();
      auto own = std::make_unique<Case>(std::move(*c));
      llvm::Expected<Trial> best = tuner.search(*own, seconds);
      if (!best)
        return best.takeError();
      points.push_back({std::move(own), extents, std::move(*best), false});
      if (llvm::Error error = save(points.back()))
        return error;
    }
    return settle(subject, points);
  }

  llvm::Error save(const Point &point) {
    if (request.table.empty())
      return llvm::Error::success();
    return updateTable(request.table, request.conditions.target.name,
                       point.problem->entry(point.best));
  }

  /// Makes plans agree where they may, and finds thresholds where they do not.
  llvm::Error settle(Subject &subject, std::vector<Point> &points) {
    llvm::sort(points, [](const Point &a, const Point &b) {
      return size(a.problem->problem.shape) < size(b.problem->problem.shape);
    });
    for (size_t i = 0; i + 1 < points.size(); ++i)
      if (llvm::Error error = agree(points[i], points[i + 1]))
        return error;
    for (size_t i = 0; i + 1 < points.size() && !isTimeUp();) {
      llvm::Expected<bool> isNew = divide(subject, points, i);
      if (!isNew)
        return isNew.takeError();
      i += !*isNew;
    }
    for (Point &point : points)
      finish(point);
    return llvm::Error::success();
  }

  static double size(const Shape &shape) {
    double product = 1;
    for (const auto &[name, extent] : shape)
      product *= double(extent);
    return product;
  }

  llvm::Error agree(Point &a, Point &b) {
    if (a.best.plan == b.best.plan || isTimeUp())
      return llvm::Error::success();
    for (auto [here, other] : {std::pair(&a, &b), {&b, &a}}) {
      llvm::Expected<Trial> trial =
          tuner.compare(*here->problem, other->best.plan, here->best.plan);
      if (!trial)
        return trial.takeError();
      if (trial->outcome != Outcome::Measured || trial->seconds > tolerated * trial->rival)
        continue;
      here->best = *trial;
      return save(*here);
    }
    return llvm::Error::success();
  }

  /// Measures a shape between points[i] and the next where their plans differ and they are far
  /// apart; whether it did.
  llvm::Expected<bool> divide(Subject &subject, std::vector<Point> &points, size_t i) {
    if (points[i].best.plan == points[i + 1].best.plan)
      return false;
    std::optional<measure::Extents> extents = halfway(points[i].extents, points[i + 1].extents);
    if (!extents)
      return false;
    llvm::Expected<Case> c = prepareCase(subject.kernels, *extents, request.conditions);
    if (!c)
      return c.takeError();
    auto own = std::make_unique<Case>(std::move(*c));
    display.say("between: " + own->name);
    Plan low = points[i].best.plan, high = points[i + 1].best.plan;
    llvm::Expected<Trial> first = tuner.compare(*own, low, high),
                          second = first ? tuner.compare(*own, high, low) : first.takeError();
    if (!second)
      return second.takeError();
    bool isLow = first->outcome == Outcome::Measured &&
                 (second->outcome != Outcome::Measured || first->seconds < first->rival);
    Trial best = isLow ? *first : *second;
    if (best.outcome != Outcome::Measured)
      return false;
    points.insert(points.begin() + long(i) + 1,
                  Point{std::move(own), *extents, std::move(best), true});
    if (llvm::Error error = save(points[i + 1]))
      return error;
    return true;
  }

  void finish(Point &point) {
    const Case &c = *point.problem;
    Standings standings;
    for (const Trial &trial : log.of(c.setting))
      standings.add(trial);
    bool hasGain = !point.isBetween && !(point.best.plan == c.starts.front());
    double gain =
        hasGain && standings.bestScore() > 0 ? standings.firstScore() / standings.bestScore() : 1;
    outcomes.tuned.push_back({c.name, c.setting, c.entry(point.best), c.operations, c.bytes, gain,
                              point.isBetween, point.best});
  }
};

} // namespace

llvm::Expected<Outcomes> tuneModule(mlir::ModuleOp described, const Request &request,
                                    Display &display) {
  return Tuning(request, display).run(described);
}

} // namespace heed::tune
