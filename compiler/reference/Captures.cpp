#include "compiler/reference/Captures.h"

using namespace mlir;
using namespace heed;

const Array &heed::inputFor(Value argument, ArrayRef<Array> inputs) {
  return inputs[cast<BlockArgument>(argument).getArgNumber()];
}

static Number numberOf(double value, Type element) {
  if (element.isF32())
    return value;
  return element.isInteger(1) ? Number(value != 0) : Number(static_cast<int64_t>(value));
}

Context<Number> heed::captureContext(attn::Component component, ArrayRef<Array> inputs) {
  Context<Number> context;
  context.load = [=](unsigned capture, ArrayRef<Number> indices) mutable {
    Value tensor = component.getCaptures()[capture];
    auto index = llvm::map_to_vector(indices, [](const Number &i) { return i.asInteger(); });
    return numberOf(inputFor(tensor, inputs)(index),
                    cast<RankedTensorType>(tensor.getType()).getElementType());
  };
  context.extent = [=](unsigned capture, unsigned axis) mutable {
    return Number(inputFor(component.getCaptures()[capture], inputs).shape[axis]);
  };
  return context;
}
