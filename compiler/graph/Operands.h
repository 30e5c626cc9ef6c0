// A kernel's operands as Halide inputs.
#pragma once

#include "compiler/dialect/Signature.h"
#include "compiler/evaluate/Context.h"
#include "compiler/graph/Boxes.h"
#include "compiler/graph/Segments.h"

#include "Halide.h"

#include <map>
#include <memory>
#include <vector>

namespace heed {

/// What a target does in its own way.
struct TargetWays {
  std::function<Halide::Expr(Halide::Expr)> exp2 = {}; ///< Context.h; empty where it has none
  bool halvesAreWords = false; ///< to it, tensors of float16 and bfloat16 hold integers of 16 bits
  bool tablesAhead = false; ///< its tables of segments are made before all else, and so have a size
                            ///< that no position says
  bool multipliesPairs = false; ///< Storage.h, productsOfPairs
};

/// One buffer for each argument of a signature that is no output, dimensions in the tensor's
/// reverse order. Extents the signature fixes are constants, and extents it makes equal are one
/// expression, so that Halide sees them equal.
class Operands {
public:
  explicit Operands(const Signature &signature, TargetWays ways = {});

  const std::vector<Halide::ImageParam> &buffers() const { return params; }
  bool multipliesPairs() const { return ways.multipliesPairs; }
  Halide::ImageParam buffer(mlir::Value kernelArgument) const;

  /// A number as a tensor of floats holds it.
  Halide::Expr stored(mlir::Value tensor, Halide::Expr value) const;
  /// The same of a tensor that is made while it is loaded: as float32 in place of halves that are
  /// words.
  Halide::Expr kept(mlir::Value tensor, Halide::Expr value) const;

  /// The type of a tensor of floats.
  static Halide::Type typeOf(mlir::Value tensor);

  /// The extent of an axis of the kernel argument, in the tensor's order.
  Halide::Expr extent(mlir::Value kernelArgument, unsigned axis) const;

  /// Element `indices` (in the tensor's order) of the kernel argument, which there is wherever it
  /// is loaded, however the indices are bounded.
  Halide::Expr load(mlir::Value kernelArgument, llvm::ArrayRef<Halide::Expr> indices) const;
  /// The same of an operand's row, whose position is known to exist.
  Halide::Expr element(mlir::Value kernelArgument, llvm::ArrayRef<Halide::Expr> indices) const;

  /// What a region with these captures loads. Outlives the operands.
  Context<Halide::Expr> contextFor(mlir::ValueRange captures) const;

  /// The tables of all segments that regions have asked for.
  std::vector<SegmentTable> segments() const;

  /// The boxes that regions have asked for since the last call of this.
  std::vector<BoxExtremes> takeBoxes() const;

private:
  using Exprs = std::vector<Halide::Expr>;

  /// The smallest or largest element of a box, both ends inclusive.
  Halide::Expr extreme(mlir::Value kernelArgument, const Exprs &first, const Exprs &last,
                       bool largest) const;
  Halide::FuncRef segmentEnds(mlir::Value starts, Halide::Expr position) const;

  /// Whether tensors of `type` hold integers of its bits.
  bool isWord(Halide::Type type) const;

  TargetWays ways;
  std::vector<Halide::ImageParam> params;
  std::vector<Halide::Type> types; ///< of their elements; params hold words where these are halves
  std::vector<std::vector<Halide::Expr>> extents; ///< of each operand, in the tensor's order
  std::vector<Halide::Expr> limits; ///< of each operand that holds starts of segments: the largest
  /// By argument number; shared by copies, which regions read through.
  std::shared_ptr<std::map<unsigned, SegmentTable>> tables =
      std::make_shared<std::map<unsigned, SegmentTable>>();
  struct Box {
    unsigned argument;
    Exprs first, last;
    BoxExtremes extremes;
  };
  std::shared_ptr<std::vector<Box>> boxes = std::make_shared<std::vector<Box>>();
};

} // namespace heed
