// Reading what stands after a preset's "=". Errors say what was expected; who calls adds the
// preset's syntax.
#pragma once

#include <heed/builder.h>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

namespace heed {

/// Axes of a tensor, by the letters of batch, head, query and key.
class Axes {
public:
  explicit Axes(std::string letters) : letters(std::move(letters)) {}
  std::vector<Extent> extents(const Attention &a) const;
  std::vector<Integer> place(const Position &p) const;

private:
  std::string letters;
};

/// Takes arguments from the front, one by one.
class Arguments {
public:
  explicit Arguments(llvm::ArrayRef<llvm::StringRef> rest) : rest(rest) {}

  bool empty() const { return rest.empty(); }
  /// A whole number from 0 to 2^30, or from 1 on.
  llvm::Expected<int64_t> count();
  llvm::Expected<int64_t> size();
  /// A positive number.
  llvm::Expected<double> positive();
  /// A word; `fallback` where nothing is left.
  llvm::StringRef word(llvm::StringRef fallback);
  /// top_left, bottom_right, or nothing, which is top_left.
  llvm::Expected<Alignment> alignment();
  /// Letters of bhqk, each once at most; `fallback` where nothing is left.
  llvm::Expected<Axes> axes(llvm::StringRef fallback);
  /// An error where something is left.
  llvm::Error finish();

private:
  llvm::ArrayRef<llvm::StringRef> rest;
};

} // namespace heed
