// Builds an attention kernel component by component: what presets are written with.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/dialect/presets/Presets.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <functional>

namespace heed {

/// Which end of queries and keys is aligned where their numbers differ: the first query with the
/// first key, or the last with the last (which is what a query offset means).
enum class Alignment { TopLeft, BottomRight };

/// Writes the body of a modify or mask.
struct BodyBuilder : mlir::ImplicitLocOpBuilder {
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  mlir::Value batch, head, query, key;
  llvm::SmallVector<mlir::Value> captures; ///< as the body sees them

  mlir::Value index(int64_t value) { return mlir::arith::ConstantIndexOp::create(*this, value); }
  mlir::Value real(double value) {
    return mlir::arith::ConstantOp::create(*this, getF32FloatAttr(static_cast<float>(value)));
  }
  /// The place of the query among the keys.
  mlir::Value place(Alignment alignment);
  mlir::Value isLessOrEqual(mlir::Value a, mlir::Value b) {
    return mlir::arith::CmpIOp::create(*this, mlir::arith::CmpIPredicate::sle, a, b);
  }
};

class AttentionBuilder {
public:
  AttentionBuilder(mlir::MLIRContext &context, mlir::ModuleOp module, llvm::StringRef name,
                   const PresetOptions &options);

  mlir::MLIRContext *getContext() { return builder.getContext(); }

  /// The extent of an axis: b(atch), h(ead), q(uery) or k(ey).
  int64_t extentOf(char axis) const;

  /// Adds an argument to the kernel, with a role if `role` is not empty.
  mlir::Value addArgument(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, mlir::Type element,
                          llvm::StringRef role = {});

  /// The score becomes what `body` returns (f32), or counts where it returns true (i1). Masks come
  /// after every modify, in whatever order they are added.
  void modify(mlir::ValueRange captures,
              std::function<mlir::Value(BodyBuilder &, mlir::Value score)> body);
  void mask(mlir::ValueRange captures, std::function<mlir::Value(BodyBuilder &)> body);

  /// Writes the ops; nothing can be added afterwards.
  attn::KernelOp finish();

private:
  PresetOptions options;
  mlir::ImplicitLocOpBuilder builder;
  attn::KernelOp kernel;
  llvm::SmallVector<llvm::StringRef> argumentNames;
  llvm::SmallVector<std::pair<unsigned, llvm::StringRef>> roles; ///< of arguments by number
  mlir::Value query, key, value;
  std::vector<std::function<mlir::Value(mlir::Value)>> modifies, masks; ///< scores in, scores out
};

} // namespace heed
