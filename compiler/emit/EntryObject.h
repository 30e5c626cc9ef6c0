// The object that ties kernels to the runtime: constant heed_kernel tables and one function an
// entry.
#pragma once

#include "compiler/emit/Library.h"

namespace heed {

/// An ELF relocatable for x86-64 (position independent, baseline instructions) that defines, for
/// each entry,
///
///     heed_status NAME(const DLTensor *a, ..., DLTensor *out) { return heed_call(&table, {a, ...,
///     out}); }
///
/// and refers to heed_call and to every stage's `<symbol>_argv`. Built with LLVM in process: no C
/// compiler is needed. The bytes depend on `library` alone.
llvm::Expected<std::string> emitEntryObject(const Library &library);

} // namespace heed
