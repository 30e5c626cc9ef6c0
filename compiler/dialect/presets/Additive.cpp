// Scores are w . tanh(Wq q + Wk k) with FEATURES hidden units for each head (Bahdanau et al. 2015,
// section A.1.2).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addAdditive(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> features = rest.size();
  if (!features)
    return features.takeError();
  const AttentionShape &shape = a.shape();
  auto wq = a.input<Real>("wq", {shape.heads, shape.headDim, *features});
  auto wk = a.input<Real>("wk", {shape.keyHeads, shape.headDim, *features});
  a.additive(wq, wk, a.input<Real>("w", {*features}));
  return rest.finish();
}
