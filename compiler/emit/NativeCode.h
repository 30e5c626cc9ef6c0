// From a lowered Halide module to machine code, by the LLVM that MLIR brings.
//
// Halide's LLVM optimizes and writes bitcode. Multiply-adds are formed and code is generated here,
// since Halide 21 makes multiply-adds of what may be rearranged alone, and nothing may (OrderedSums).
// What HalideMath has strict is fused like the rest.
#pragma once

#include "Halide.h"

#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace heed {

/// A generator of position independent code for x86-64 Linux. Functions that name no CPU and no
/// features are for any x86-64.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> x86Machine();

/// `module` as text or as an ELF relocatable.
llvm::Expected<std::string> machineCode(llvm::TargetMachine &machine, llvm::Module &module,
                                        llvm::CodeGenFileType type);

/// The same of LLVM bitcode, called `name` where it is refused, with multiply-adds.
llvm::Expected<std::string> machineCode(const std::string &bitcode, const std::string &name,
                                        llvm::CodeGenFileType type);

} // namespace heed
