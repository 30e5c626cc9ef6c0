// Any attention, any shape, any layout, any legal plan, on every target: what the kernel gives is
// what the float64 reference gives.
//
// HEED_PROPERTY_CASES kernels are tried, each with several calls, from HEED_PROPERTY_SEED;
// HEED_PROPERTY_TARGET is one target for all; HEED_PROPERTY_FIRST passes over those before it. The
// first failure ends the run, with the least case that fails; with HEED_PROPERTY_SHRINK=0 as it is.
#include "tests/property/Coverage.h"
#include "tests/property/Kernel.h"
#include "tests/property/Shrink.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>

using namespace heed;
using namespace heed::property;

static uint64_t environment(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(Attention, AgreesWithTheReference) {
  uint64_t seed = environment("HEED_PROPERTY_SEED", 1),
           count = environment("HEED_PROPERTY_CASES", 72);
  bool shrinks = environment("HEED_PROPERTY_SHRINK", 1);
  fmt::print("HEED_PROPERTY_SEED={} HEED_PROPERTY_CASES={}\n", seed, count);
  std::vector<TargetInfo> targets;
  if (const char *name = std::getenv("HEED_PROPERTY_TARGET"))
    targets.push_back(llvm::cantFail(findTarget(name)));
  else
    for (const TargetInfo &target : allTargets())
      if (runsHere(target))
        targets.push_back(target);
  ASSERT_FALSE(targets.empty()) << "this CPU runs no target";

  Random random(seed);
  std::vector<Case> cases;
  for (uint64_t i = 0; i < count; i++)
    cases.push_back(randomCase(random, targets[i % targets.size()]));
  for (const TargetInfo &target : targets) // rare, and a mistake in it shows nowhere else
    if (!target.isDevice())
      cases.push_back(blocksWithLengths(random, target));
  for (const TargetInfo &target : targets)
    for (auto *special : {packedDocuments, packedDocuments, keysInARing})
      if (!target.isDevice() || special == packedDocuments)
        cases.push_back(special(random, target));

  for (size_t i = 0; i < cases.size(); i++)
    cases[i].extended = i / targets.size() % 2 == 0;

  uint64_t first = environment("HEED_PROPERTY_FIRST", 0);
  cases.erase(cases.begin(), cases.begin() + ptrdiff_t(std::min<uint64_t>(first, cases.size())));

  warmUp();
  uint64_t number = first;
  Coverage coverage;
  Worst worst{};
  tryAll(cases, [&](const Case &c, const Outcome &outcome) {
    coverage.add(c);
    for (size_t i = 0; i < worst.size(); i++)
      worst[i] = std::max(worst[i], outcome.worst[i]);
    number++;
    if (outcome.failure.empty())
      return true;
    fmt::print("HEED_PROPERTY_FIRST={} failed\n", number - 1);
    if (!shrinks) {
      Case failing = c;
      failing.calls = {c.calls[size_t(outcome.call)]};
      ADD_FAILURE() << outcome.failure << "\n" << failing.text();
      return false;
    }
    Shrunk shrunk = shrink(c, outcome);
    ADD_FAILURE() << shrunk.outcome.failure << "\n"
                  << shrunk.least.text() << "at first: " << outcome.failure;
    return false;
  });
  fmt::print("worst error as a share of its bound: output {:.2f}", worst[0]);
  for (size_t i = 0; i < std::size(resultNames); i++)
    fmt::print(", {} {:.2f}", resultNames[i], worst[1 + i]);
  fmt::print("\n{}", coverage.text());
  bool isAChosenSeed = std::getenv("HEED_PROPERTY_SEED"); // whose cases may lack a rare piece
  if (isAChosenSeed || cases.size() < 60 || HasFailure())
    return;
  for (const TargetInfo &target : targets)
    EXPECT_GT(coverage.count("target", target.name), 0) << target.name;
  for (const char *form : {"online", "row", "split"})
    EXPECT_GT(coverage.count("form", form), 0) << form;
  for (const char *data : dataNames)
    EXPECT_GT(coverage.count("data", data), 0) << data;
  for (const char *placement : placementNames)
    EXPECT_GT(coverage.count("layout", placement), 0) << placement;
  for (const char *tail : {"none", "less than a tile", "a tail", "whole tiles"})
    for (const char *axis : {"queries", "keys"})
      EXPECT_GT(coverage.count(axis, tail), 0) << axis << ": " << tail;
  for (const char *made : {"rotary", "rotary interleaved", "norm", "int8 per token",
                           "int8 per channel", "pages", "joined", "projection"})
    EXPECT_GT(coverage.count("query", made) + coverage.count("key", made) +
                  coverage.count("value", made),
              0)
        << made;
  for (const char *results : {"output", "partial", "merged", "log-sum-exp", "weights"})
    EXPECT_GT(coverage.count("results", results), 0) << results;
  EXPECT_GT(coverage.count("modify", "buckets"), 0);
  EXPECT_GT(coverage.count("mask", "window"), 0);
  EXPECT_GT(coverage.count("mask", "packed documents"), 0);
  EXPECT_GT(coverage.count("key", "ring"), 0);
}
