// What the rules of a plan's numbers have in common.
#pragma once

#include "llvm/Support/Error.h"

#include <bit>
#include <initializer_list>

namespace heed {

struct PlanNumber {
  const char *key;
  int value, low, high;
};

inline llvm::Error checkNumbers(std::initializer_list<PlanNumber> numbers) {
  for (const PlanNumber &n : numbers)
    if (n.value < n.low || n.value > n.high)
      return llvm::createStringError("%s is %d, but has to be from %d to %d", n.key, n.value, n.low,
                                     n.high);
  return llvm::Error::success();
}

struct PlanMultiple {
  const char *key;
  int value;
  const char *by;
  int divisor;
};

inline llvm::Error checkMultiples(std::initializer_list<PlanMultiple> multiples) {
  for (const PlanMultiple &m : multiples)
    if (m.value % m.divisor != 0)
      return llvm::createStringError("%s is %d, which is no multiple of %s = %d", m.key, m.value,
                                     m.by, m.divisor);
  return llvm::Error::success();
}

/// Of a number that is at least 1.
inline llvm::Error checkPowerOfTwo(const char *key, int value) {
  if (std::has_single_bit(unsigned(value)))
    return llvm::Error::success();
  unsigned below = std::bit_floor(unsigned(value));
  return llvm::createStringError("%s is %d, which is no power of two, as %u and %u are", key, value,
                                 below, 2 * below);
}

} // namespace heed
