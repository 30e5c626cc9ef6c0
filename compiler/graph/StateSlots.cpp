#include "compiler/graph/StateSlots.h"
#include "compiler/graph/QueryTile.h"

using namespace Halide;

namespace heed {

static std::string oldName(int i) { return "old" + std::to_string(i); }
static std::string secondName(int i) { return "second" + std::to_string(i); }
static std::string factorName(int i) { return "factor" + std::to_string(i); }

StateSlots::StateSlots(const OnlineNormalizer &normalizer, Type type, int columns, int unroll)
    : normalizer(normalizer), type(type) {
  const int states = normalizer.states;
  Exprs old, second;
  for (int i = 0; i < states; i++) {
    old.push_back(Internal::Variable::make(type, oldName(i)));
    second.push_back(Internal::Variable::make(type, secondName(i)));
  }
  values = normalizer.merge(old, second);
  factors.assign(values.end() - 2, values.end());
  values.resize(states);
  for (Expr &value : values)
    for (int i : {0, 1})
      if (!is_const(factors[i]))
        value =
            Internal::substitute(factors[i], Internal::Variable::make(type, factorName(i)), value);
  // Where a new value needs an old one that would be gone by then, all new values go to slots of
  // their own first, before the state's.
  bool inPlace = true;
  for (int i = 0; i < states; i++)
    for (int j = 0; j < i; j++)
      inPlace &= !expr_uses_var(values[i], oldName(j));
  state0 = inPlace ? 2 : 2 + states;
  column0 = roundUp(state0 + states, unroll);
  slots = column0 + roundUp(columns, unroll);
}

Expr StateSlots::identity(Expr s) const {
  Exprs identity = normalizer.identity();
  Expr begin = Internal::make_zero(type);
  for (int i = 0; i < normalizer.states; i++)
    begin = select(s == state0 + i, identity[i], begin);
  return begin;
}

Exprs StateSlots::stateOf(const Slot &slot) const {
  Exprs state;
  for (int i = 0; i < normalizer.states; i++)
    state.push_back(slot(state0 + i));
  return state;
}

Expr StateSlots::merged(const Expr &s, const Slot &old, const Exprs &state,
                        const Expr &column) const {
  Exprs oldState = stateOf(old);
  auto placed = [&](Expr value) {
    for (int i = 0; i < normalizer.states; i++) {
      value = Internal::substitute(oldName(i), oldState[i], value);
      value = Internal::substitute(secondName(i), state[i], value);
    }
    for (int i : {0, 1})
      value = Internal::substitute(factorName(i), old(i), value);
    return value;
  };
  Expr special = column;
  auto write = [&](int at, Expr value) { special = select(s == at, value, special); };
  for (int i = 0; i < normalizer.states; i++) {
    if (state0 > 2)
      write(state0 + i, old(2 + i));
    write(2 + i, placed(values[i]));
  }
  for (int i : {0, 1})
    write(i, placed(factors[i]));
  return select(s < column0, special, likely(old(s) * old(0) + column * old(1)));
}

} // namespace heed
