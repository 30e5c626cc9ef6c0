// The operands of an attention kernel - arguments, and what rowwise and project ops make of them -
// read from MLIR.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/graph/Operand.h"
#include "compiler/graph/Operands.h"

#include <memory>

namespace heed {

/// Refers to the kernel's regions: lives no longer than the kernel. What it gives keeps it alive.
class AttentionOperands : public std::enable_shared_from_this<AttentionOperands> {
public:
  AttentionOperands(const AttentionView &view, const Operands &operands)
      : view(view), operands(operands) {}

  /// Diagnoses ops that have no meaning in kernels.
  mlir::LogicalResult check();

  /// The type the kernel computes in.
  Halide::Type type() const;
  /// Of queries and keys, in the order of the tensor's axes.
  Halide::Expr queryExtent(unsigned axis) const;
  Halide::Expr keyExtent(unsigned axis) const;
  /// Of a batch entry.
  Halide::Expr keyLength(Halide::Expr batch) const;
  Halide::Expr queryLength(Halide::Expr batch) const;

  /// What a region sees in a batch entry.
  Context<Halide::Expr> contextFor(mlir::ValueRange captures, Halide::Expr batch) const;

  /// `value` is the kernel's query, key or value.
  PairOperand operand(mlir::Value value);
  /// What these read.
  RowsAhead ahead() const;

private:
  /// A use of an operand: what has been made for it so far.
  struct Use {
    std::string name;
    bool isQuery = false;
    OperandRows rows;
    struct Made {
      mlir::Value value;
      RowPlace row;
      Halide::Func rows;
    };
    std::vector<Made> made;
  };
  PairOperand operandOf(mlir::Value value, bool isQuery);
  PairOperand storedRows(mlir::Value value);
  Halide::Expr loadMade(mlir::Value value, const std::vector<Halide::Expr> &place,
                        Halide::Expr column, const RowPlace &row, Use &use);
  Halide::Func rowsOf(mlir::Value value, const RowPlace &row, Use &use);
  Halide::Func projectionOf(attn::ProjectOp op, bool isQuery);
  /// The rows that a rowwise op makes of projected ones: (column, position, head, batch).
  Halide::Func madeAhead(mlir::Value value, bool isQuery);
  RowwiseProgram rowwiseProgram(attn::RowwiseOp op, const RowPlace &row, Use &use);
  Halide::Expr storedAt(mlir::Value value, const std::vector<Halide::Expr> &place) const;
  Halide::Expr factorOf(mlir::Value value, const std::vector<Halide::Expr> &place) const;
  Context<Halide::Expr> contextOf(attn::RowwiseOp op, Halide::Expr batch) const;
  bool needsWork(mlir::Value value) const;
  std::string sourceOf(mlir::Value value) const;
  /// Undefined where nothing tells.
  Halide::Expr extentOf(mlir::Value value, unsigned axis) const;
  Halide::Expr lengthOr(mlir::Value lengths, Halide::Expr batch, Halide::Expr extent) const;

  AttentionView view;
  Operands operands;
  struct Projection {
    attn::ProjectOp op;
    bool isQuery;
    ProjectionStages stages;
  };
  std::vector<Projection> projected;
  struct Ahead {
    mlir::Value value;
    bool isQuery;
    PackedRows packed;
  };
  std::vector<Ahead> aheadOf;
};

} // namespace heed
