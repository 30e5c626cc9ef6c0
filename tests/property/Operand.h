// Random operands: query, key or value as the kernel's arguments have them, or made while loading.
#pragma once

#include "tests/property/Component.h"

#include <optional>

namespace heed::property {

/// How rows are made: the body of an attn.rowwise, or an attn.project of the two captures.
struct Made {
  Component component;
  std::string positions; ///< of an attn.rowwise: in terms of the captures' names
  bool isProjection = false;
  int page = 1; ///< the number of keys is a multiple of it
  /// component.error is relative to the norm of the row.
};

struct Operand {
  ElementType element = ElementType::F32; ///< where it is an argument
  std::optional<Made> made;
};

/// `dim` columns of query (`isQuery`), key or value. Those that are made to be exact are off by at
/// most a rounding.
Made randomMade(Random &random, const std::string &prefix, int dim, bool isQuery);
/// Keys or values that lie in a ring.
Made ringMade(Random &random, const std::string &prefix, int dim);

} // namespace heed::property
