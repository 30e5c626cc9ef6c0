#include "compiler/emit/Library.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/StringSet.h"

namespace heed {

llvm::Error checkNames(const Library &library) {
  llvm::StringSet<> seen;
  for (const LibraryEntry &entry : library.entries) {
    llvm::StringRef name = entry.signature.name;
    auto refuse = [&](const char *why) {
      return userError("kernel '" + name + "' cannot become a C function: " + why);
    };
    if (name.starts_with("_") || name.contains("__"))
      return refuse("names with a leading underscore or two in a row are reserved");
    if (name.starts_with("heed_") || name.starts_with("halide_"))
      return refuse("names that begin with heed_ or halide_ belong to the runtime");
    if (!seen.insert(name).second)
      return refuse("there are two of this name (a linear kernel NAME also makes NAME_pack)");
  }
  return llvm::Error::success();
}

} // namespace heed
