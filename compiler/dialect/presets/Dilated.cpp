// A query sees every STEP-th key from its own place on, to both sides (strided attention: Child et
// al. 2019, section 4.2; Longformer's dilation: Beltagy et al. 2020, section 3.1).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::dilatedMask(Attention &, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> size = rest.size();
  if (!size)
    return size.takeError();
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  return [size = *size, alignment = *alignment](Position p) {
    return (p.place(alignment) - p.key) % size == 0;
  };
}
