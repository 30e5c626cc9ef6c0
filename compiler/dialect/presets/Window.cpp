// A query sees at most LEFT keys before its place and, where RIGHT is given, at most RIGHT after it
// (sliding windows: Beltagy et al. 2020, Longformer, section 3.1).
#include "compiler/dialect/presets/Components.h"

using namespace mlir;
using namespace heed;

llvm::Error presets::addWindow(AttentionBuilder &builder, ArrayRef<StringRef> arguments) {
  Arguments rest(arguments);
  llvm::Expected<int64_t> left = rest.count();
  if (!left)
    return left.takeError();
  std::optional<int64_t> right;
  if (arguments.size() > 1 && llvm::isDigit(arguments[1].empty() ? ' ' : arguments[1].front())) {
    llvm::Expected<int64_t> given = rest.count();
    if (!given)
      return given.takeError();
    right = *given;
  }
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();

  builder.mask({}, [left = *left, right, alignment = *alignment](BodyBuilder &body) -> Value {
    Value place = body.place(alignment);
    Value lowest = arith::SubIOp::create(body, place, body.index(left));
    Value keep = body.isLessOrEqual(lowest, body.key);
    if (!right)
      return keep;
    Value highest = arith::AddIOp::create(body, place, body.index(*right));
    return arith::AndIOp::create(body, keep, body.isLessOrEqual(body.key, highest));
  });
  return rest.finish();
}
