// Keys and values are int8, with a scale for each token and head, or for each column of keys and
// each token of values (Liu et al. 2024, KIVI, section 3.2).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addInt8(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::StringRef of = rest.word("tokens");
  if (of != "tokens" && of != "columns")
    return llvm::createStringError("'" + of + "' is neither tokens nor columns");
  Extent heads = a.shape().keyHeads;
  if (of == "tokens") {
    auto keyScales = a.input<Real>("key_scales", {any, any, heads});
    a.int8(keyScales, a.input<Real>("value_scales", {any, any, heads}));
  } else {
    auto keyScales = a.input<Real>("key_scales", {heads, a.shape().headDim});
    a.int8(keyScales, a.input<Real>("value_scales", {any, any, heads}));
  }
  return rest.finish();
}
