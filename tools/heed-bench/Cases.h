// What is measured: kernels on shapes as people meet them, by name.
#pragma once

#include "tools/measure/Extents.h"

namespace heed::bench {

/// A kernel and the extents it runs on.
struct Case {
  std::string name;
  std::vector<std::string> components; ///< as `--preset` takes them; none: every pair counts
  std::string dtype;                   ///< how query, key, value and output are stored
  measure::Extents extents;            ///< with the head size of the preset as "d"
  double deviation = 1;                ///< of the queries' elements
  std::string file = {};               ///< where the kernel stands, if no preset is meant
};

llvm::ArrayRef<Case> allCases();

/// The cases called so, or all of them where there is no name. An error lists the names there are.
llvm::Expected<std::vector<Case>> selectCases(llvm::ArrayRef<std::string> names);

/// The one case of a preset on a shape such as "b=1,h=12,hk=12,q=1024,k=1024,d=64". q and d must be
/// there.
llvm::Expected<std::vector<Case>>
presetCase(llvm::StringRef shape, std::vector<std::string> components, std::string dtype);

/// The C function of the kernel that `c` runs. Cases with one description and head size share it:
/// batch, lengths and numbers of heads are dynamic.
std::string kernelName(const Case &c);

/// heed-bench's options for this kernel and shape alone: "--case gpt1k", or
/// "--shape q=7,d=8 --preset causal".
std::string optionsFor(const Case &c);

} // namespace heed::bench
