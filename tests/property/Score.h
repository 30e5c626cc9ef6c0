// Random scores: how alike a query and a key are.
#pragma once

#include "tests/property/Component.h"

#include <functional>
#include <optional>

namespace heed::property {

struct Score {
  bool isScaled = true;
  std::optional<double> scale;       ///< of a scaled score
  std::optional<Component> pairwise; ///< its body: of %x and %y, %batch, %head, %column
  bool isTanhOfSum = false;
  /// How large what is summed may be on the way, of x and y at a column: what errors are relative
  /// to.
  std::function<double(double x, double y)> magnitude = [](double x, double y) {
    return std::abs(x * y);
  };
};

Score randomScore(Random &random, const std::string &prefix, int dim);

} // namespace heed::property
