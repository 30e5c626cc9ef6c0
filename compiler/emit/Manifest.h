// NAME.json: what is in a library, for people and for tools.
#pragma once

#include "compiler/emit/Library.h"

#include <string>

namespace heed {

/// Version, entries with their arguments, and for each variant its target, plan, where the plan
/// came from and its objects with sizes, SHA-256 and, for devices, their kernels' figures. Holds no
/// date and no path of this machine.
std::string emitManifest(const Library &library);

} // namespace heed
