#include "models/common/Json.h"
#include "models/common/MappedFile.h"

#include <fmt/format.h>

#include <set>
#include <stdexcept>
#include <vector>

namespace heed {

namespace {

/// Deeper than any file a model comes with; keeps hostile input from costing memory.
constexpr int maxDepth = 64;

/// The parser's callback: remembers the keys of every object that is still open.
class StructureCheck {
public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json &value) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > maxDepth)
      throw std::invalid_argument(fmt::format("nested more than {} levels deep", maxDepth));
    if (event == Event::object_start)
      open.emplace_back();
    else if (event == Event::object_end)
      open.pop_back();
    else if (event == Event::key && !open.back().insert(value.get_ref<std::string &>()).second)
      throw std::invalid_argument(
          fmt::format("the key '{}' stands twice in one object", value.get_ref<std::string &>()));
    return true;
  }

private:
  std::vector<std::set<std::string>> open;
};

} // namespace

Result<nlohmann::json> parseJson(std::string_view text, const std::string &where) {
  try {
    // By reference: the parser copies its callback.
    StructureCheck check;
    return nlohmann::json::parse(
        text, [&](int depth, auto event, auto &value) { return check(depth, event, value); });
  } catch (const nlohmann::json::exception &e) {
    return Error{HEED_BAD_FILE, fmt::format("{}: not JSON: {:.300}", where, e.what())};
  } catch (const std::invalid_argument &e) {
    return Error{HEED_BAD_FILE, fmt::format("{}: {}", where, e.what())};
  }
}

Result<nlohmann::json> readJson(const std::string &path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  auto bytes = file->bytes();
  return parseJson({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, path);
}

namespace {

template <typename T> struct Expected;
template <> struct Expected<bool> {
  static constexpr const char *name = "true or false";
  static bool fits(const nlohmann::json &value) { return value.is_boolean(); }
};
template <> struct Expected<std::string> {
  static constexpr const char *name = "a string";
  static bool fits(const nlohmann::json &value) { return value.is_string(); }
};
template <> struct Expected<int> {
  static constexpr const char *name = "a number from 0 to 2147483647";
  static bool fits(const nlohmann::json &value) {
    return value.is_number_unsigned() && value.get<uint64_t>() <= 2147483647u;
  }
};
template <> struct Expected<double> {
  static constexpr const char *name = "a number";
  static bool fits(const nlohmann::json &value) { return value.is_number(); }
};
template <> struct Expected<const nlohmann::json *> {
  static constexpr const char *name = "an object or a list";
  static bool fits(const nlohmann::json &value) { return value.is_structured(); }
};

} // namespace

template <typename T>
Result<T> jsonField(const nlohmann::json &object, const char *key, const std::string &where) {
  if (!object.is_object())
    return Error{HEED_BAD_FILE, fmt::format("{}: expected an object that has '{}'", where, key)};
  auto found = object.find(key);
  if (found == object.end())
    return Error{HEED_BAD_FILE, fmt::format("{}: '{}' is missing", where, key)};
  if (!Expected<T>::fits(*found))
    return Error{HEED_BAD_FILE, fmt::format("{}: '{}' must be {}", where, key, Expected<T>::name)};
  if constexpr (std::is_pointer_v<T>)
    return T(&*found);
  else
    return found->get<T>();
}

template Result<bool> jsonField(const nlohmann::json &, const char *, const std::string &);
template Result<std::string> jsonField(const nlohmann::json &, const char *, const std::string &);
template Result<int> jsonField(const nlohmann::json &, const char *, const std::string &);
template Result<double> jsonField(const nlohmann::json &, const char *, const std::string &);
template Result<const nlohmann::json *> jsonField(const nlohmann::json &, const char *,
                                                  const std::string &);

} // namespace heed
