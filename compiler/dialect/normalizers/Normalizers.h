// What a normalizer means: the regions of its op. A user's op stands in the module; the kinds that
// Heed brings are texts of such ops, one idea a file, and nobody knows them by another form.
#pragma once

#include "compiler/dialect/Attn.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <string>

namespace heed {

/// Of the two forms exactly one. Keeps the op alive where Heed wrote it.
class Normalizer {
public:
  explicit Normalizer(mlir::Operation *op,
                      std::shared_ptr<mlir::OwningOpRef<mlir::ModuleOp>> owner = {})
      : normalizer(op), owner(std::move(owner)) {}

  mlir::Operation *op() const { return normalizer; }
  /// Whose states merge, or null.
  attn::NormalizerOp online() const { return llvm::dyn_cast<attn::NormalizerOp>(normalizer); }
  /// Which finds a threshold, or null.
  attn::ThresholdNormalizerOp threshold() const {
    return llvm::dyn_cast<attn::ThresholdNormalizerOp>(normalizer);
  }

private:
  mlir::Operation *normalizer;
  std::shared_ptr<mlir::OwningOpRef<mlir::ModuleOp>> owner;
};

/// The normalizer that `user`, an attn.normalize, attn.merge or attn.finish, names. A diagnostic at
/// `user` where the module has none of that name, or where its captures or numbers are not those
/// that the normalizer takes.
mlir::FailureOr<Normalizer> normalizerOf(mlir::Operation *user);

/// The op of a kind as text: Texts.h says what its placeholders are.
std::string normalizerText(attn::NormalizerKind kind);

} // namespace heed
