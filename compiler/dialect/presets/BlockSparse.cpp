// A tensor says for each head which blocks of SIZE queries and SIZE keys count (block-sparse
// attention: Zaheer et al. 2020, BigBird; Gray et al. 2017). A head stride of 0 gives all heads the
// same blocks.
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::blockSparseMask(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> size = rest.size();
  if (!size)
    return size.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  auto blocks = a.input<bool>("blocks", {a.shape().heads, any, any});
  return
      [blocks, size = *size](Position p) { return blocks(p.head, p.query / size, p.key / size); };
}
