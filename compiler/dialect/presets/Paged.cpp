// Keys and values lie in pages of SIZE positions that a table finds (Kwon et al. 2023,
// section 4.1).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addPaged(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> size = rest.size();
  if (!size)
    return size.takeError();
  a.paged(*size);
  return rest.finish();
}
