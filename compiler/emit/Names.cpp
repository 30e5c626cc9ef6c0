#include "compiler/emit/Names.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace heed {

std::string toIdentifier(llvm::StringRef name) {
  std::string result = name.str();
  for (char &c : result)
    if (!llvm::isAlnum(c))
      c = '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "_");
  return result;
}

std::string toMacro(llvm::StringRef name) { return llvm::StringRef(toIdentifier(name)).upper(); }

llvm::Error checkEntryNames(llvm::ArrayRef<std::string> names) {
  llvm::StringSet<> seen;
  for (llvm::StringRef name : names) {
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
