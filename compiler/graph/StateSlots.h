// A running state as an array, so that the columns it rescales never leave the registers: the
// factors, the normalizer's state values, then the unfinished output columns.
#pragma once

#include "compiler/graph/NormalizerProgram.h"

namespace heed {

/// Slots are written in order: the factors of the running and of the second state first; new state
/// values and columns only read them.
class StateSlots {
public:
  /// For `columns` columns, from a multiple of `unroll` on, in as many slots.
  StateSlots(const OnlineNormalizer &normalizer, Halide::Type type, int columns, int unroll);

  using Slot = std::function<Halide::Expr(Halide::Expr slot)>;

  int firstColumn() const { return column0; }
  int count() const { return slots; }
  int firstState() const { return state0; }

  /// Slot `s` before any key.
  Halide::Expr identity(Halide::Expr s) const;
  /// Slot `s` after a state has merged into the running one, which `old` gives. Of the second
  /// state, `state` holds the values and `column` is the column at `s`.
  Halide::Expr merged(const Halide::Expr &s, const Slot &old, const Exprs &state,
                      const Halide::Expr &column) const;
  /// The state values.
  Exprs stateOf(const Slot &slot) const;

private:
  const OnlineNormalizer normalizer;
  const Halide::Type type;
  // In terms of variables: the state values before a merge, those of the second state, and the
  // factors.
  Exprs values, factors;
  int state0, column0, slots;
};

} // namespace heed
