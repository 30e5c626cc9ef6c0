// Every query sees the first N keys; past them a query sees the keys up to its own place (prefix
// language models: Raffel et al. 2020, section 3.2.1).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::prefixMask(Attention &, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> count = rest.count();
  if (!count)
    return count.takeError();
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  return [count = *count, alignment = *alignment](Position p) {
    return p.key < count || p.key <= p.place(alignment);
  };
}
