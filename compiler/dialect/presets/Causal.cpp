// A query sees the keys up to its own place.
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::causalMask(Attention &, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  return [alignment = *alignment](Position p) { return p.key <= p.place(alignment); };
}
