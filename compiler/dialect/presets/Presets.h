// Attention kernels by name: components that a user lists, each a builder of a region. The one
// table of presets stands in Presets.cpp; nothing downstream knows a name in it.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace heed {
inline namespace builder {
class Attention;
}

/// One row of the table.
struct Preset {
  llvm::StringRef name;
  llvm::StringRef syntax; ///< as a user writes it: "window=LEFT[:RIGHT]"
  llvm::StringRef help;   ///< one sentence
  /// Adds the component; `arguments` is what stands after "=", split at ":".
  llvm::Error (*build)(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
};

llvm::ArrayRef<Preset> allPresets();

struct PresetOptions {
  std::string name;                    ///< of the kernel; empty: made of the components' names
  std::vector<std::string> components; ///< "causal", "window=1024", ...
  int64_t heads = 0;                   ///< query heads; 0: dynamic
  int64_t keyHeads = 0;                ///< heads of key and value; 0: as many as query heads
  int64_t headDim = 64;
  int64_t valueDim = 0; ///< 0: as headDim
  bool logSumExp = false;
  bool weights = false; ///< also returns the attention weights, and the log-sum-exp they need
};

/// A module with one kernel. Errors say which component or option is wrong and what it may be.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> buildPreset(mlir::MLIRContext &context,
                                                              const PresetOptions &options);

} // namespace heed
