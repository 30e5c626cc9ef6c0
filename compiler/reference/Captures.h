// What a component's body sees of the kernel's inputs.
#pragma once

#include "compiler/evaluate/NumbersDomain.h"
#include "compiler/reference/Array.h"

namespace heed {

/// The input that the kernel's argument `argument` stands for.
const Array &inputFor(mlir::Value argument, llvm::ArrayRef<Array> inputs);

/// A context that loads from the inputs which `component` captures. `inputs` outlives it.
Context<Number> captureContext(attn::Component component, llvm::ArrayRef<Array> inputs);

/// A parameter of a body.
inline Number position(int64_t index) { return Number(index); }

} // namespace heed
