#include "compiler/dialect/presets/AttentionBuilder.h"

using namespace mlir;

namespace heed {

Value BodyBuilder::place(Alignment alignment) {
  if (alignment == Alignment::TopLeft)
    return query;
  Value offset = attn::QueryOffsetOp::create(*this, getIndexType());
  return arith::AddIOp::create(*this, query, offset);
}

static int64_t orDynamic(int64_t extent) { return extent == 0 ? ShapedType::kDynamic : extent; }

AttentionBuilder::AttentionBuilder(MLIRContext &context, ModuleOp module, StringRef name,
                                   const PresetOptions &options)
    : options(options), builder(UnknownLoc::get(&context), &context) {
  builder.setInsertionPointToEnd(module.getBody());
  kernel =
      attn::KernelOp::create(builder, name, builder.getFunctionType({}, {}), ArrayRef<StringRef>());
  int64_t any = ShapedType::kDynamic, heads = extentOf('h');
  int64_t keyHeads = options.keyHeads == 0 ? heads : options.keyHeads;
  int64_t valueDim = options.valueDim == 0 ? options.headDim : options.valueDim;
  query = addArgument("q", {any, any, heads, options.headDim}, builder.getF32Type());
  key = addArgument("k", {any, any, keyHeads, options.headDim}, builder.getF32Type());
  value = addArgument("v", {any, any, keyHeads, valueDim}, builder.getF32Type());
}

int64_t AttentionBuilder::extentOf(char axis) const {
  return axis == 'h' ? orDynamic(options.heads) : ShapedType::kDynamic;
}

Value AttentionBuilder::addArgument(StringRef name, ArrayRef<int64_t> shape, Type element,
                                    StringRef role) {
  Value argument =
      kernel.getBody().addArgument(RankedTensorType::get(shape, element), builder.getLoc());
  unsigned number = argumentNames.size();
  argumentNames.push_back(name);
  kernel.setFunctionType(builder.getFunctionType(kernel.getBody().getArgumentTypes(), {}));
  kernel.setArgNamesAttr(builder.getStrArrayAttr(argumentNames));
  if (!role.empty())
    roles.push_back({number, role});
  return argument;
}

template <typename Op> static BodyBuilder bodyOf(Op op, ValueRange captures) {
  Block &block = op.getBody().emplaceBlock();
  BodyBuilder body(op.getLoc(), op.getContext());
  body.setInsertionPointToEnd(&block);
  for (StringRef name : op.getParameterNames())
    block.addArgument(name == "x" ? Type(body.getF32Type()) : Type(body.getIndexType()),
                      op.getLoc());
  for (Value capture : captures)
    block.addArgument(capture.getType(), op.getLoc());
  auto positions = op.getBody().getArguments().drop_back(captures.size()).take_back(4);
  body.batch = positions[0], body.head = positions[1], body.query = positions[2],
  body.key = positions[3];
  llvm::append_range(body.captures, op.getCaptureArguments());
  return body;
}

void AttentionBuilder::modify(ValueRange captures,
                              std::function<Value(BodyBuilder &, Value)> write) {
  SmallVector<Value> captured(captures);
  modifies.push_back([=, this](Value scores) -> Value {
    auto op = attn::ModifyOp::create(builder, scores.getType(), scores, captured);
    BodyBuilder body = bodyOf(op, captured);
    Value result = write(body, op.getBody().getArgument(0));
    attn::YieldOp::create(body, result);
    return op.getResult();
  });
}

void AttentionBuilder::mask(ValueRange captures, std::function<Value(BodyBuilder &)> write) {
  SmallVector<Value> captured(captures);
  masks.push_back([=, this](Value scores) -> Value {
    auto op = attn::MaskOp::create(builder, scores, captured);
    BodyBuilder body = bodyOf(op, captured);
    attn::YieldOp::create(body, write(body));
    return op.getResult();
  });
}

attn::KernelOp AttentionBuilder::finish() {
  builder.setInsertionPointToEnd(&kernel.getBody().front());
  auto extent = [](Value tensor, unsigned axis) {
    return cast<RankedTensorType>(tensor.getType()).getDimSize(axis);
  };
  auto tensor = [&](ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getF32Type());
  };
  int64_t batch = extent(query, 0), queries = extent(query, 1), heads = extent(query, 2);

  Value scores = attn::ScoreOp::create(builder, tensor({batch, heads, queries, extent(key, 1)}),
                                       attn::ScoreKind::ScaledDot, query, key, FloatAttr());
  for (auto &component : modifies)
    scores = component(scores);
  for (auto &component : masks)
    scores = component(scores);
  Value weights = attn::NormalizeOp::create(builder, attn::NormalizerKind::Softmax, scores);
  SmallVector<Value> results = {attn::WeightedSumOp::create(
      builder, tensor({batch, queries, heads, extent(value, 3)}), weights, value)};
  if (options.logSumExp || options.weights)
    results.push_back(attn::LogSumExpOp::create(builder, tensor({batch, heads, queries}), scores));
  if (options.weights)
    results.push_back(weights);
  attn::ReturnOp::create(builder, results);

  kernel.setFunctionType(
      builder.getFunctionType(kernel.getBody().getArgumentTypes(), TypeRange(ValueRange(results))));
  for (auto [number, role] : roles)
    kernel.setArgAttr(number, role, builder.getUnitAttr());
  return kernel;
}

} // namespace heed
