// Queries and keys turn by angles that grow with the position (Su et al. 2021, section 3.2.2). The
// kernel takes cosines and sines as tables (position, dim / 2).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addRotary(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::StringRef order = rest.word("half");
  if (order != "half" && order != "interleaved")
    return llvm::createStringError("'" + order + "' is neither half nor interleaved");
  int64_t dim = a.shape().headDim;
  if (dim % 2 != 0)
    return llvm::createStringError("a head dim of " + llvm::Twine(dim) + " has no halves");
  auto cosines = a.input<Real>("cosines", {any, dim / 2});
  auto sines = a.input<Real>("sines", {any, dim / 2});
  a.rotary(cosines, sines, order == "half" ? Rotary::Half : Rotary::Interleaved);
  return rest.finish();
}
