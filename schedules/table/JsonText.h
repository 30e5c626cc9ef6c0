// JSON that people edit: mistakes are located.
#pragma once

#include <nlohmann/json.hpp>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace heed {

struct JsonText {
  nlohmann::json json;
  std::vector<unsigned> lines; ///< where the objects begin that stand in the lists of the outermost
                               ///< object, in order; from 1
};

/// "FILE:3:9: error: this is no JSON: ..." for what does not parse, and "FILE: error: ..." for
/// brackets so deep that a reader's stack could end.
llvm::Expected<JsonText> parseJson(const std::string &file, llvm::StringRef text);

/// The same of a file's contents; `what` it is: "cannot read the plan FILE: No such file".
llvm::Expected<JsonText> readJson(const std::string &what, const std::string &file);

} // namespace heed
