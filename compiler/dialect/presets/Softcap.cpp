// Scores are squeezed into (-X, X): X tanh(score / X) (Gemma 2, section 2).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addSoftcap(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<double> cap = rest.positive();
  if (!cap)
    return cap.takeError();
  a.modify([&](Real x, Position) { return tanh(x * (1 / *cap)) * *cap; });
  return rest.finish();
}
