#include "compiler/graph/Operands.h"

#include <map>

using Halide::Expr;

namespace heed {

static Halide::Type halideType(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return Halide::Float(16);
  case ElementType::BF16:
    return Halide::BFloat(16);
  case ElementType::F32:
    return Halide::Float(32);
  case ElementType::F64:
    return Halide::Float(64);
  case ElementType::I8:
    return Halide::Int(8);
  case ElementType::I32:
    return Halide::Int(32);
  case ElementType::I64:
    return Halide::Int(64);
  case ElementType::U8:
    return Halide::UInt(8);
  }
  llvm_unreachable("covered switch");
}

static unsigned numberOf(mlir::Value kernelArgument) {
  return llvm::cast<mlir::BlockArgument>(kernelArgument).getArgNumber();
}

Operands::Operands(const Signature &signature) {
  std::map<Extent, Expr> symbols;
  for (const SignatureArgument &argument : signature.arguments) {
    if (argument.role == Role::Output)
      continue;
    int rank = int(argument.shape.size());
    // No kernel argument and no Func of a graph can have a name with this prefix.
    Halide::ImageParam param(halideType(argument.type), rank, "in_" + argument.name);
    std::vector<Expr> shape(rank);
    for (int axis = 0; axis < rank; ++axis) {
      auto dim = param.dim(rank - 1 - axis);
      Extent extent = argument.shape[axis];
      shape[axis] =
          extent >= 0 ? Expr(int(extent)) : symbols.try_emplace(extent, dim.extent()).first->second;
      dim.set_bounds(0, shape[axis]);
    }
    if (rank && !argument.innerContiguous)
      param.dim(0).set_stride(Expr());
    params.push_back(param);
    extents.push_back(std::move(shape));
  }
}

Halide::ImageParam Operands::buffer(mlir::Value kernelArgument) const {
  return params[numberOf(kernelArgument)];
}

Halide::Type Operands::typeOf(mlir::Value tensor) {
  mlir::Type element = llvm::cast<mlir::RankedTensorType>(tensor.getType()).getElementType();
  return element.isF16()    ? Halide::Float(16)
         : element.isBF16() ? Halide::BFloat(16)
         : element.isF64()  ? Halide::Float(64)
                            : Halide::Float(32);
}

Expr Operands::extent(mlir::Value kernelArgument, unsigned axis) const {
  return extents[numberOf(kernelArgument)][axis];
}

Expr Operands::load(mlir::Value kernelArgument, llvm::ArrayRef<Expr> indices) const {
  return buffer(kernelArgument)(std::vector<Expr>(indices.rbegin(), indices.rend()));
}

// The domain is the whole axes: what lies outside of the box becomes bounds of the loops. The
// select makes the box's variables known to the reduction.
Expr Operands::extreme(mlir::Value kernelArgument, llvm::ArrayRef<Expr> first,
                       llvm::ArrayRef<Expr> last, bool largest) const {
  auto isOne = [&](size_t axis) { return Halide::Internal::equal(first[axis], last[axis]); };
  std::vector<Halide::Range> axes;
  for (size_t axis = first.size(); axis-- > 0;) // the innermost first, as loops go
    if (!isOne(axis))
      axes.push_back({0, extent(kernelArgument, unsigned(axis))});
  if (axes.empty())
    return load(kernelArgument, first);
  Halide::RDom box(axes);
  llvm::SmallVector<Expr> indices(first);
  Expr isInside = Halide::Internal::const_true();
  int loop = 0;
  for (size_t axis = first.size(); axis-- > 0;)
    if (!isOne(axis)) {
      Expr index = indices[axis] = box[loop++];
      isInside = isInside && index >= first[axis] && index <= last[axis];
    }
  box.where(isInside);
  Expr element = load(kernelArgument, indices);
  Expr none = largest ? element.type().min() : element.type().max();
  element = select(isInside, element, none);
  return largest ? Halide::maximum(box, element) : Halide::minimum(box, element);
}

Halide::FuncRef Operands::segmentEnds(mlir::Value starts, Expr position) const {
  auto [table, isNew] = tables->try_emplace(numberOf(starts));
  if (isNew)
    table->second = buildSegments(Halide::Func(buffer(starts)), extent(starts, 0));
  return table->second.ends(position);
}

std::vector<SegmentTable> Operands::segments() const {
  std::vector<SegmentTable> all;
  for (const auto &[number, table] : *tables)
    all.push_back(table);
  return all;
}

Context<Expr> Operands::contextFor(mlir::ValueRange captures) const {
  llvm::SmallVector<mlir::Value> values(captures);
  Context<Expr> context;
  context.load = [self = *this, values](unsigned capture, llvm::ArrayRef<Expr> indices) {
    return self.load(values[capture], indices);
  };
  context.extent = [self = *this, values](unsigned capture, unsigned axis) {
    return self.extent(values[capture], axis);
  };
  context.loadMin = [self = *this, values](unsigned capture, llvm::ArrayRef<Expr> first,
                                           llvm::ArrayRef<Expr> last) {
    return self.extreme(values[capture], first, last, false);
  };
  context.loadMax = [self = *this, values](unsigned capture, llvm::ArrayRef<Expr> first,
                                           llvm::ArrayRef<Expr> last) {
    return self.extreme(values[capture], first, last, true);
  };
  context.segmentBegin = [self = *this, values](unsigned capture, Expr position) -> Expr {
    return self.segmentEnds(values[capture], position)[0];
  };
  context.segmentEnd = [self = *this, values](unsigned capture, Expr position) -> Expr {
    return self.segmentEnds(values[capture], position)[1];
  };
  return context;
}

} // namespace heed
