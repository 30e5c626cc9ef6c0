// Every pair counts, as it scores: nothing to add.
#include "compiler/dialect/presets/Components.h"

llvm::Error heed::presets::addDense(Attention &, llvm::ArrayRef<llvm::StringRef> arguments) {
  return Arguments(arguments).finish();
}
