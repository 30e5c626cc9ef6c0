#include "compiler/graph/Operands.h"
#include "compiler/evaluate/Storage.h"
#include "compiler/graph/Calls.h"

#include "llvm/ADT/STLExtras.h"

using Halide::Expr;
using Halide::Internal::equal;

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

bool Operands::isWord(Halide::Type type) const {
  return ways.halvesAreWords && type.is_float() && type.bits() == 16;
}

Operands::Operands(const Signature &signature, TargetWays ways) : ways(std::move(ways)) {
  std::map<Extent, Expr> symbols;
  for (const SignatureArgument &argument : signature.arguments) {
    if (argument.role == Role::Output)
      continue;
    int rank = int(argument.shape.size());
    // No kernel argument and no Func of a graph can have a name with this prefix.
    types.push_back(halideType(argument.type));
    Halide::ImageParam param(isWord(types.back()) ? Halide::UInt(16) : types.back(), rank,
                             "in_" + argument.name);
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
  auto extentOf = [&](Extent extent) { return extent >= 0 ? Expr(int(extent)) : symbols[extent]; };
  for (const DerivedExtent &derived : signature.derived) {
    Expr sum = 0;
    for (auto [extent, factor] : derived.terms)
      sum += extentOf(extent) * int(factor);
    symbols.try_emplace(derived.symbol, sum);
  }
  for (const SignatureArgument &argument : signature.arguments)
    if (argument.role != Role::Output)
      limits.push_back(argument.role == Role::Segments ? extentOf(argument.limit) : Expr());
}

Halide::ImageParam Operands::buffer(mlir::Value kernelArgument) const {
  return params[numberOf(kernelArgument)];
}

Expr Operands::kept(mlir::Value tensor, Expr value) const {
  Halide::Type type = typeOf(tensor);
  return isWord(type) ? widened(reinterpret(type, roundedWord(value, type)), Halide::Float(32))
                      : rounded(value, type);
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

// Halide asks of a buffer that it has whatever may be read of it. Nobody checks (no_asserts), but
// the simplifier believes it: of an index that is clamped to 0 and up, that there is an element,
// and then a loop over no keys would run once. A loop's counter is where it is.
static Expr existing(const Expr &index, const Expr &extent) {
  using Halide::Internal::Call;
  const Call *call = index.as<Call>();
  bool isPromised = call && call->is_intrinsic(Call::unsafe_promise_clamped);
  if (isPromised || index.as<Halide::Internal::Variable>() || Halide::Internal::is_const(extent))
    return index;
  return unsafe_promise_clamped(cast(Halide::Int(32), index), 0, extent - 1);
}

Expr Operands::load(mlir::Value kernelArgument, llvm::ArrayRef<Expr> indices) const {
  Exprs promised;
  for (size_t axis = 0; axis < indices.size(); axis++)
    promised.push_back(existing(indices[axis], extent(kernelArgument, unsigned(axis))));
  return element(kernelArgument, promised);
}

Expr Operands::element(mlir::Value kernelArgument, llvm::ArrayRef<Expr> indices) const {
  Expr held = buffer(kernelArgument)(Exprs(indices.rbegin(), indices.rend()));
  Halide::Type type = types[numberOf(kernelArgument)];
  return held.type() == type ? held : reinterpret(type, held);
}

Expr Operands::stored(mlir::Value tensor, Expr value) const {
  Halide::Type type = typeOf(tensor);
  return isWord(type) ? roundedWord(value, type) : rounded(value, type);
}

static bool areEqual(const std::vector<Expr> &a, const std::vector<Expr> &b) {
  return llvm::equal(a, b, [](const Expr &x, const Expr &y) { return equal(x, y); });
}

Expr Operands::extreme(mlir::Value kernelArgument, const Exprs &first, const Exprs &last,
                       bool largest) const {
  if (areEqual(first, last))
    return load(kernelArgument, first);
  unsigned number = numberOf(kernelArgument);
  auto box = llvm::find_if(*boxes, [&](const Box &b) {
    return b.argument == number && areEqual(b.first, first) && areEqual(b.last, last);
  });
  if (box == boxes->end())
    box = boxes->insert(box, {number, first, last,
                              buildBox([&](const Exprs &at) { return load(kernelArgument, at); },
                                       extents[number], first, last)});
  std::vector<Halide::Var> place = box->extremes.ends.args();
  return box->extremes.ends(place)[largest];
}

std::vector<BoxExtremes> Operands::takeBoxes() const {
  std::vector<BoxExtremes> taken;
  for (Box &box : *boxes)
    taken.push_back(box.extremes);
  boxes->clear();
  return taken;
}

// Starts lie from 0 to their limit, so positions past either end are all alike. Those that data
// moves would have no bounds otherwise, and the table no size.
Halide::FuncRef Operands::segmentEnds(mlir::Value starts, Expr position) const {
  Expr last = limits[numberOf(starts)];
  if (ways.tablesAhead ||
      calls(position, {Halide::Internal::Call::Halide})) // as an ImageParam gives it
    position = clamp(position, -1, last);
  auto [table, isNew] = tables->try_emplace(numberOf(starts));
  if (isNew)
    table->second = buildSegments(Halide::Func(buffer(starts)), extent(starts, 0), last);
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
  context.exp2 = ways.exp2;
  context.load = [self = *this, values](unsigned capture, llvm::ArrayRef<Expr> indices) {
    return self.load(values[capture], indices);
  };
  context.extent = [self = *this, values](unsigned capture, unsigned axis) {
    return self.extent(values[capture], axis);
  };
  context.loadMin = [self = *this, values](unsigned capture, llvm::ArrayRef<Expr> first,
                                           llvm::ArrayRef<Expr> last) {
    return self.extreme(values[capture], first.vec(), last.vec(), false);
  };
  context.loadMax = [self = *this, values](unsigned capture, llvm::ArrayRef<Expr> first,
                                           llvm::ArrayRef<Expr> last) {
    return self.extreme(values[capture], first.vec(), last.vec(), true);
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
