// A random attention kernel: what a user could write, as data that can be made simpler.
#pragma once

#include "tests/property/Normalizer.h"
#include "tests/property/Operand.h"
#include "tests/property/Results.h"
#include "tests/property/Score.h"

#include <optional>
#include <string>
#include <vector>

namespace heed::property {

/// What an argument belongs to.
enum class Part { Query, Key, Value, Other };
struct Argument {
  Capture capture;
  Part part;
};

struct Description {
  int dim = 1, valueDim = 1;
  /// Extents that the kernel fixes; the rest is dynamic. The query's heads are fixed where
  /// `keyHeads` and `group` are.
  std::optional<int> batch, queries, keys, keyHeads, group;
  bool isDouble = false; ///< computes in f64, and every float is stored so
  Operand query, key, value;
  ElementType output = ElementType::F32;
  Score score;
  std::vector<Component> modifies, masks;
  Normalizer normalizer;
  bool keyLengths = false, queryLengths = false, queryOffsets = false;
  bool isPartial = false; ///< gives the unfinished state instead of the output and the results
  /// Of a partial kernel: a mask for the part of the keys that a call is for. States of two parts
  /// are merged and finished by a kernel.
  std::optional<Component> part;
  std::vector<Result> results;

  /// The kernel as MLIR.
  std::string text() const;
  /// The same kernel with the output and `referenceResults`.
  std::string referenceText() const;
  std::vector<Result> referenceResults() const;
  /// A kernel that finishes the state, or merges those of two parts and finishes that: it takes
  /// them and the normalizer's captures, and gives the output and the results.
  std::string finishText() const;

  /// Whether weights may be rounded to bfloat16. Draws nothing: cases stay what they are.
  bool hasCoarseWeights() const {
    return !isDouble && !isPartial && value.element == ElementType::BF16 && dim % 2 == 0;
  }

  /// Only the row form gives what it asks for.
  bool needsRow() const;
  /// What kernels for devices refuse is not in it.
  bool runsOnDevices() const;
  /// What scores are multiplied by.
  double scaleFactor() const;
  /// Of the score, the modifies and the masks.
  int stages() const { return int(1 + modifies.size() + masks.size()); }
  /// But for lengths and offsets, in the kernel's order.
  std::vector<Argument> arguments() const;
  /// The number of keys is a multiple of it.
  int page() const;
};

Description randomDescription(Random &random);

} // namespace heed::property
