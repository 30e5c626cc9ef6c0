// Files that appear whole or not at all.
#pragma once

#include "models/common/Result.h"

#include <string>
#include <string_view>

namespace heed {

/// Writes beside `path` and renames: a reader never sees half of it, and a failure leaves what was
/// there.
Status writeWholeFile(const std::string &path, std::string_view text);

} // namespace heed
