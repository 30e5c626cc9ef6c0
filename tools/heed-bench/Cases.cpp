#include "tools/heed-bench/Cases.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Names.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

namespace heed::bench {

llvm::ArrayRef<Case> allCases() {
  // clang-format off
  static const std::vector<Case> cases = {
    // name        components                    b   h  hk     q     k    d
    {"bert128",    {},                           1, 12, 12,  128,  128,  64},
    {"minilm128",  {"lengths"},                  8, 12, 12,  128,  128,  32},
    {"bert512",    {},                           1, 12, 12,  512,  512,  64},
    {"gpt1k",      {"causal"},                   1, 12, 12, 1024, 1024,  64},
    {"llama2k",    {"causal"},                   1,  8,  2, 2048, 2048, 128},
    {"long8k",     {"causal"},                   1,  2,  2, 8192, 8192,  64},
    {"swa8k",      {"causal", "window=1023"},    1,  2,  2, 8192, 8192,  64},
    {"alibi1k",    {"causal", "alibi"},          1, 12, 12, 1024, 1024,  64},
    {"softcap1k",  {"causal", "softcap=30"},     1, 12, 12, 1024, 1024,  64, 6}, // so that the cap matters
    {"dense1k",    {},                           1, 12, 12, 1024, 1024,  64},
    {"dense1000",  {},                           1, 12, 12, 1000, 1000,  64},
    {"dense1023",  {},                           1, 12, 12, 1023, 1023,  64},
    {"causal1000", {"causal"},                   1, 12, 12, 1000, 1000,  64},
  };
  // clang-format on
  return cases;
}

llvm::Expected<std::vector<Case>> selectCases(llvm::ArrayRef<std::string> names) {
  if (names.empty())
    return allCases().vec();
  std::vector<Case> selected;
  for (const std::string &name : names) {
    const Case *found = llvm::find_if(allCases(), [&](const Case &c) { return c.name == name; });
    if (found == allCases().end())
      return userError(
          "no case is called '" + name + "': there are " +
          llvm::join(llvm::map_range(allCases(), [](const Case &c) { return c.name; }), ", "));
    selected.push_back(*found);
  }
  return selected;
}

namespace {

constexpr llvm::StringLiteral shapeSyntax = "write --shape b=1,h=12,hk=12,q=1024,k=1024,d=64";

/// Reads one "key=extent" into the field it names.
llvm::Error readExtent(llvm::StringRef item, Case &c) {
  const std::pair<llvm::StringRef, int64_t *> fields[] = {{"b", &c.batch},     {"h", &c.heads},
                                                          {"hk", &c.keyHeads}, {"q", &c.queries},
                                                          {"k", &c.keys},      {"d", &c.dim}};
  auto [key, value] = item.split('=');
  auto *field = llvm::find_if(fields, [&](const auto &f) { return f.first == key; });
  if (field == std::end(fields))
    return userError("--shape: there is no extent '" + key + "'; " + shapeSyntax);
  if (*field->second != 0)
    return userError("--shape: " + key + " is given twice");
  constexpr int64_t most = 1 << 20;
  if (value.getAsInteger(10, *field->second) || *field->second < 1 || *field->second > most)
    return userError("--shape: " + key + " must be a whole number from 1 to " + llvm::Twine(most) +
                     ", not '" + value + "'");
  return llvm::Error::success();
}

} // namespace

llvm::Expected<Case> parseShape(llvm::StringRef text, std::vector<std::string> components) {
  Case c{"custom", std::move(components), 0, 0, 0, 0, 0, 0};
  for (llvm::StringRef item : llvm::split(text, ','))
    if (llvm::Error error = readExtent(item, c))
      return error;
  if (c.queries == 0 || c.dim == 0)
    return userError("--shape: q and d must be given; " + shapeSyntax);
  auto orElse = [](int64_t &extent, int64_t other) { extent = extent == 0 ? other : extent; };
  orElse(c.batch, 1);
  orElse(c.heads, 1);
  orElse(c.keyHeads, c.heads);
  orElse(c.keys, c.queries);
  if (c.heads % c.keyHeads != 0)
    return userError("--shape: h=" + llvm::Twine(c.heads) +
                     " is no multiple of hk=" + llvm::Twine(c.keyHeads));
  constexpr int64_t most = 1 << 28; // elements of one tensor: 1 GB
  for (auto [sequence, heads] : {std::pair(c.queries, c.heads), {c.keys, c.keyHeads}})
    if (sequence * heads > most / c.dim / c.batch)
      return userError("--shape: a tensor would have more than 2^28 elements");
  return c;
}

std::string shapeText(const Case &c) {
  return fmt::format("b={},h={},hk={},q={},k={},d={}", c.batch, c.heads, c.keyHeads, c.queries,
                     c.keys, c.dim);
}

std::string kernelName(const Case &c) {
  std::string components = c.components.empty() ? "dense" : llvm::join(c.components, "_");
  return toIdentifier(components) + "_d" + std::to_string(c.dim);
}

} // namespace heed::bench
