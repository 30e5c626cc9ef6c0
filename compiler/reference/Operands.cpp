#include "compiler/reference/Operands.h"
#include "compiler/reference/Together.h"

#include <optional>

using namespace mlir;
using namespace heed;

//===------------------------------------------------------------------------------------------===//
// Elements
//===------------------------------------------------------------------------------------------===//

FailureOr<Array> heed::evaluateRowwise(attn::RowwiseOp op, std::vector<int64_t> shape,
                                       const Tensors &tensors, const Surroundings &surroundings) {
  Array result(shape);
  size_t columns = shape.back();
  for (size_t first = 0; first < result.values.size(); first += columns) { // of a row
    Numbers place;
    size_t row = first / columns;
    for (size_t axis = shape.size() - 1; axis-- > 0; row /= shape[axis])
      place.insert(place.begin(), position(row % shape[axis]));
    Context<Number> context = captureContext(op.getCaptures(), tensors);
    if (surroundings)
      surroundings(context, place.front().asInteger());
    std::vector<Numbers> elements(columns, place);
    for (size_t column = 0; column < columns; ++column)
      elements[column].push_back(position(column));
    FailureOr<std::vector<Numbers>> yielded = evaluateTogether(op.getBody(), elements, context);
    if (failed(yielded))
      return failure();
    for (size_t column = 0; column < columns; ++column)
      result.values[first + column] = (*yielded)[column].front().asReal();
  }
  return result;
}

/// result[b, p, h, e] = sum_d input[b, p, h, d] * weights[h, d, e]
static Array evaluateProject(attn::ProjectOp op, const Tensors &tensors) {
  const Array &input = tensors[op.getInput()], &weights = tensors[op.getWeights()];
  Array result(tensors[op.getResult()].shape);
  int64_t heads = input.shape[2], from = input.shape[3], to = result.shape[3];
  for (size_t element = 0; element < result.values.size(); ++element) {
    int64_t row = element / to, e = element % to;
    int64_t head = weights.shape[0] == 1 ? 0 : row % heads;
    for (int64_t d = 0; d < from; ++d)
      result.values[element] += input.values[row * from + d] * weights({head, d, e});
  }
  return result;
}

LogicalResult heed::makeOperands(const AttentionView &view, Tensors &tensors,
                                 const Surroundings &surroundings) {
  for (Operation *op : view.operands) {
    Value result = op->getResult(0);
    if (auto project = dyn_cast<attn::ProjectOp>(op)) {
      tensors.set(result, evaluateProject(project, tensors));
      continue;
    }
    FailureOr<Array> rows =
        evaluateRowwise(cast<attn::RowwiseOp>(op), tensors[result].shape, tensors, surroundings);
    if (failed(rows))
      return failure();
    tensors.set(result, *rows);
  }
  return success();
}

//===------------------------------------------------------------------------------------------===//
// Extents
//===------------------------------------------------------------------------------------------===//

/// Of what `op` gives, as its type, its `positions` or a load at the axis's position says.
static std::optional<int64_t> toldExtent(attn::RowwiseOp op, unsigned axis,
                                         const Tensors &tensors) {
  if (!op.getType().isDynamicDim(axis))
    return op.getType().getDimSize(axis);
  int64_t sum = 0;
  for (auto term : op.getPositionTerms())
    sum += tensors[op.getCaptures()[term.capture]].shape[term.axis] * term.factor;
  if (axis == 1 && op.getPositions())
    return sum;
  for (auto load : op.getBody().getOps<attn::LoadOp>())
    for (auto [loadedAxis, index] : llvm::enumerate(load.getIndices()))
      if (index == op.getBody().getArgument(axis))
        return tensors[op.getCaptures()[attn::captureNumber(load.getTensor())]].shape[loadedAxis];
  return std::nullopt;
}

/// The extent of an operand's axis as another operand of the kernel has it: all have the batch, and
/// key and value also positions and heads.
static std::optional<int64_t> sharedExtent(const AttentionView &view, Value operand, unsigned axis,
                                           const Tensors &tensors) {
  for (Value other : {view.query, view.key, view.value}) {
    bool shares = axis == 0 || (other != view.query && operand != view.query);
    if (shares && tensors.has(other))
      return tensors[other].shape[axis];
  }
  return std::nullopt;
}

LogicalResult heed::shapeOperands(const AttentionView &view, Tensors &tensors) {
  for (Operation *op : view.operands) {
    std::vector<int64_t> shape;
    if (auto project = dyn_cast<attn::ProjectOp>(op)) {
      shape = tensors[project.getInput()].shape;
      shape.back() = tensors[project.getWeights()].shape.back();
    }
    for (unsigned axis = shape.size(); axis < 4; ++axis) {
      std::optional<int64_t> extent = toldExtent(cast<attn::RowwiseOp>(op), axis, tensors);
      if (!extent)
        extent = sharedExtent(view, op->getResult(0), axis, tensors);
      if (!extent)
        return op->emitOpError() << "no input tells the extent of its axis " << axis;
      shape.push_back(*extent);
    }
    tensors.set(op->getResult(0), Array(shape));
  }
  return success();
}
