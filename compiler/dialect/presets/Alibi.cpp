// A penalty on the distance between a query and a key, with a slope for each head that the kernel
// takes as an argument (Press et al. 2022).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addAlibi(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  auto slopes = a.input<Real>("slopes", {a.shape().heads});
  a.modify(
      [&](Real x, Position p) { return x - slopes[p.head] * abs(p.key - p.place(*alignment)); });
  return rest.finish();
}
