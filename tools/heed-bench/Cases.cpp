#include "tools/heed-bench/Cases.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Names.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace heed::bench {
namespace {

/// A row of the table.
struct Row {
  const char *name;
  std::vector<std::string> components;
  int64_t batch, heads, keyHeads, queries, keys, dim;
  const char *dtype = "f32";
  double deviation = 1;
  measure::Extents more = {}; // extents of the mask's argument
};

const Row table[] = {
    // clang-format off
    // name           components                   b   h  hk     q     k    d
    {"bert128",       {},                           1, 12, 12,  128,  128,  64},
    {"minilm128",     {"lengths"},                  8, 12, 12,  128,  128,  32},
    {"bert512",       {},                           1, 12, 12,  512,  512,  64},
    {"gpt1k",         {"causal"},                   1, 12, 12, 1024, 1024,  64},
    {"llama2k",       {"causal"},                   1,  8,  2, 2048, 2048, 128},
    {"long8k",        {"causal"},                   1,  2,  2, 8192, 8192,  64},
    {"swa8k",         {"causal", "window=1023"},    1,  2,  2, 8192, 8192,  64},
    {"decode4k",      {},                           1, 32,  8,    1, 4096, 128},
    {"decode4k-bf16", {},                           1, 32,  8,    1, 4096, 128, "bf16"},
    {"alibi1k",       {"causal", "alibi"},          1, 12, 12, 1024, 1024,  64},
    {"softcap1k",     {"causal", "softcap=30"},     1, 12, 12, 1024, 1024,  64, "f32", 6}, // so that the cap matters
    {"cosine1k",      {"cosine"},                   1, 12, 12, 1024, 1024,  64},
    {"additive256",   {"additive=64"},              1,  8,  8,  256,  256,  64},
    {"llama2k-bf16",  {"causal"},                   1,  8,  2, 2048, 2048, 128, "bf16"},
    {"llama2k-bf16w", {"causal", "weights_as=bf16"}, 1, 8,  2, 2048, 2048, 128, "bf16"},
    {"decode4k-bf16w", {"weights_as=bf16"},         1, 32,  8,    1, 4096, 128, "bf16"},
    {"decode1k",      {},                           1, 12, 12,    1, 1024,  64},
    {"decode4k-int8", {"int8_cache"},               1, 32,  8,    1, 4096, 128},
    {"rope1k",        {"causal", "rotary"},         1, 12, 12, 1024, 1024,  64},
    {"docs8k",        {"causal", "documents"},      1,  2,  2, 8192, 8192,  64, "f32", 1, {{"segments.shape[0]", 9}}},
    {"sparse4k",      {"block_sparse=64"},          1,  2,  2, 4096, 4096,  64, "f32", 1, {{"blocks.shape[1]", 64}, {"blocks.shape[2]", 64}}},
    {"dense1k",       {},                           1, 12, 12, 1024, 1024,  64},
    {"dense1000",     {},                           1, 12, 12, 1000, 1000,  64},
    {"dense1023",     {},                           1, 12, 12, 1023, 1023,  64},
    {"causal1000",    {"causal"},                   1, 12, 12, 1000, 1000,  64},
    // clang-format on
};

Case caseOf(const Row &row) {
  Case c{row.name,
         row.components,
         row.dtype,
         {{"batch", row.batch},
          {"heads", row.heads},
          {"key_heads", row.keyHeads},
          {"queries", row.queries},
          {"keys", row.keys},
          {"d", row.dim}},
         row.deviation};
  for (const auto &[name, extent] : row.more)
    c.extents[name] = extent;
  return c;
}

} // namespace

llvm::ArrayRef<Case> allCases() {
  static const auto cases = llvm::to_vector(llvm::map_range(table, caseOf));
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

llvm::Expected<std::vector<Case>>
presetCase(llvm::StringRef shape, std::vector<std::string> components, std::string dtype) {
  auto extents = measure::parseExtents(shape);
  if (!extents)
    return extents.takeError();
  if (!extents->contains("queries") || !extents->contains("d"))
    return userError("--shape: q and d must be given; write --shape "
                     "b=1,h=12,hk=12,q=1024,k=1024,d=64");
  return std::vector<Case>{
      {"custom", std::move(components), std::move(dtype), std::move(*extents)}};
}

std::string kernelName(const Case &c) {
  if (!c.file.empty())
    return c.name;
  std::string components = c.components.empty() ? "dense" : llvm::join(c.components, "_");
  std::string dtype = c.dtype == "f32" ? "" : "_" + c.dtype;
  return toIdentifier(components) + "_d" + std::to_string(c.extents.at("d")) + dtype;
}

std::string optionsFor(const Case &c) {
  if (llvm::any_of(allCases(), [&](const Case &known) { return known.name == c.name; }))
    return "--case " + c.name;
  std::string options = c.file.empty() ? "" : c.file + " ";
  options += "--shape " + measure::showExtents(c.extents);
  if (!c.components.empty())
    options += " --preset '" + llvm::join(c.components, ",") + "'";
  if (c.file.empty() && c.dtype != "f32")
    options += " --dtype " + c.dtype;
  return options;
}

} // namespace heed::bench
