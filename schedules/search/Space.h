// The legal plans of one form, and steps between them.
#pragma once

#include "schedules/plan/PlanUses.h"
#include "schedules/search/Knobs.h"

#include <random>

namespace heed {

/// Legal plans of the form and target of `start`, each in the one way to write it.
class Space {
public:
  explicit Space(const Plan &start, PlanUses uses = {});

  /// Knob values at random until they make a legal plan; `start` where a thousand tries make none.
  Plan random(std::mt19937 &dice) const;

  /// All plans that differ from `plan` in one knob by one step, where that breaks a rule together
  /// with one other knob; and in what the kernel has no use for.
  std::vector<Plan> neighbours(const Plan &plan) const;

  /// One or two knobs at random values.
  Plan mutated(const Plan &plan, std::mt19937 &dice) const;

  const Plan &start() const { return first; }

private:
  PlanUses uses;
  Plan first;
  std::vector<const Knob *> knobs;

  /// `plan` with other values, in the one way to write it; nothing where that is no legal plan.
  std::optional<Plan> legal(const Plan &plan) const;
};

} // namespace heed
