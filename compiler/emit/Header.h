// NAME.h: what a C program includes to call a library's entries.
#pragma once

#include "compiler/emit/Library.h"

#include <string>

namespace heed {

/// Plain C: one documented prototype an entry, and for each linear kernel the shape of its packed
/// weights as NAME_PACKED_PANELS, NAME_PACKED_INPUTS and NAME_PACKED_WIDTH. A `standalone` library
/// also has its own names for the runtime's functions: LIBRARY_last_error for heed_last_error and
/// so on.
std::string emitHeader(const Library &library, bool standalone);

/// "(batch, queries, 12, 64)": extents in words.
std::string shapeText(const Signature &signature, const SignatureArgument &argument);

/// "float32", as NumPy says it.
llvm::StringRef typeName(ElementType type);

/// "input", "output", "key lengths", ...
llvm::StringRef roleName(Role role);

/// The functions of heed/heed.h, and of heed/device.h where there are kernels for devices, that a
/// self-contained library offers: name after `heed_`, result, parameters.
struct RuntimeFunction {
  const char *name, *result, *parameters;
};
std::vector<RuntimeFunction> runtimeFunctions(const Library &library);

} // namespace heed
