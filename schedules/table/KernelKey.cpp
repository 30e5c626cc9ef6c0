#include "schedules/table/KernelKey.h"
#include "schedules/table/Fields.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>

namespace heed {
namespace {

using Words = llvm::ArrayRef<const char *>;

constexpr const char *kinds[] = {"attention", "merge", "linear", "rowwise"};
constexpr const char *elementTypes[] = {"f16", "bf16", "f32", "f64", "i8", "i32", "i64", "u8"};
constexpr const char *scores[] = {"dot", "pairwise"};
constexpr const char *operandKinds[] = {"stored", "made"};
constexpr const char *masks[] = {"none", "band", "data"}; // in the order of their steps
constexpr const char *modifies[] = {"none", "cheap", "costly"};
constexpr const char *resultKinds[] = {"output", "log_sum_exp", "state", "keys"};

// One list of fields, read by all: JSON in, JSON out, differences.
template <typename Key, typename Visitor> void visitFields(Key &key, Visitor &&visit) {
  visit("kind", key.kind, Words(kinds));
  visit("types", key.types, Words(elementTypes));
  visit("dim", key.dim);
  visit("value_dim", key.valueDim);
  visit("group", key.group);
  visit("score", key.score, Words(scores));
  visit("operands", key.operands, Words(operandKinds));
  visit("mask", key.mask, Words(masks));
  visit("modify", key.modify, Words(modifies));
  visit("results", key.results, Words(resultKinds));
  visit("whole_row", key.wholeRow);
}

/// Of two positive numbers, |log2(a / b)|; 1 where one of them is no such number.
double doublings(int64_t a, int64_t b) {
  if (a == b)
    return 0;
  return a > 0 && b > 0 ? std::abs(std::log2(double(a) / double(b))) : 1;
}

double steps(Words words, const std::string &a, const std::string &b) {
  return std::abs(double(llvm::find(words, a) - llvm::find(words, b)));
}

bool isDouble(const KernelKey &key) { return llvm::is_contained(key.types, "f64"); }

double typeDistance(const KernelKey &a, const KernelKey &b) {
  double sum = 0;
  for (size_t i = 0; i < std::max(a.types.size(), b.types.size()); ++i)
    sum += i >= a.types.size() || i >= b.types.size() || a.types[i] != b.types[i];
  return sum;
}

} // namespace

nlohmann::ordered_json toJson(const KernelKey &key) {
  nlohmann::ordered_json json;
  visitFields(key, [&](const char *name, const auto &value, auto...) { json[name] = value; });
  return json;
}

llvm::Expected<KernelKey> keyFromJson(const nlohmann::json &json) {
  KernelKey key;
  FieldReader reader(json);
  visitFields(key, [&](const char *name, auto &value, auto... words) {
    reader.read(name, value, words...);
  });
  if (llvm::Error error = reader.finish())
    return error;
  return key;
}

double distance(const KernelKey &a, const KernelKey &b) {
  if (a.kind != b.kind || a.wholeRow != b.wholeRow || isDouble(a) != isDouble(b))
    return std::numeric_limits<double>::infinity();
  double group = a.group == b.group             ? 0
                 : a.group == 0 || b.group == 0 ? 0.25
                                                : doublings(a.group, b.group) / 2;
  return doublings(a.dim, b.dim) + doublings(a.valueDim, b.valueDim) + group + typeDistance(a, b) +
         4 * (a.score != b.score) + 4 * (a.operands != b.operands) + steps(masks, a.mask, b.mask) +
         steps(modifies, a.modify, b.modify) / 2 + 0.5 * (a.results != b.results);
}

std::string differenceText(const KernelKey &near, const KernelKey &wanted) {
  nlohmann::ordered_json has = toJson(near), wants = toJson(wanted);
  auto word = [](const nlohmann::ordered_json &value) {
    if (value.is_string())
      return value.get<std::string>();
    std::string text = value.dump();
    llvm::erase(text, '"');
    return text;
  };
  std::string text;
  for (const auto &[name, value] : has.items())
    if (value != wants[name] && !(name == "group" && wanted.group == 0))
      text += (text.empty() ? "" : ", ") + name + " " + word(value) + " for " + word(wants[name]);
  return text;
}

} // namespace heed
