// Which names can stand in the generated C header.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace heed {

/// A C identifier that is a keyword of neither C nor C++.
bool isIdentifier(llvm::StringRef name);

} // namespace heed
