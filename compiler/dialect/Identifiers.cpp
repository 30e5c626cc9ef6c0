#include "compiler/dialect/Identifiers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

// Keywords of C23 and C++20; names that start with an underscore and a capital are C's own and
// refused by rule.
static constexpr llvm::StringLiteral keywords =
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t "
    "char32_t char8_t class co_await co_return co_yield compl concept const const_cast "
    "consteval constexpr constinit continue decltype default delete do double dynamic_cast else "
    "enum explicit export extern false float for friend goto if inline int long mutable "
    "namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
    "register reinterpret_cast requires restrict return short signed sizeof static "
    "static_assert static_cast struct switch template this thread_local throw true try typedef "
    "typeid typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t "
    "while xor xor_eq";

static bool isKeyword(llvm::StringRef name) {
  return llvm::is_contained(llvm::split(keywords, ' '), name);
}

bool heed::isIdentifier(llvm::StringRef name) {
  auto isWordCharacter = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  if (name.empty() || llvm::isDigit(name[0]) || !llvm::all_of(name, isWordCharacter))
    return false;
  bool reserved =
      name.starts_with("__") || (name.size() > 1 && name[0] == '_' && llvm::isUpper(name[1]));
  return !reserved && !isKeyword(name);
}
