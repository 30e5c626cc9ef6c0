// Scores are q W k with a matrix for each head (Luong et al. 2015, section 3.1).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addBilinear(Attention &a, Words arguments) {
  const AttentionShape &shape = a.shape();
  a.bilinear(a.input<Real>("w", {shape.heads, shape.headDim, shape.headDim}));
  return Arguments(arguments).finish();
}
