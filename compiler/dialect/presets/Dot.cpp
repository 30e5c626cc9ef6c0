// Scores are q . k, or SCALE q . k, where 1/sqrt(dim) is not wanted (Raffel et al. 2020,
// section 2.1, does without).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addDot(Attention &a, Words arguments) {
  Arguments rest(arguments);
  if (rest.empty()) {
    a.dot();
    return llvm::Error::success();
  }
  llvm::Expected<double> scale = rest.positive();
  if (!scale)
    return scale.takeError();
  a.scaledDot(*scale);
  return rest.finish();
}
