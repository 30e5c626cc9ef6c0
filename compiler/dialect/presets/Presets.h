// Attention kernels by name: components that a user lists, each a builder of a region. The one
// table of presets stands in Presets.cpp; nothing downstream knows a name in it.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace heed {
inline namespace builder {
class Attention;
class Truth;
struct Position;
} // namespace builder

/// One row of the table.
struct Preset {
  llvm::StringRef group; ///< what it changes: rows of a group stand together
  llvm::StringRef name;
  llvm::StringRef syntax; ///< as a user writes it: "window=LEFT[:RIGHT]"
  llvm::StringRef help;   ///< one sentence
  /// One of the two; `arguments` is what stands after "=", split at ":". A mask is handed back,
  /// since masks can be joined; anything else adds itself.
  llvm::Error (*add)(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
  llvm::Expected<std::function<Truth(Position)>> (*mask)(
      Attention &a, llvm::ArrayRef<llvm::StringRef> arguments) = nullptr;
};

llvm::ArrayRef<Preset> allPresets();

struct PresetOptions {
  std::string name; ///< of the kernel; empty: made of the components' names
  /// "causal", "window=1024", "window=1024|sinks=4", "!documents": where masks are listed, pairs
  /// count that count in all of them; in a component, those that count in any, or do not with "!".
  std::vector<std::string> components;
  int64_t heads = 0;    ///< query heads; 0: dynamic
  int64_t keyHeads = 0; ///< heads of key and value; 0: as many as query heads
  int64_t headDim = 64;
  int64_t valueDim = 0;        ///< 0: as headDim
  std::string dtype = "f32";   ///< how the query and the output are stored: f32, f16, bf16 or f64
  std::string cacheDtype = ""; ///< how key and value are; empty: as the query
};

/// A module with one kernel, and where it gives partial states those that merge and finish them.
/// Errors say which component or option is wrong and what it may be.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> buildPreset(mlir::MLIRContext &context,
                                                              const PresetOptions &options);

} // namespace heed
