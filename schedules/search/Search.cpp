#include "schedules/search/Search.h"
#include "schedules/search/Surrogate.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <deque>
#include <set>

namespace heed {
namespace {

/// The rows of a plan's register tile, queries or vectors of them: what a step from one good plan
/// seldom changes, since tiles have to be multiples of it.
struct RegisterRows {
  int operator()(const OnlinePlan &p) const { return p.queryVectors; }
  int operator()(const SplitPlan &p) const { return p.rowTile; }
  int operator()(const RowPlan &p) const { return p.queryTile; }
  int operator()(const LinearPlan &p) const { return p.rowTile; }
  int operator()(const GpuPlan &p) const { return p.queryRegisters; }
  template <typename Form> int operator()(const Form &) const { return 0; }
};

bool haveSameRows(const Plan &a, const Plan &b) {
  int rows = std::visit(RegisterRows(), a.form);
  return rows > 0 && rows == std::visit(RegisterRows(), b.form);
}

/// What was proposed, so that nothing is twice.
class Proposed {
public:
  bool insert(const Plan &plan) { return texts.insert(toJson(plan).dump()).second; }
  bool contains(const Plan &plan) const { return texts.contains(toJson(plan).dump()); }

private:
  std::set<std::string> texts;
};

class RandomSearch : public Search {
public:
  RandomSearch(Spaces spaces, unsigned seed) : spaces(std::move(spaces)), dice(seed) {}

  std::optional<Plan> propose() override {
    for (const Space &space : spaces)
      if (proposed.insert(space.start()))
        return space.start();
    for (int tries = 0; tries < 200; ++tries) {
      Plan plan = spaces[dice() % spaces.size()].random(dice);
      if (proposed.insert(plan))
        return plan;
    }
    return std::nullopt;
  }
  void learn(const Plan &plan, double) override { proposed.insert(plan); }

private:
  Spaces spaces;
  std::mt19937 dice;
  Proposed proposed;
};

class GuidedSearch : public Search {
public:
  GuidedSearch(Spaces given, Problem p, unsigned seed)
      : spaces(std::move(given)), problem(std::move(p)), caches(Caches::here()), dice(seed) {
    for (const Space &space : spaces)
      first.push_back(space.start());
    addPromising();
  }

  std::optional<Plan> propose() override {
    while (!first.empty()) {
      Plan plan = std::move(first.front());
      first.pop_front();
      if (!isBeaten(plan) && proposed.insert(plan))
        return plan;
    }
    std::optional<Plan> plan = step();
    if (plan)
      proposed.insert(*plan);
    return plan;
  }

  void learn(const Plan &plan, double seconds) override {
    proposed.insert(plan);
    samples.push_back({plan, seconds, estimateCycles(problem, plan, caches)});
    llvm::sort(samples, [](auto &a, auto &b) { return a.seconds < b.seconds; });
  }

private:
  Spaces spaces;
  Problem problem;
  Caches caches;
  std::mt19937 dice;
  std::deque<Plan> first;
  Proposed proposed;
  std::vector<Sample> samples; ///< fastest first

  /// The best of the model, unlike each other: a few for each form, each with another register
  /// tile.
  void addPromising() {
    constexpr int drawn = 600, taken = 5;
    for (const Space &space : spaces) {
      std::vector<std::pair<double, Plan>> ranked;
      for (int i = 0; i < drawn; ++i) {
        Plan plan = space.random(dice);
        ranked.push_back({estimateCycles(problem, plan, caches), plan});
      }
      llvm::sort(ranked, [](auto &a, auto &b) { return a.first < b.first; });
      std::vector<Plan> chosen;
      for (const auto &[cycles, plan] : ranked) {
        auto isNear = [&](const Plan &other) {
          return stepsBetween(plan, other) < 3 || haveSameRows(plan, other);
        };
        if (chosen.size() < taken && llvm::none_of(chosen, isNear))
          chosen.push_back(plan);
      }
      llvm::append_range(first, chosen);
    }
  }

  /// Whether all that was timed of its form is far behind the best, which is of another.
  bool isBeaten(const Plan &plan) const {
    constexpr double far = 1.6;
    auto own = llvm::find_if(
        samples, [&](const Sample &s) { return s.plan.form.index() == plan.form.index(); });
    return own != samples.end() && own->seconds > far * samples.front().seconds;
  }

  const Space &spaceOf(const Plan &plan) const {
    return *llvm::find_if(spaces, [&](const Space &space) {
      return space.start().form.index() == plan.form.index();
    });
  }

  /// A step from one of the best: usually the most promising one, now and then any.
  std::optional<Plan> step() {
    std::vector<Plan> near;
    auto add = [&](const Plan &plan) {
      if (!proposed.contains(plan) && !llvm::is_contained(near, plan))
        near.push_back(plan);
    };
    size_t elites = std::min<size_t>(3, samples.size());
    for (size_t i = 0; i < elites && std::isfinite(samples[i].seconds); ++i) {
      const Plan &elite = samples[i].plan;
      for (const Plan &plan : spaceOf(elite).neighbours(elite))
        add(plan);
      for (int mutations = 0; mutations < 8; ++mutations)
        add(spaceOf(elite).mutated(elite, dice));
    }
    size_t enough = near.size() + 4;
    for (int tries = 0; tries < 40 && near.size() < enough; ++tries)
      add(spaces[dice() % spaces.size()].random(dice));
    if (near.empty())
      return std::nullopt;
    if (dice() % 8 == 0)
      return near[dice() % near.size()];
    Surrogate surrogate(samples);
    std::vector<double> predicted;
    for (const Plan &plan : near)
      predicted.push_back(surrogate.predict(plan, estimateCycles(problem, plan, caches)));
    return near[std::min_element(predicted.begin(), predicted.end()) - predicted.begin()];
  }
};

} // namespace

std::unique_ptr<Search> guidedSearch(Spaces spaces, Problem problem, unsigned seed) {
  return std::make_unique<GuidedSearch>(std::move(spaces), std::move(problem), seed);
}

std::unique_ptr<Search> randomSearch(Spaces spaces, unsigned seed) {
  return std::make_unique<RandomSearch>(std::move(spaces), seed);
}

} // namespace heed
