#include "compiler/import/KernelWriter.h"
#include "compiler/dialect/Identifiers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace mlir;

namespace heed::onnx {

std::string cName(StringRef name) {
  std::string result = name.str();
  std::ranges::replace_if(result, [](char c) { return !llvm::isAlnum(c); }, '_');
  return isIdentifier(result) ? result : "x" + result;
}

Value Body::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value Body::real(double value) {
  return arith::ConstantOp::create(*this, getFloatAttr(number, value));
}

Value Body::load(Value tensor, ValueRange place) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  return attn::LoadOp::create(*this, attn::loadedType(element), tensor, place);
}

Value Body::loadIndex(Value tensor, ValueRange place) {
  return arith::IndexCastOp::create(*this, getIndexType(), load(tensor, place));
}

Value Body::extent(Value tensor, int64_t axis) {
  return attn::ExtentOp::create(*this, getIndexType(), tensor, axis);
}

template <typename Float, typename Integer> static Value combine(Body &body, Value a, Value b) {
  if (isa<FloatType>(a.getType()))
    return Float::create(body, a, b);
  return Integer::create(body, a, b);
}

Value Body::add(Value a, Value b) { return combine<arith::AddFOp, arith::AddIOp>(*this, a, b); }

Value Body::subtract(Value a, Value b) {
  return combine<arith::SubFOp, arith::SubIOp>(*this, a, b);
}

Value Body::multiply(Value a, Value b) {
  return combine<arith::MulFOp, arith::MulIOp>(*this, a, b);
}

Value Body::isLess(Value a, Value b) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, a, b);
}

Value Body::isLessOrEqual(Value a, Value b) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::sle, a, b);
}

Value Body::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(*this, condition, a, b);
}

KernelWriter::KernelWriter(ModuleOp module, StringRef name, Type number)
    : builder(module.getLoc(), module.getContext()), number(number) {
  builder.setInsertionPointToEnd(module.getBody());
  kernel =
      attn::KernelOp::create(builder, name, builder.getFunctionType({}, {}), ArrayRef<StringRef>());
  builder.setInsertionPointToEnd(&kernel.getBody().front());
}

std::string KernelWriter::uniqueName(StringRef name) {
  std::string first = cName(name), result = first;
  auto taken = [&](const auto &known) { return known.second == result; };
  for (int i = 2; llvm::any_of(names, taken); ++i)
    result = first + "_" + std::to_string(i);
  return result;
}

Value KernelWriter::argument(StringRef name, ArrayRef<int64_t> shape, Type element, bool share) {
  auto type = RankedTensorType::get(shape, element);
  for (auto [known, argument] : llvm::zip(names, kernel.getBody().getArguments()))
    if (share && known.first == name && argument.getType() == type)
      return argument;
  names.push_back({name.str(), uniqueName(name)});
  return kernel.getBody().addArgument(type, builder.getLoc());
}

/// Writes the body: numbers where the op's parameters are scores or elements, else positions.
template <typename Op> static void writeBody(Op op, ValueRange captures, Type number, Write write) {
  Block &block = op.getBody().emplaceBlock();
  Body body(op.getLoc(), number);
  body.setInsertionPointToEnd(&block);
  for (StringRef name : op.getParameterNames())
    body.parameters.push_back(
        block.addArgument(name == "x" ? number : Type(body.getIndexType()), op.getLoc()));
  for (Value capture : captures)
    body.captures.push_back(block.addArgument(capture.getType(), op.getLoc()));
  attn::YieldOp::create(body, write(body));
}

Value KernelWriter::rows(RankedTensorType type, ValueRange captures, ArrayRef<int64_t> positions,
                         Write write) {
  auto op = attn::RowwiseOp::create(builder, type, captures,
                                    positions.empty() ? DenseI64ArrayAttr()
                                                      : builder.getDenseI64ArrayAttr(positions));
  writeBody(op, captures, number, write);
  return op.getResult();
}

Value KernelWriter::score(Value query, Value key, std::optional<double> scale) {
  ArrayRef<int64_t> q = cast<RankedTensorType>(query.getType()).getShape();
  ArrayRef<int64_t> k = cast<RankedTensorType>(key.getType()).getShape();
  auto type = RankedTensorType::get({q[0], q[2], q[1], k[1]}, number);
  return attn::ScoreOp::create(builder, type, attn::ScoreKind::ScaledDot, query, key,
                               scale ? builder.getF64FloatAttr(*scale) : FloatAttr());
}

Value KernelWriter::modify(Value scores, ValueRange captures, Write write) {
  auto op = attn::ModifyOp::create(builder, scores.getType(), scores, captures);
  writeBody(op, captures, number, write);
  return op.getResult();
}

Value KernelWriter::mask(Value scores, ValueRange captures, Write write) {
  auto op = attn::MaskOp::create(builder, scores, captures);
  writeBody(op, captures, number, write);
  return op.getResult();
}

Value KernelWriter::softmax(Value scores) {
  auto kind = attn::NormalizerKindAttr::get(builder.getContext(), attn::NormalizerKind::Softmax);
  return attn::NormalizeOp::create(builder, scores.getType(), kind, FlatSymbolRefAttr(), scores,
                                   ValueRange());
}

Value KernelWriter::weightedSum(Value weights, Value value, Type element) {
  ArrayRef<int64_t> w = cast<RankedTensorType>(weights.getType()).getShape();
  ArrayRef<int64_t> v = cast<RankedTensorType>(value.getType()).getShape();
  auto type = RankedTensorType::get({w[0], w[2], w[1], v[3]}, element);
  auto roundedTo = element.isBF16() ? TypeAttr::get(element) : TypeAttr();
  return attn::WeightedSumOp::create(builder, type, weights, value, roundedTo);
}

void KernelWriter::finish(ValueRange results) {
  attn::ReturnOp::create(builder, results);
  kernel.setFunctionType(
      builder.getFunctionType(kernel.getBody().getArgumentTypes(), results.getTypes()));
  kernel.setArgNamesAttr(builder.getStrArrayAttr(llvm::to_vector(
      llvm::map_range(names, [](const auto &known) { return StringRef(known.second); }))));
}

} // namespace heed::onnx
