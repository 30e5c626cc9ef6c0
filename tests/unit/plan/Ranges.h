// What all plans have in common: each number has a range, and past it is refused by its key.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heed {

/// A number of a plan that goes from 1 to `high`.
template <typename Plan> struct NumberFromOne {
  const char *key;
  int Plan::*number;
  int high;
};

/// `complaint` gives what is wrong with a plan; nothing is with `legal`.
template <typename Plan>
void expectRanges(const Plan &legal, const std::function<std::string(const Plan &)> &complaint,
                  const std::vector<NumberFromOne<Plan>> &numbers) {
  for (const auto &[key, number, high] : numbers)
    for (int value : {0, -1, high + 1, INT32_MAX, INT32_MIN}) {
      Plan plan = legal;
      plan.*number = value;
      EXPECT_EQ(complaint(plan), std::string(key) + " is " + std::to_string(value) +
                                     ", but has to be from 1 to " + std::to_string(high));
    }
}

} // namespace heed
