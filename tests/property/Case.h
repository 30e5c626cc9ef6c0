// One kernel under one plan, and the calls it is tried with. A case is data: it can be printed,
// repeated and shrunk.
#pragma once

#include "schedules/plan/Plan.h"
#include "tests/property/Description.h"

#include <string>
#include <vector>

namespace heed::property {

/// What the tensors hold.
enum class Data {
  Normal,
  Large,     ///< scores of hundreds
  Huge,      ///< scores of up to 1e12: only the order of magnitude of the result is tested
  BadQuery,  ///< NaN and infinities in some rows of the query,
  BadKey,    ///< ... of the key,
  BadValue,  ///< ... of the value,
  BadCapture ///< ... in captures
};
inline constexpr const char *dataNames[] = {"normal",  "large",     "huge",       "bad query",
                                            "bad key", "bad value", "bad capture"};

/// How the tensors lie in memory.
enum class Placement { Sequences, Heads, Random }; ///< (b, s, h, d), (b, h, s, d), anything
inline constexpr const char *placementNames[] = {"(b, s, h, d)", "(b, h, s, d)", "random"};

/// One call. Everything a tensor holds follows from the seed.
struct Call {
  int batch = 1, queries = 1, keys = 1, keyHeads = 1, group = 1;
  Data data = Data::Normal;
  Placement placement = Placement::Sequences;
  uint64_t seed = 0;
  int heads() const { return keyHeads * group; }
  int past() const { return keys / 3; } ///< of the keys, where they are joined from two parts
  int cut() const { return int(seed % uint64_t(keys + 1)); } ///< where their second part begins
};

struct Case {
  Description description;
  Plan plan;
  Plan merge; ///< of the kernel that merges, where there is one
  std::vector<Call> calls;
  bool extended = true; ///< code for what this CPU can do beyond the plan's target

  /// The .mlir, the plan as JSON, and the calls: enough to repeat the case.
  std::string text() const;
};

/// How many queries and keys the plan's loops take at once; edgeKeys where data says what counts.
struct Tiles {
  int queries, keys, edgeKeys;
};
Tiles tilesOf(const Plan &plan);

/// A legal plan of a form that fits: minimal ones are as likely as others.
Plan randomPlan(Random &random, const TargetInfo &target, const Description &description);
Case randomCase(Random &random, const TargetInfo &target);
/// Any attention, of packed documents, or of keys in a ring.
Case packedDocuments(Random &random, const TargetInfo &target);
Case keysInARing(Random &random, const TargetInfo &target);
/// Online attention whose mask has whole blocks that a key length cuts.
Case blocksWithLengths(Random &random, const TargetInfo &target);

} // namespace heed::property
