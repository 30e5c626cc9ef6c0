// Names for C made from names of files. Kernels' and arguments' names are identifiers already: the
// dialect's verifier sees to it.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// `name` with '_' for every character that an identifier cannot hold, and before a leading digit.
std::string toIdentifier(llvm::StringRef name);

/// toIdentifier in capitals.
std::string toMacro(llvm::StringRef name);

/// Refuses names of entries that the linker or Heed's own names would not survive: two underscores
/// in a row, a leading underscore, `heed_` or `halide_`, or one name twice.
llvm::Error checkEntryNames(llvm::ArrayRef<std::string> names);

} // namespace heed
