// What is known of a device's kernels before any runs: the launch, the instructions, and what
// CUDA's assembler says of registers and spills where it is at hand.
#pragma once

#include "Halide.h"

#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace heed {

/// A kernel of a device, as the host's code launches it.
struct Launch {
  std::string kernel;
  int64_t threads, sharedBytes; ///< of a block
};

std::vector<Launch> launchesOf(const Halide::Module &module);

/// The assembler's program: $HEED_PTXAS, or the first `ptxas` on the PATH; empty where there is
/// none, or where $HEED_PTXAS is empty.
std::string ptxasProgram();

/// What `ptxas --version` says, or "". An error where the program cannot be run.
llvm::Expected<std::string> ptxasVersion(llvm::StringRef ptxas);

/// For each kernel of the module, as the manifest has it:
///
///   {"kernel": "_kernel_out_...", "threads": 64, "shared_bytes": 47104,
///    "instructions": {"fma.rn.f32": 256, ...},                             of PTX
///    "ptxas": {"sm_80": {"registers": 64, "spilled_bytes": 0, "stack_bytes": 0}, ...}}
///
/// Under the registers that Halide's runtime lets a thread have. Architectures that the assembler
/// does not know are left out.
llvm::Expected<nlohmann::ordered_json> deviceFigures(const Halide::Module &module,
                                                     llvm::StringRef ptxas);

} // namespace heed
