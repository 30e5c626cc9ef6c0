// What a compiled library holds, between the compiler and the files that come out.
#pragma once

#include "compiler/dialect/Signature.h"
#include "schedules/plan/PlanChoice.h"

#include <string>
#include <vector>

namespace heed {

/// One Halide function, compiled. Its symbol's `_argv` form is what heed_stage.call points at.
struct CompiledStage {
  std::string symbol;              ///< "alibi__x86_64_avx512"
  std::vector<unsigned> arguments; ///< indices into Signature::arguments: inputs, then outputs
  std::string object;              ///< an ELF relocatable
  std::string figures =
      {}; ///< of its kernels on a device, as JSON (DeviceFigures.h); empty on CPUs
};

/// One way to run an entry: the objects of one plan. Variants of equal plans share theirs.
struct CompiledVariant {
  TargetInfo target;
  PlanChoice choice;
  std::vector<CompiledStage> stages;
};

/// One C function of the library.
struct LibraryEntry {
  Signature signature;
  std::vector<CompiledVariant> variants; ///< the runtime takes the first that fits: best first
};

struct Library {
  std::string name;   ///< of the files, without folder and extension
  std::string source; ///< "alibi.mlir", "preset causal,alibi": for the manifest
  std::vector<LibraryEntry> entries;

  bool hasDevices() const {
    for (const LibraryEntry &entry : entries)
      for (const CompiledVariant &variant : entry.variants)
        if (variant.target.isDevice())
          return true;
    return false;
  }
};

} // namespace heed
