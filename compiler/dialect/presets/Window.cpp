// A query sees at most LEFT keys before its place and, where RIGHT is given, at most RIGHT after it
// (sliding windows: Beltagy et al. 2020, Longformer, section 3.1).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::windowMask(Attention &, Words arguments) {
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
  if (llvm::Error error = rest.finish())
    return error;
  return [left = *left, right, alignment = *alignment](Position p) {
    Integer place = p.place(alignment);
    Truth keep = place - left <= p.key;
    return right ? keep && p.key <= place + *right : keep;
  };
}
