// JSON from untrusted files: strict, with bounded nesting, duplicate keys refused.
#pragma once

#include "models/common/Result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace heed {

/// `where` opens every message: the file's name.
Result<nlohmann::json> parseJson(std::string_view text, const std::string &where);

Result<nlohmann::json> readJson(const std::string &path);

/// The member `key` of `object` as a T, or an error that names the file, the key and what was
/// expected.
template <typename T>
Result<T> jsonField(const nlohmann::json &object, const char *key, const std::string &where);

} // namespace heed
