// Linear and rowwise kernels, read from MLIR into what their graphs are built from. The programs
// refer to the kernel's regions: they live no longer than it.
#pragma once

#include "compiler/graph/Linear.h"
#include "compiler/graph/Operands.h"
#include "compiler/graph/Pack.h"
#include "compiler/graph/Rowwise.h"

namespace heed {

/// A region with an operation that kernels do not know is a diagnostic there.
mlir::FailureOr<LinearProgram> readLinear(attn::KernelOp kernel, const Operands &operands);
mlir::FailureOr<RowwiseProgram> readRowwise(attn::KernelOp kernel, const Operands &operands);

/// `weights` is the buffer that NAME_pack takes.
mlir::FailureOr<PackProgram> readPack(attn::KernelOp kernel, Halide::ImageParam weights);

} // namespace heed
