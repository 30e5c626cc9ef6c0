// From a scheduled Halide pipeline to the forms it can be looked at or shipped in.
#pragma once

#include "schedules/families/Families.h"

#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// The stage's Funcs as formulas, producers first: what is computed, before any schedule.
llvm::Expected<std::string> graphText(const Stage &stage);

/// Lowers the stage, once, to a Halide module with the external functions `symbol` and
/// `symbol`_argv. An error where a kernel needs more shared memory than a device is sure to have.
llvm::Expected<Halide::Module> lowerStage(const Stage &stage, const std::string &symbol);

/// The module's loops.
llvm::Expected<std::string> stmtText(const Halide::Module &module);

llvm::Expected<std::string> assemblyText(const Halide::Module &module);

/// What the device's driver is given: OpenCL C, PTX, below a line of comment for each kernel with
/// its threads and shared memory. Of a kernel for CPUs, nothing.
llvm::Expected<std::string> deviceText(const Halide::Module &module);

/// What `write` makes Halide write to the file it names. `what` is being worked on.
llvm::Expected<std::string>
writtenByHalide(const std::string &what, llvm::function_ref<void(const std::string &path)> write);

/// An ELF relocatable.
llvm::Expected<std::string> objectCode(const Halide::Module &module);

} // namespace heed
