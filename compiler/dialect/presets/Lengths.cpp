// Batches of sequences of different lengths, padded at the end: the kernel takes the number of keys
// of each.
#include "compiler/dialect/presets/Components.h"

llvm::Error heed::presets::addLengths(Attention &a, Words arguments) {
  a.keyLengths();
  return Arguments(arguments).finish();
}
