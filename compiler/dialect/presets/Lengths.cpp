// Batches of sequences of different lengths, padded at the end: the kernel takes the number of keys
// of each.
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addLengths(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  builder.addArgument("key_lengths", {builder.extentOf('b')},
                      IntegerType::get(builder.getContext(), 32), attn::keyLengthsRole);
  return Arguments(arguments).finish();
}
