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

/// Refuses what the dialect cannot see: names of entries that could clash with a stage's symbol
/// (NAME__TARGET), or with each other.
llvm::Error checkEntryNames(llvm::ArrayRef<std::string> names);

} // namespace heed
