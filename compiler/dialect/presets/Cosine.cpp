// Scores are cosines times a scale that each head learned (Liu et al. 2022, Swin Transformer V2,
// section 3.2).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addCosine(Attention &a, Words arguments) {
  a.cosine(a.input<Real>("scales", {a.shape().heads}));
  return Arguments(arguments).finish();
}
