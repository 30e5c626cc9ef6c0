// Reading what stands after a preset's "=". Errors say what was expected; who calls adds the
// preset's syntax.
#pragma once

#include <heed/builder.h>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

namespace heed {

/// Takes arguments from the front, one by one.
class Arguments {
public:
  explicit Arguments(llvm::ArrayRef<llvm::StringRef> rest) : rest(rest) {}

  bool empty() const { return rest.empty(); }
  /// A whole number from 0 to 2^30.
  llvm::Expected<int64_t> count();
  /// A positive number.
  llvm::Expected<double> positive();
  /// A word; `fallback` where nothing is left.
  llvm::StringRef word(llvm::StringRef fallback);
  /// top_left, bottom_right, or nothing, which is top_left.
  llvm::Expected<Alignment> alignment();
  /// An error where something is left.
  llvm::Error finish();

private:
  llvm::ArrayRef<llvm::StringRef> rest;
};

} // namespace heed
