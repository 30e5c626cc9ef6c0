// What heedc writes.
#pragma once

#include "compiler/emit/Library.h"
#include "tools/heedc/CommandLine.h"

namespace heed {

/// Writes NAME.a or NAME.so, NAME.h and NAME.json: all of them or none. Sets the library's name by
/// the command line, or `fallback`.
llvm::Error writeLibrary(const CommandLine &line, Library library, const std::string &fallback);

/// Writes to the file of -o, or to standard output.
llvm::Error writeText(const CommandLine &line, llvm::StringRef text);

/// Writes to standard output.
llvm::Error print(llvm::StringRef text);

} // namespace heed
