// The tensors of one kernel, by the values that stand for them in its body.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/evaluate/NumbersDomain.h"
#include "compiler/reference/Array.h"

#include "llvm/ADT/DenseMap.h"

#include <memory>

namespace heed {

/// The kernel's inputs, and what its ops have made so far.
class Tensors {
public:
  Tensors(attn::KernelOp kernel, llvm::ArrayRef<Array> inputs);

  const Array &operator[](mlir::Value tensor) const { return *arrays.at(tensor); }
  bool has(mlir::Value tensor) const { return arrays.contains(tensor); }
  void set(mlir::Value tensor, Array array);

private:
  llvm::DenseMap<mlir::Value, std::shared_ptr<const Array>> arrays;
};

/// A context that loads from `captures`. `tensors` outlives it.
Context<Number> captureContext(mlir::ValueRange captures, const Tensors &tensors);

using Numbers = llvm::SmallVector<Number>;

/// A parameter of a body.
inline Number position(int64_t index) { return Number(index); }

} // namespace heed
