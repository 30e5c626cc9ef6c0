// A query sees the keys up to its own place.
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addCausal(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  Arguments rest(arguments);
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  builder.mask({}, [alignment = *alignment](BodyBuilder &body) {
    return body.isLessOrEqual(body.key, body.place(alignment));
  });
  return rest.finish();
}
