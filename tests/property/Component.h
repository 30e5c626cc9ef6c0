// Random components: regions as MLIR text, with the tensors they capture.
#pragma once

#include "compiler/dialect/Signature.h"
#include "tests/property/Random.h"

#include <string>
#include <vector>

namespace heed::property {

/// What an axis of a capture runs over. Past and New are the two parts of the keys; Page counts
/// pages of `extent` keys, and Ring the rows of a ring, one for each key; Fixed has an extent of
/// its own, and Own one that its type does not say.
enum class Over { Batch, Head, KeyHead, Query, Key, Past, New, Page, Ring, Fixed, Own };
struct Axis {
  Over over;
  int extent = 0;
};

/// What a capture holds: numbers around 0 for floats, [0, limit) for integers and booleans, all
/// there are for bytes; nondecreasing numbers of keys where `isSegments`; of a part of the keys,
/// its first and the one behind its last.
struct Capture {
  std::string name;
  ElementType element; ///< F32 for a float: the description says how it is stored
  std::vector<Axis> axes;
  double limit = 1; ///< floats: the standard deviation
  bool isSegments = false, isPart = false;
};

struct Component {
  std::string kind; ///< for the coverage: "soft cap", "band", ...
  std::vector<Capture> captures;
  std::string body; ///< in terms of the op's parameters, %NAME_ and TYPE(NAME) for each capture,
                    ///< and $T for the type that the kernel computes in
  /// How far arithmetic may be off after the component for exact operands, in units of epsilon: a
  /// constant, and what grows with positions.
  double error = 0, errorPerPosition = 0;
};

inline bool isFloat(ElementType type) {
  return type == ElementType::F16 || type == ElementType::BF16 || type == ElementType::F32 ||
         type == ElementType::F64;
}

/// `prefix` tells the captures of one kernel apart.
Component randomModify(Random &random, const std::string &prefix);
Component randomMask(Random &random, const std::string &prefix);
/// The last `keys` up to the query's place.
Component windowMask(Random &random, const std::string &prefix, int keys);
/// Squares of queries and keys that a tensor says.
Component blockMask(Random &random, const std::string &prefix);
/// Keys of the query's own document, of those that cumulative lengths pack; more of them, or less.
Component documentsMask(Random &random, const std::string &prefix);
/// Keys between two that a capture gives.
Component partMask(Random &random, const std::string &prefix);

} // namespace heed::property
