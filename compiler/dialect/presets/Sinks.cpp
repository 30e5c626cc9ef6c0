// The first N keys, which take what attention has no better place for: StreamingLLM keeps them
// beside a window, as causal,window=1024|sinks=4 (Xiao et al. 2023, section 3.1).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::sinksMask(Attention &, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> count = rest.count();
  if (!count)
    return count.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  return [count = *count](Position p) { return p.key < count; };
}
