#include "schedules/search/Space.h"

#include "llvm/ADT/STLExtras.h"

namespace heed {
namespace {

int pick(const std::vector<int> &values, std::mt19937 &dice) {
  return values[std::uniform_int_distribution<size_t>(0, values.size() - 1)(dice)];
}

/// The values next to `value`, below and above; a value that is no candidate stands between two.
std::vector<int> steps(const std::vector<int> &values, int value) {
  std::vector<int> found;
  auto above = std::upper_bound(values.begin(), values.end(), value);
  auto below = std::lower_bound(values.begin(), values.end(), value);
  if (below != values.begin())
    found.push_back(*std::prev(below));
  if (above != values.end())
    found.push_back(*above);
  return found;
}

} // namespace

Space::Space(const Plan &start, PlanUses uses)
    : uses(uses), first(canonical(start, uses)), knobs(knobsOf(first)) {}

std::optional<Plan> Space::legal(const Plan &plan) const {
  Plan written = canonical(plan, uses);
  if (llvm::Error error = checkPlan(written)) {
    llvm::consumeError(std::move(error));
    return std::nullopt;
  }
  return written;
}

Plan Space::random(std::mt19937 &dice) const {
  Plan plan = first;
  for (int tries = 0; tries < 1000; ++tries) {
    for (const Knob *knob : knobs)
      setValue(plan, *knob, pick(knob->values, dice));
    if (std::optional<Plan> found = legal(plan))
      return *found;
  }
  return first;
}

std::vector<Plan> Space::neighbours(const Plan &plan) const {
  std::vector<Plan> found;
  auto add = [&](const Plan &next) {
    std::optional<Plan> near = legal(next);
    if (near && !(*near == plan) && !llvm::is_contained(found, *near))
      found.push_back(*near);
    return near.has_value();
  };
  for (const Knob *knob : knobs)
    for (int value : steps(knob->values, valueOf(plan, *knob))) {
      Plan next = plan;
      setValue(next, *knob, value);
      if (add(next))
        continue;
      for (const Knob *other : knobs)
        for (int step : steps(other->values, valueOf(plan, *other))) {
          Plan both = next;
          setValue(both, *other, step);
          if (other != knob)
            add(both);
        }
    }
  return found;
}

Plan Space::mutated(const Plan &plan, std::mt19937 &dice) const {
  for (int tries = 0; tries < 1000; ++tries) {
    Plan next = plan;
    for (int changes = 1 + int(dice() % 2); changes > 0; --changes) {
      const Knob &knob = *knobs[dice() % knobs.size()];
      setValue(next, knob, pick(knob.values, dice));
    }
    std::optional<Plan> found = legal(next);
    if (found && !(*found == plan))
      return *found;
  }
  return plan;
}

} // namespace heed
