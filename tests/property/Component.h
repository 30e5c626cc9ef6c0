// Random components: regions of modifies and masks as MLIR text, with the tensors they capture.
#pragma once

#include "compiler/dialect/Signature.h"
#include "tests/property/Random.h"

#include <string>
#include <vector>

namespace heed::property {

/// What an axis of a capture runs over. Fixed ones have an extent of their own.
enum class Over { Batch, Head, Query, Key, Fixed };
struct Axis {
  Over over;
  int extent = 0; ///< of a fixed axis
};

/// What a capture holds: numbers around 0 for floats, [0, limit) for integers and booleans.
struct Capture {
  std::string name;
  ElementType element;
  std::vector<Axis> axes;
  double limit = 1; ///< floats: the standard deviation
};

struct Component {
  std::string kind; ///< for the coverage: "soft cap", "band", ...
  std::vector<Capture> captures;
  std::string body; ///< in terms of %x (of a modify), %batch, %head, %query, %key and, for each
                    ///< capture, %NAME_
  /// How far float32 may be off after the component for an exact score, in units of epsilon: a
  /// constant, and what grows with positions.
  double error = 0, errorPerPosition = 0;
};

/// `prefix` tells the captures of one kernel apart.
Component randomModify(Random &random, const std::string &prefix);
Component randomMask(Random &random, const std::string &prefix);

} // namespace heed::property
