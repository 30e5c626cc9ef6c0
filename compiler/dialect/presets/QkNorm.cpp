// Queries and keys over their root mean square, times learned weights (Henry et al. 2020, section
// 3; with RMSNorm as in Gemma 3).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addQkNorm(Attention &a, Words arguments) {
  auto queryWeights = a.input<Real>("query_norm", {a.shape().headDim});
  a.queryKeyNorm(queryWeights, a.input<Real>("key_norm", {a.shape().headDim}));
  return Arguments(arguments).finish();
}
