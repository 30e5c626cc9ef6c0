// Kernels of partial states: merge, finish, or a finish of a merge.
#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Normalize.h"

using namespace mlir;
using namespace heed;

namespace {

/// The rows of partial states: (batch, query, head, columns, then state values).
class Rows {
public:
  Rows(const Array &array, unsigned states) : array(array), columns(array.shape[3] - states) {}

  int64_t count() const { return array.shape[0] * array.shape[1] * array.shape[2]; }
  Row place(int64_t row) const {
    int64_t heads = array.shape[2], queries = array.shape[1];
    return {row / heads / queries, row % heads, row / heads % queries};
  }
  State state(int64_t row) const { return State(begin(row) + columns, begin(row + 1)); }
  double column(int64_t row, int64_t d) const { return begin(row)[d]; }
  int64_t columnCount() const { return columns; }

private:
  std::vector<double>::const_iterator begin(int64_t row) const {
    return array.values.begin() + row * array.shape[3];
  }
  const Array &array;
  int64_t columns;
};

FailureOr<Array> merge(attn::MergeOp op, const Tensors &tensors) {
  auto normalizer = NormalizerInterpreter::create(op, {}, tensors);
  if (failed(normalizer))
    return failure();
  Rows first(tensors[op.getFirst()], normalizer->stateCount()),
      second(tensors[op.getSecond()], normalizer->stateCount());
  Array result(tensors[op.getFirst()].shape);
  auto write = result.values.begin();
  for (int64_t row = 0; row < first.count(); ++row) {
    auto merged = normalizer->merge(first.state(row), second.state(row));
    if (failed(merged))
      return failure();
    for (int64_t d = 0; d < first.columnCount(); ++d)
      *write++ =
          merged->firstFactor * first.column(row, d) + merged->secondFactor * second.column(row, d);
    write = llvm::copy(merged->state, write);
  }
  return result;
}

FailureOr<std::vector<Array>> finish(attn::FinishOp op, const Tensors &tensors) {
  auto normalizer = NormalizerInterpreter::create(op, op.getCaptures(), tensors);
  if (failed(normalizer))
    return failure();
  const Array &state = tensors[op.getState()];
  Rows rows(state, normalizer->stateCount());
  Array output({state.shape[0], state.shape[1], state.shape[2], rows.columnCount()}),
      logSumExp({state.shape[0], state.shape[2], state.shape[1]});
  auto write = output.values.begin();
  for (int64_t row = 0; row < rows.count(); ++row) {
    Row place = rows.place(row);
    auto final = normalizer->finalize(rows.state(row), place);
    if (failed(final))
      return failure();
    for (int64_t d = 0; d < rows.columnCount(); ++d)
      *write++ = final->factor * rows.column(row, d);
    logSumExp({place.batch, place.head, place.query}) = final->logSumExp;
  }
  std::vector<Array> results = {output};
  if (op.getLogSumExp())
    results.push_back(logSumExp);
  return results;
}

} // namespace

FailureOr<std::vector<Array>> heed::interpretMerge(MergeView view, Tensors tensors) {
  if (view.merge) {
    FailureOr<Array> merged = merge(view.merge, tensors);
    if (failed(merged))
      return failure();
    if (!view.finish)
      return std::vector<Array>{*merged};
    tensors.set(view.merge.getResult(), *merged);
  }
  return finish(view.finish, tensors);
}
