// What is measured: attention problems by name, shaped as people meet them.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed::bench {

/// A kernel and the extents it runs on.
struct Case {
  std::string name;
  std::vector<std::string> components; ///< as `--preset` takes them; none: every pair counts
  int64_t batch, heads, keyHeads, queries, keys, dim;
  double queryDeviation = 1; ///< standard deviation of the queries' elements
};

llvm::ArrayRef<Case> allCases();

/// The cases called so, or all of them where there is no name. An error lists the names there are.
llvm::Expected<std::vector<Case>> selectCases(llvm::ArrayRef<std::string> names);

/// "b=1,h=12,hk=12,q=1024,k=1024,d=64". q and d must be there; without the others, b and h are 1,
/// hk is h and k is q.
llvm::Expected<Case> parseShape(llvm::StringRef text, std::vector<std::string> components);

/// The shape as parseShape takes it.
std::string shapeText(const Case &c);

/// The C function of the kernel that `c` runs. Cases with one description and head size share it:
/// batch, lengths and numbers of heads are dynamic.
std::string kernelName(const Case &c);

} // namespace heed::bench
