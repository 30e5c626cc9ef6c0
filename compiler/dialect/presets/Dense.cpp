// Every pair counts, as it scores: nothing to add.
#include "compiler/dialect/presets/Components.h"

llvm::Error heed::presets::addDense(Attention &, Words arguments) {
  return Arguments(arguments).finish();
}
