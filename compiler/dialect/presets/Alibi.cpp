// A penalty on the distance between a query and a key, with a slope for each head that the kernel
// takes as an argument (Press et al. 2022).
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addAlibi(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  Arguments rest(arguments);
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  Type f32 = Float32Type::get(builder.getContext());
  Value slopes = builder.addArgument("slopes", {builder.extentOf('h')}, f32);
  builder.modify(slopes, [alignment = *alignment](BodyBuilder &body, Value score) -> Value {
    Value slope = attn::LoadOp::create(body, body.getF32Type(), body.captures[0], body.head);
    Value difference = arith::SubIOp::create(body, body.key, body.place(alignment));
    Value distance = math::AbsIOp::create(body, difference);
    Value asInteger = arith::IndexCastOp::create(body, body.getI32Type(), distance);
    Value asReal = arith::SIToFPOp::create(body, body.getF32Type(), asInteger);
    Value penalty = arith::MulFOp::create(body, slope, asReal);
    return arith::SubFOp::create(body, score, penalty);
  });
  return rest.finish();
}
