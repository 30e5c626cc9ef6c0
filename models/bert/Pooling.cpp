#include "models/bert/Pooling.h"
#include "models/common/Json.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

namespace heed {

namespace {

/// modules.json: a transformer, then pooling; whether a normalization follows does not change a
/// cosine.
Result<std::string> poolingFolder(const std::string &path) {
  Result<nlohmann::json> modules = readJson(path);
  if (!modules)
    return modules.error();
  if (!modules->is_array())
    return Error{HEED_BAD_FILE, path + ": must be a list of modules"};
  std::string folder;
  for (const nlohmann::json &module : *modules) {
    Result<std::string> type = jsonField<std::string>(module, "type", path);
    Result<std::string> place = jsonField<std::string>(module, "path", path);
    if (!type || !place)
      return !type ? type.error() : place.error();
    if (type->ends_with(".Pooling"))
      folder = *place;
    else if (!type->ends_with(".Transformer") && !type->ends_with(".Normalize"))
      return Error{HEED_BAD_FILE,
                   fmt::format("{}: a module '{}' is not supported; known: Transformer, Pooling, "
                               "Normalize",
                               path, *type)};
  }
  if (folder.empty())
    return Error{HEED_BAD_FILE, path + ": no Pooling module"};
  return folder;
}

} // namespace

Status checkPooling(const std::string &folder) {
  if (!std::filesystem::exists(folder + "/modules.json"))
    return success();
  Result<std::string> pooling = poolingFolder(folder + "/modules.json");
  if (!pooling)
    return pooling.error();
  std::string path = fmt::format("{}/{}/config.json", folder, *pooling);
  Result<nlohmann::json> json = readJson(path);
  if (!json)
    return json.error();
  Result<bool> mean = jsonField<bool>(*json, "pooling_mode_mean_tokens", path);
  if (!mean)
    return mean.error();
  for (const auto &[key, value] : json->items())
    if (key.starts_with("pooling_mode_") && value != (key == "pooling_mode_mean_tokens"))
      return Error{HEED_BAD_FILE,
                   fmt::format("{}: '{}' is {}; only the mean over the tokens is supported", path,
                               key, value.dump())};
  return success();
}

std::vector<float> meanPool(std::span<const float> hidden, int64_t width) {
  std::vector<double> sum(width);
  for (size_t i = 0; i < hidden.size(); ++i)
    sum[i % width] += hidden[i];
  double squares = 0;
  for (double x : sum)
    squares += x * x;
  double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
  std::vector<float> result;
  for (double x : sum)
    result.push_back(static_cast<float>(x * scale));
  return result;
}

} // namespace heed
