// A tensor is added to the scores: learned biases, relative positions, any mask made elsewhere
// (with -inf). AXES says what it depends on: letters of b (batch), h (head), q (query), k (key), in
// the tensor's order.
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addBias(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments) {
  Arguments rest(arguments);
  std::string axes = rest.word("hqk").str();
  for (size_t i = 0; i < axes.size(); ++i)
    if (!llvm::StringRef("bhqk").contains(axes[i]) ||
        axes.find(axes[i], i + 1) != std::string::npos)
      return llvm::createStringError("'" + axes +
                                     "' must be letters of b, h, q and k, each once at most");
  std::vector<Extent> extents;
  for (char axis : axes)
    extents.push_back(axis == 'h' ? a.shape().heads : any);
  auto bias = a.input<Real>("bias", extents);
  a.modify([&](Real x, Position p) {
    std::vector<Integer> place;
    for (char axis : axes)
      place.push_back(axis == 'b' ? p.batch : axis == 'h' ? p.head : axis == 'q' ? p.query : p.key);
    return x + bias.at(place);
  });
  return rest.finish();
}
