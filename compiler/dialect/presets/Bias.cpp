// A tensor is added to the scores: learned biases, relative positions, any mask made elsewhere
// (with -inf). AXES says what it depends on: letters of b (batch), h (head), q (query), k (key), in
// the tensor's order.
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addBias(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  Arguments rest(arguments);
  std::string axes = rest.word("hqk").str();
  for (size_t i = 0; i < axes.size(); ++i)
    if (!StringRef("bhqk").contains(axes[i]) || axes.find(axes[i], i + 1) != std::string::npos)
      return llvm::createStringError("'" + axes +
                                     "' must be letters of b, h, q and k, each once at most");
  SmallVector<int64_t> shape;
  for (char axis : axes)
    shape.push_back(builder.extentOf(axis));

  Type f32 = Float32Type::get(builder.getContext());
  Value bias = builder.addArgument("bias", shape, f32);
  builder.modify(bias, [=](BodyBuilder &body, Value score) -> Value {
    SmallVector<Value> place;
    for (char axis : axes)
      place.push_back(axis == 'b'   ? body.batch
                      : axis == 'h' ? body.head
                      : axis == 'q' ? body.query
                                    : body.key);
    Value here = attn::LoadOp::create(body, f32, body.captures[0], place);
    return arith::AddFOp::create(body, score, here);
  });
  return rest.finish();
}
