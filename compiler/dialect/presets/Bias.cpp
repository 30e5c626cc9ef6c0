// A tensor is added to the scores: learned biases, relative positions, any mask made elsewhere
// (with -inf). AXES says what it depends on: letters of b (batch), h (head), q (query), k (key), in
// the tensor's order.
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addBias(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<Axes> axes = rest.axes("hqk");
  if (!axes)
    return axes.takeError();
  auto bias = a.input<Real>("bias", axes->extents(a));
  a.modify([&](Real x, Position p) { return x + bias.at(axes->place(p)); });
  return rest.finish();
}
