// What may be tried: the candidate values of every number and switch of a plan.
#pragma once

#include "schedules/plan/Plan.h"

namespace heed {

/// One field of one form, and the values worth trying, ascending. Switches are 0 and 1.
struct Knob {
  const char *form; ///< as formName() has it
  const char *key;  ///< as fieldsOf() has it
  std::vector<int> values;
};

/// The one table. A new field of a plan needs one row here.
llvm::ArrayRef<Knob> allKnobs();

/// The knobs of a plan's form, in the order of its fields.
std::vector<const Knob *> knobsOf(const Plan &plan);

int valueOf(const Plan &plan, const Knob &knob);
void setValue(Plan &plan, const Knob &knob, int value);

} // namespace heed
