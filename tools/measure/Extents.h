// How large things are: extents by the names that signatures give them.
#pragma once

#include "compiler/dialect/Signature.h"

#include "llvm/Support/Error.h"

#include <map>
#include <string>
#include <vector>

namespace heed::measure {

/// "batch", "queries", "keys", "heads", "key_heads", "rows", "bias.shape[0]": what a signature
/// calls its symbols.
using Extents = std::map<std::string, int64_t>;

/// Reads "b=1,h=12,q=1024": extents by name, the commonest by a letter or two. `d` is no symbol of
/// any kernel but the head size of a preset's. Errors call the text `option`.
llvm::Expected<Extents> parseExtents(llvm::StringRef text, llvm::StringRef option = "--shape");

/// As parseExtents takes it.
std::string showExtents(const Extents &extents);

/// What every symbol of one kernel is, and so the shape of every argument.
class Shapes {
public:
  /// What `extents` leaves out: batch and heads are 1, key heads as many as heads, keys as queries,
  /// a sum of extents what its terms are, and a single term what the sum leaves. An error names any
  /// other, says what breaks the signature's rules, and refuses tensors past 2^28 elements. Extents
  /// that the kernel has not are no error: see unknownExtent.
  static llvm::Expected<Shapes> resolve(const Signature &signature, const Extents &extents);

  int64_t operator()(Extent extent) const { return extent >= 0 ? extent : values[-extent - 1]; }
  std::vector<int64_t> operator()(const SignatureArgument &argument) const;
  /// Of a symbol by its name; `fallback` where the kernel has none of that name.
  int64_t named(llvm::StringRef symbol, int64_t fallback) const;
  Extents extents() const;

private:
  std::vector<std::string> symbols;
  std::vector<int64_t> values; ///< by symbol
};

/// The first of `extents` that `signature` has no symbol for, or "".
std::string unknownExtent(const Signature &signature, const Extents &extents);

} // namespace heed::measure
