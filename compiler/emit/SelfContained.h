// Libraries with the runtime inside.
#pragma once

#include "compiler/emit/Archive.h"
#include "compiler/emit/Library.h"

namespace heed {

/// One relocatable object of `objects` and the runtime, in which every symbol is private but the
/// entries and the library's own names for the runtime's functions (LIBRARY_last_error, ...): any
/// number of such libraries can be linked into one program. Needs ld and objcopy.
llvm::Expected<std::string> emitStandaloneObject(const Library &library,
                                                 llvm::ArrayRef<ArchiveMember> objects,
                                                 const std::string &runtime);

/// A shared library of `objects` and the runtime that exports the entries and the functions of
/// heed/heed.h. Needs a C compiler, to link.
llvm::Expected<std::string> emitSharedLibrary(const Library &library,
                                              llvm::ArrayRef<ArchiveMember> objects,
                                              const std::string &runtime);

/// libheed.a, beside this executable's folder: where it was built, or installed.
llvm::Expected<std::string> findRuntime();

} // namespace heed
