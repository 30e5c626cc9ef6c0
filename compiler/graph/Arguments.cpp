#include "compiler/graph/Arguments.h"

using namespace Halide;

namespace heed {
namespace {

Type halideType(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return Float(32);
  case ElementType::I32:
    return Int(32);
  case ElementType::I64:
    return Int(64);
  case ElementType::U8:
    return UInt(8);
  }
}

} // namespace

std::vector<ImageParam> argumentBuffers(const Signature &signature) {
  std::vector<ImageParam> buffers;
  for (const SignatureArgument &argument : signature.arguments) {
    if (argument.role == Role::Output)
      continue;
    ImageParam buffer(halideType(argument.type), int(argument.shape.size()), argument.name);
    for (int i = 0; i < buffer.dimensions(); i++)
      buffer.dim(i).set_min(0);
    if (!argument.innerContiguous)
      buffer.dim(0).set_stride(Expr());
    buffers.push_back(buffer);
  }
  return buffers;
}

Context<Expr> captureContext(attn::Component component, const std::vector<ImageParam> &buffers) {
  std::vector<ImageParam> captures;
  for (mlir::Value capture : component.getCaptures())
    captures.push_back(buffers[operandNumber(capture)]);
  Context<Expr> context;
  context.load = [captures](unsigned capture, llvm::ArrayRef<Expr> indices) {
    return captures[capture](std::vector<Expr>(indices.rbegin(), indices.rend()));
  };
  context.extent = [captures](unsigned capture, unsigned axis) {
    ImageParam buffer = captures[capture];
    return buffer.dim(buffer.dimensions() - 1 - int(axis)).extent();
  };
  return context;
}

unsigned operandNumber(mlir::Value operand) {
  return llvm::cast<mlir::BlockArgument>(operand).getArgNumber();
}

} // namespace heed
