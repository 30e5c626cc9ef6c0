// A random attention kernel: what a user could write, as data that can be made simpler.
#pragma once

#include "tests/property/Component.h"

#include <optional>
#include <string>
#include <vector>

namespace heed::property {

enum class Results { Output, LogSumExp, Weights }; ///< each one includes those before

struct Description {
  int dim = 1, valueDim = 1;
  /// Extents that the kernel fixes; the rest is dynamic. The query's heads are fixed where
  /// `keyHeads` and `group` are.
  std::optional<int> batch, queries, keys, keyHeads, group;
  bool scaled = true;
  std::optional<double> scale; ///< of a scaled score
  std::vector<Component> modifies, masks;
  bool keyLengths = false, queryLengths = false, queryOffsets = false;
  Results results = Results::Output;

  /// The kernel as MLIR, with these results.
  std::string text(Results wanted) const;
  /// The scores' factor.
  double scaleFactor() const;
  /// Of all components, in the order of the kernel's arguments.
  std::vector<Capture> captures() const;
};

Description randomDescription(Random &random);

} // namespace heed::property
