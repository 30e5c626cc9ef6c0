// Scores are -|q - k|^2 / sqrt(dim) (Kim et al. 2021, section 3.2).
#include "compiler/dialect/presets/Components.h"

#include <cmath>

using namespace heed;

llvm::Error presets::addDistance(Attention &a, Words arguments) {
  double scale = 1 / std::sqrt(static_cast<double>(a.shape().headDim));
  a.negativeSquaredDistance();
  a.modify([&](Real x, Position) { return x * scale; });
  return Arguments(arguments).finish();
}
