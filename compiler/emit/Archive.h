// NAME.a: the objects in one archive.
#pragma once

#include "compiler/emit/Library.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

struct ArchiveMember {
  std::string name; ///< "alibi__x86_64_avx2.o"
  std::string object;
};

/// All objects of `library`: its entries' first, then one for each stage, then what kernels for
/// devices need of Halide's runtime.
llvm::Expected<std::vector<ArchiveMember>> libraryObjects(const Library &library);

/// An ar archive with a symbol table; no dates or owners, so the bytes depend on the members alone.
llvm::Expected<std::string> emitArchive(llvm::ArrayRef<ArchiveMember> members);

} // namespace heed
