// A kernel in memory: what buildEntries gives, as the machine code that a library ships, called
// through the runtime as a library's function would be, so that its checks and its views of tensors
// are part of what is tested.
#pragma once

#include "compiler/dialect/Attn.h"
#include "schedules/families/Families.h"
#include "tests/property/Inputs.h"
#include "tests/property/MachineCode.h"

namespace heed::property {

/// Makes Halide's compiler and its runtime ready, once, so that children need not.
void warmUp();

struct CompiledStage {
  MachineCode code;                         ///< on a CPU
  std::optional<Halide::Callable> onDevice; ///< else
  std::vector<uint8_t> arguments;           ///< as heed_stage.arguments
  Halide::Target target;
};

class Kernel {
public:
  /// The first entry of `kernel` under `plan`; a failure has been diagnosed at the kernel.
  static mlir::FailureOr<Kernel> compile(attn::KernelOp kernel, const Plan &plan,
                                         bool extended = true);

  /// The runtime's message, or "" if the call succeeded.
  std::string call(const Tensors &tensors);

private:
  Signature signature;
  std::vector<CompiledStage> stages;
};

} // namespace heed::property
