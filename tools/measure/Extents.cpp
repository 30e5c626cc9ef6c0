#include "tools/measure/Extents.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace heed::measure {
namespace {

constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> shortNames[] = {
    {"b", "batch"}, {"h", "heads"}, {"hk", "key_heads"}, {"q", "queries"},
    {"k", "keys"},  {"d", "d"},     {"r", "rows"},       {"p", "positions"},
};

constexpr int64_t unknown = -1;

/// A symbol and what it is where nobody says: an extent, or another symbol's.
struct Default {
  llvm::StringLiteral symbol, other;
  int64_t value;
};
constexpr Default defaults[] = {{"batch", "", 1},
                                {"heads", "", 1},
                                {"key_heads", "heads", unknown},
                                {"keys", "queries", unknown}};

/// Extents of one signature while they become known.
class Resolver {
public:
  Resolver(const Signature &signature, const Extents &extents)
      : signature(signature), values(signature.symbols.size(), unknown) {
    for (auto [i, name] : llvm::enumerate(signature.symbols))
      if (auto given = extents.find(name); given != extents.end())
        values[i] = given->second;
  }

  std::vector<int64_t> run() {
    followSums();
    for (const Default &rule : defaults)
      if (int64_t *value = find(rule.symbol); value && *value == unknown) {
        int64_t *other = find(rule.other);
        *value = other ? *other : rule.value;
        followSums();
      }
    return values;
  }

private:
  int64_t *find(llvm::StringRef name) {
    auto found = llvm::find(signature.symbols, name);
    return found == signature.symbols.end() ? nullptr : &values[found - signature.symbols.begin()];
  }
  int64_t of(Extent extent) const { return extent >= 0 ? extent : values[-extent - 1]; }

  void followSums() {
    for (const DerivedExtent &derived : signature.derived) {
      int64_t &sum = values[-derived.symbol - 1];
      auto isUnknown = [&](const auto &term) { return of(term.first) == unknown; };
      if (sum == unknown && llvm::none_of(derived.terms, isUnknown)) {
        sum = 0;
        for (auto [extent, factor] : derived.terms)
          sum += of(extent) * factor;
      } else if (sum != unknown && derived.terms.size() == 1 && isUnknown(derived.terms.front())) {
        auto [extent, factor] = derived.terms.front();
        values[-extent - 1] = sum / factor;
      }
    }
  }

  const Signature &signature;
  std::vector<int64_t> values;
};

std::string nameOf(const Signature &signature, Extent extent) {
  return extent >= 0 ? std::to_string(extent) : signature.symbols[-extent - 1];
}

llvm::Error checkUnknown(const Signature &signature, llvm::ArrayRef<int64_t> values) {
  for (const SignatureArgument &argument : signature.arguments)
    for (auto [axis, extent] : llvm::enumerate(argument.shape))
      if (extent < 0 && values[-extent - 1] == unknown)
        return userError("how long is axis " + llvm::Twine(axis) + " of " + argument.name +
                         "? Add " + nameOf(signature, extent) + "=... to --shape");
  return llvm::Error::success();
}

llvm::Error checkRules(const Signature &signature, const Shapes &shapes) {
  for (auto [number, factor] : signature.multiples)
    if (shapes(number) % shapes(factor) != 0)
      return userError(nameOf(signature, number) + "=" + llvm::Twine(shapes(number)) +
                       " is no multiple of " + nameOf(signature, factor) + "=" +
                       llvm::Twine(shapes(factor)));
  for (const DerivedExtent &derived : signature.derived) {
    int64_t sum = 0;
    for (auto [extent, factor] : derived.terms)
      sum += shapes(extent) * factor;
    if (sum != shapes(derived.symbol))
      return userError(nameOf(signature, derived.symbol) + "=" +
                       llvm::Twine(shapes(derived.symbol)) + ", but what it is made of gives " +
                       llvm::Twine(sum));
  }
  constexpr int64_t most = 1 << 28;
  for (const SignatureArgument &argument : signature.arguments) {
    int64_t elements = 1;
    for (int64_t extent : shapes(argument))
      if ((elements *= extent) > most)
        return userError("tensor " + argument.name + " would have more than 2^28 elements");
  }
  return llvm::Error::success();
}

} // namespace

llvm::Expected<Extents> parseExtents(llvm::StringRef text, llvm::StringRef option) {
  Extents extents;
  for (llvm::StringRef item : llvm::split(text, ',')) {
    auto [name, value] = item.split('=');
    auto known = llvm::find_if(shortNames, [&](const auto &entry) { return entry.first == name; });
    llvm::StringRef symbol = name;
    if (known != std::end(shortNames))
      symbol = known->second;
    int64_t extent;
    constexpr int64_t most = 1 << 20;
    if (name.empty() || !item.contains('='))
      return userError(option + ": '" + item + "' says no extent; write " + option +
                       " b=1,h=12,hk=12,q=1024,k=1024,d=64");
    if (value.getAsInteger(10, extent) || extent < 1 || extent > most)
      return userError(option + ": " + name + " must be a whole number from 1 to " +
                       llvm::Twine(most) + ", not '" + value + "'");
    if (!extents.emplace(symbol.str(), extent).second)
      return userError(option + ": " + name + " is given twice");
  }
  return extents;
}

std::string showExtents(const Extents &extents) {
  Extents rest = extents;
  std::vector<std::string> items;
  for (auto [brief, name] : shortNames)
    if (auto extent = rest.extract(name.str()); !extent.empty())
      items.push_back(brief.str() + "=" + std::to_string(extent.mapped()));
  for (const auto &[name, extent] : rest)
    items.push_back(name + "=" + std::to_string(extent));
  return llvm::join(items, ",");
}

llvm::Expected<Shapes> Shapes::resolve(const Signature &signature, const Extents &extents) {
  Shapes shapes;
  shapes.symbols = signature.symbols;
  shapes.values = Resolver(signature, extents).run();
  if (llvm::Error error = checkUnknown(signature, shapes.values))
    return std::move(error);
  if (llvm::Error error = checkRules(signature, shapes))
    return std::move(error);
  return shapes;
}

std::vector<int64_t> Shapes::operator()(const SignatureArgument &argument) const {
  std::vector<int64_t> shape;
  for (Extent extent : argument.shape)
    shape.push_back((*this)(extent));
  return shape;
}

int64_t Shapes::named(llvm::StringRef symbol, int64_t fallback) const {
  auto found = llvm::find(symbols, symbol);
  return found == symbols.end() ? fallback : values[found - symbols.begin()];
}

Extents Shapes::extents() const {
  Extents all;
  for (auto [symbol, value] : llvm::zip(symbols, values))
    all.emplace(symbol, value);
  return all;
}

std::string unknownExtent(const Signature &signature, const Extents &extents) {
  for (const auto &[name, extent] : extents)
    if (!llvm::is_contained(signature.symbols, name))
      return name;
  return "";
}

} // namespace heed::measure
