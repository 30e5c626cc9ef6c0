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
    if (name.contains("__"))
      return refuse("two underscores in a row are for the symbols of its parts");
    if (!seen.insert(name).second)
      return refuse("there are two of this name (a linear kernel NAME also makes NAME_pack)");
  }
  return llvm::Error::success();
}

} // namespace heed
