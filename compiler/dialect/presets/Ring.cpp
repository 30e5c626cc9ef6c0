// A cache of the last positions: position p of a batch entry is in row (p + begin) % rows (Jiang et
// al. 2023, section 2).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addRing(Attention &a, Words arguments) {
  a.ring();
  return Arguments(arguments).finish();
}
