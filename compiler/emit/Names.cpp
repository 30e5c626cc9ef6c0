#include "compiler/emit/Names.h"

#include "llvm/ADT/StringExtras.h"

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

} // namespace heed
