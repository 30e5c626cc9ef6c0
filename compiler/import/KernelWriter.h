// Writes one attn.kernel op by op: what WriteKernels.cpp says in terms of attention.
#pragma once

#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <string>
#include <vector>

namespace heed::onnx {

/// The body of a component. Numbers have the kernel's arithmetic type; arithmetic takes two numbers
/// or two integers.
struct Body : mlir::ImplicitLocOpBuilder {
  Body(mlir::Location location, mlir::Type number)
      : ImplicitLocOpBuilder(location, location.getContext()), number(number) {}

  mlir::Type number;
  llvm::SmallVector<mlir::Value> parameters, captures;

  mlir::Value index(int64_t value);
  mlir::Value real(double value);
  mlir::Value load(mlir::Value tensor, mlir::ValueRange place);
  /// A loaded integer as a position.
  mlir::Value loadIndex(mlir::Value tensor, mlir::ValueRange place);
  mlir::Value extent(mlir::Value tensor, int64_t axis);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value subtract(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, mlir::Value b);
  mlir::Value isLess(mlir::Value a, mlir::Value b);
  mlir::Value isLessOrEqual(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);
};

using Write = llvm::function_ref<mlir::Value(Body &)>;

class KernelWriter {
public:
  /// `number` is f32 or f64.
  KernelWriter(mlir::ModuleOp module, llvm::StringRef name, mlir::Type number);

  /// The kernel's argument for the ONNX tensor `name`: a new one, or one of that name and type that
  /// there is and `share` allows to take.
  mlir::Value argument(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, mlir::Type element,
                       bool share = true);

  /// `positions` as attn.rowwise has them; empty where a load at [position] tells.
  mlir::Value rows(mlir::RankedTensorType type, mlir::ValueRange captures,
                   llvm::ArrayRef<int64_t> positions, Write write);
  mlir::Value score(mlir::Value query, mlir::Value key, std::optional<double> scale);
  mlir::Value modify(mlir::Value scores, mlir::ValueRange captures, Write write);
  mlir::Value mask(mlir::Value scores, mlir::ValueRange captures, Write write);
  mlir::Value softmax(mlir::Value scores);
  /// `element` is of queries and results. In bfloat16 the operators multiply weights of that type,
  /// so these may be rounded.
  mlir::Value weightedSum(mlir::Value weights, mlir::Value value, mlir::Type element);

  mlir::Type numberType() const { return number; }

  /// Ends the kernel.
  void finish(mlir::ValueRange results);

private:
  std::string uniqueName(llvm::StringRef name);

  mlir::ImplicitLocOpBuilder builder;
  mlir::Type number;
  attn::KernelOp kernel;
  std::vector<std::pair<std::string, std::string>> names; ///< ONNX's and C's of each argument
};

/// An ONNX name as C allows it.
std::string cName(llvm::StringRef name);

} // namespace heed::onnx
