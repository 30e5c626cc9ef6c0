// What plans have in common: each number has a range, and past it is refused by its key; so is a
// turn that is no power of two.
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

/// The same of `turn`, in a plan whose queryTile may be 24.
template <typename Plan>
void expectPowersOfTwo(Plan plan, const std::function<std::string(const Plan &)> &complaint) {
  plan.queryTile = 24, plan.turn = 3;
  EXPECT_EQ(complaint(plan), "turn is 3, which is no power of two, as 2 and 4 are");
  plan.turn = 24;
  EXPECT_EQ(complaint(plan), "turn is 24, which is no power of two, as 16 and 32 are");
  for (int turn : {1, 2, 4, 8}) {
    plan.turn = turn;
    EXPECT_EQ(complaint(plan), "");
  }
}

} // namespace heed
