// How long to search.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace heed::tune {

/// Seconds of "30", "90s", "2m" or "1h"; an error says what is wrong. At least 1.
llvm::Expected<double> parseBudget(llvm::StringRef text);

} // namespace heed::tune
