// The legal plans of one form, and steps between them.
#pragma once

#include "schedules/search/Knobs.h"

#include <random>

namespace heed {

/// Plans of the form and target of `start`. A plan that `isLegal` refuses does not exist.
class Space {
public:
  using Legality = std::function<bool(const Plan &)>;
  /// `start` stands for the form; `isLegal` is asked after checkPlan.
  Space(Plan start, Legality isLegal);

  /// Knob values at random until they make a legal plan; `start` where a thousand tries make none.
  Plan random(std::mt19937 &dice) const;

  /// All plans that differ from `plan` in one knob by one step, where that breaks a rule together
  /// with one other knob.
  std::vector<Plan> neighbours(const Plan &plan) const;

  /// One or two knobs at random values.
  Plan mutated(const Plan &plan, std::mt19937 &dice) const;

  bool isLegal(const Plan &plan) const;
  const Plan &start() const { return first; }

private:
  Plan first;
  Legality legality;
  std::vector<const Knob *> knobs;
};

} // namespace heed
