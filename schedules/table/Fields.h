// Reading the fields of a JSON object: every one must be there, of its type, and no other.
#pragma once

#include <nlohmann/json.hpp>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Error.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace heed {

/// Keeps the first mistake; finish() gives it, or says which key is not known.
class FieldReader {
public:
  using Json = nlohmann::json;
  using Words = llvm::ArrayRef<const char *>;

  explicit FieldReader(const Json &json) : json(json) {
    if (!json.is_object())
      fail("has to be an object, but is " + shown(json));
  }

  /// A whole number from 0 to 10^15.
  void read(const char *key, int64_t &value) {
    if (const Json *field = find(key)) {
      if (!field->is_number_integer() || field->get<double>() < 0 || field->get<double>() > 1e15)
        return fail(std::string(key) + " has to be a whole number, but is " + shown(*field));
      value = field->get<int64_t>();
    }
  }

  /// A finite number, not negative.
  void read(const char *key, double &value) {
    if (const Json *field = find(key)) {
      if (!field->is_number() || !std::isfinite(field->get<double>()) || field->get<double>() < 0)
        return fail(std::string(key) + " has to be a number, but is " + shown(*field));
      value = field->get<double>();
    }
  }

  void read(const char *key, bool &value) {
    if (const Json *field = find(key)) {
      if (!field->is_boolean())
        return fail(std::string(key) + " has to be true or false, but is " + shown(*field));
      value = field->get<bool>();
    }
  }

  /// A string; one of `words` where there are any.
  void read(const char *key, std::string &value, Words words = {}) {
    if (const Json *field = find(key))
      readWord(key, *field, value, words);
  }

  void read(const char *key, std::vector<std::string> &values, Words words) {
    const Json *field = find(key);
    if (!field)
      return;
    if (!field->is_array())
      return fail(std::string(key) + " has to be a list, but is " + shown(*field));
    for (const Json &element : *field)
      readWord(key, element, values.emplace_back(), words);
  }

  /// Anything: for fields with a reader of their own. A null pointer where it is missing.
  const Json *find(const char *key) {
    known.insert(key);
    if (!json.is_object())
      return nullptr;
    auto field = json.find(key);
    if (field == json.end())
      fail(std::string("the key ") + key + " is missing");
    return field == json.end() ? nullptr : &*field;
  }

  llvm::Error finish() {
    if (json.is_object())
      for (const auto &[key, value] : json.items())
        if (!known.contains(key))
          return llvm::createStringError("there is no key '" + key + "' here");
    return error.empty() ? llvm::Error::success() : llvm::createStringError(error);
  }

private:
  void readWord(const char *key, const Json &field, std::string &value, Words words) {
    if (!field.is_string())
      return fail(std::string(key) + " has to be a string, but is " + shown(field));
    value = field.get<std::string>();
    if (words.empty() || llvm::is_contained(words, value))
      return;
    std::string known;
    for (const char *word : words)
      known += (known.empty() ? "" : ", ") + std::string(word);
    fail(std::string(key) + " is '" + value + "', but has to be one of " + known);
  }

  void fail(std::string message) {
    if (error.empty())
      error = std::move(message);
  }
  /// At most some words of it, whatever bytes it holds.
  static std::string shown(const Json &json) {
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() > 60 ? text.substr(0, 60) + "..." : text;
  }

  const Json &json;
  std::string error;
  std::set<std::string> known;
};

} // namespace heed
