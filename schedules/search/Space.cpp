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

Space::Space(Plan start, Legality isLegal)
    : first(std::move(start)), legality(std::move(isLegal)), knobs(knobsOf(first)) {}

bool Space::isLegal(const Plan &plan) const {
  if (llvm::Error error = checkPlan(plan)) {
    llvm::consumeError(std::move(error));
    return false;
  }
  return legality(plan);
}

Plan Space::random(std::mt19937 &dice) const {
  Plan plan = first;
  for (int tries = 0; tries < 1000; ++tries) {
    for (const Knob *knob : knobs)
      setValue(plan, *knob, pick(knob->values, dice));
    if (isLegal(plan))
      return plan;
  }
  return first;
}

std::vector<Plan> Space::neighbours(const Plan &plan) const {
  std::vector<Plan> found;
  for (const Knob *knob : knobs)
    for (int value : steps(knob->values, valueOf(plan, *knob))) {
      Plan next = plan;
      setValue(next, *knob, value);
      if (isLegal(next)) {
        found.push_back(next);
        continue;
      }
      for (const Knob *other : knobs)
        for (int step : steps(other->values, valueOf(plan, *other))) {
          Plan both = next;
          setValue(both, *other, step);
          if (other != knob && isLegal(both) && !llvm::is_contained(found, both))
            found.push_back(both);
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
    if (!(next == plan) && isLegal(next))
      return next;
  }
  return plan;
}

} // namespace heed
