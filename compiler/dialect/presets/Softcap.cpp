// Scores are squeezed into (-X, X): X tanh(score / X) (Gemma 2, section 2).
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addSoftcap(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  Arguments rest(arguments);
  llvm::Expected<double> cap = rest.positive();
  if (!cap)
    return cap.takeError();
  builder.modify({}, [cap = *cap](BodyBuilder &body, Value score) -> Value {
    Value scaled = arith::MulFOp::create(body, score, body.real(1 / cap));
    Value squeezed = math::TanhOp::create(body, scaled);
    return arith::MulFOp::create(body, squeezed, body.real(cap));
  });
  return rest.finish();
}
