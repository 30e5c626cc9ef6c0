// A query sees the chunk of SIZE keys that it stands in (chunked attention: Llama 4; Child et al.
// 2019).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::chunkMask(Attention &, Words arguments) {
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
    return p.key / size == p.place(alignment) / size;
  };
}
