// Every query sees the first N keys; past them a query sees the keys up to its own place (prefix
// language models: Raffel et al. 2020, section 3.2.1).
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addPrefix(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> count = rest.count();
  if (!count)
    return count.takeError();
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  builder.mask({}, [count = *count, alignment = *alignment](BodyBuilder &body) -> Value {
    Value inPrefix =
        arith::CmpIOp::create(body, arith::CmpIPredicate::slt, body.key, body.index(count));
    Value causal = body.isLessOrEqual(body.key, body.place(alignment));
    return arith::OrIOp::create(body, inPrefix, causal);
  });
  return rest.finish();
}
