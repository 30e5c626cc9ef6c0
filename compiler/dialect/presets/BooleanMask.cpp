// A tensor of truths says which pairs count. AXES says what it depends on: letters of b (batch), h
// (head), q (query), k (key), in the tensor's order.
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::booleanMask(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<Axes> axes = rest.axes("qk");
  if (!axes)
    return axes.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  auto mask = a.input<bool>("mask", axes->extents(a));
  return [mask, axes = *axes](Position p) { return mask.at(axes.place(p)); };
}
