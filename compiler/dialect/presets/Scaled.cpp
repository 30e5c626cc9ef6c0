// Scores are X q . k, where 1/sqrt(dim) is not wanted (Raffel et al. 2020, section 2.1, does
// without).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addScaled(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<double> scale = rest.positive();
  if (!scale)
    return scale.takeError();
  a.scaledDot(*scale);
  return rest.finish();
}
