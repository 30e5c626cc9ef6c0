// A query sees the keys up to its own place.
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addCausal(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments) {
  Arguments rest(arguments);
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  a.mask([&](Position p) { return p.key <= p.place(*alignment); });
  return rest.finish();
}
