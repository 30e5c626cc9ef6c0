#include "compiler/emit/Ranges.h"

#include "llvm/ADT/STLExtras.h"

namespace heed {

static std::optional<Extent> findNamed(const Signature &signature, llvm::StringRef name) {
  auto found = llvm::find_if(signature.extents, [&](const auto &e) { return e.first == name; });
  return found == signature.extents.end() ? std::nullopt : std::optional(found->second);
}

std::optional<BoundedExtent> findExtent(const Signature &signature, llvm::StringRef name) {
  if (name == "batch_heads") {
    std::optional<Extent> batch = findNamed(signature, "batch"),
                          heads = findNamed(signature, "heads");
    if (!batch || !heads)
      return std::nullopt;
    return *batch < 0 ? BoundedExtent{*batch, *heads} : BoundedExtent{*heads, *batch};
  }
  std::optional<Extent> extent = findNamed(signature, name);
  return extent ? std::optional(BoundedExtent{*extent, 1}) : std::nullopt;
}

std::optional<std::vector<ExtentRange>> undecided(const Signature &signature,
                                                  llvm::ArrayRef<ExtentRange> when) {
  std::vector<ExtentRange> open;
  for (const ExtentRange &range : when) {
    std::optional<BoundedExtent> extent = findExtent(signature, range.extent);
    if (!extent || !extent->isFixed())
      open.push_back(range);
    else if (!range.holds(extent->first * extent->second))
      return std::nullopt;
  }
  return open;
}

std::string extentNames(const Signature &signature) {
  std::string names;
  for (const auto &[name, extent] : signature.extents)
    names += (names.empty() ? "" : ", ") + name;
  if (findExtent(signature, "batch_heads"))
    names += ", batch_heads";
  return names;
}

} // namespace heed
