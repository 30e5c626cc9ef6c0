#include "tools/heed-bench/Check.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/emit/Errors.h"
#include "compiler/reference/Interpreter.h"
#include "tools/heed-bench/Slice.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace heed::bench {
namespace {

// As in tests/property, where random kernels were measured; c3 also stands for what modifies add
// there.
constexpr double c1 = 3, c2 = 0.3, c3 = 1;

/// Rows [first, last) of axis 1 of `whole`, (batch, sequence, head, dim).
Array rows(const Array &whole, int64_t first, int64_t last) {
  std::vector<int64_t> shape = whole.shape;
  int64_t sequence = shape[1], row = shape[2] * shape[3];
  shape[1] = last - first;
  Array part(shape);
  for (int64_t batch = 0; batch < shape[0]; ++batch)
    std::copy_n(whole.values.begin() + (batch * sequence + first) * row, shape[1] * row,
                part.values.begin() + batch * shape[1] * row);
  return part;
}

/// Of the queries [first, last): what is right, what comes out, and what may lie between them.
class RowsChecker {
public:
  RowsChecker(const Kernel &kernel, llvm::ArrayRef<Array> inputs, const Array &output,
              int64_t first, int64_t last)
      : slice(sliceQueries(kernel.description(), first, output.shape[1])),
        view(*viewAttention(*(*slice).getOps<attn::KernelOp>().begin())), inputs(inputs),
        actual(rows(output, first, last)) {
    Array &query = inputOf(view.query);
    query = rows(query, first, last);
  }

  llvm::Error check(Accuracy &accuracy) {
    auto expected = interpret(view.kernel, inputs);
    Array &value = inputOf(view.value);
    for (double &v : value.values)
      v = std::abs(v);
    auto magnitude = interpret(view.kernel, inputs); // sum_j w_j |v_j|
    if (failed(expected) || failed(magnitude))
      return llvm::make_error<Reported>();
    compare(expected->front(), magnitude->front(), accuracy);
    return llvm::Error::success();
  }

private:
  Array &inputOf(mlir::Value argument) {
    return inputs[mlir::cast<mlir::BlockArgument>(argument).getArgNumber()];
  }

  void compare(const Array &expected, const Array &magnitude, Accuracy &accuracy) {
    const double epsilon = std::numeric_limits<float>::epsilon();
    const double sum = c1 + c2 * std::sqrt(inputOf(view.key).shape[1]);
    int64_t rowSize = expected.shape[3];
    for (size_t row = 0; row < expected.values.size() / rowSize; ++row) {
      double relative = epsilon * (sum + c3 * largestScore(row));
      for (size_t i = row * rowSize; i < (row + 1) * rowSize; ++i) {
        double error = std::abs(actual.values[i] - expected.values[i]),
               allowed = relative * magnitude.values[i];
        accuracy.maxError = std::max(accuracy.maxError, error);
        accuracy.ofBound = std::max(accuracy.ofBound, error == 0 ? 0 : error / allowed);
      }
    }
  }

  /// max_j sum_d |scale q_d k_jd| of row (batch, query, head).
  double largestScore(int64_t row) {
    const Array &query = inputOf(view.query), &key = inputOf(view.key);
    int64_t heads = query.shape[2], head = row % heads, batch = row / heads / query.shape[1];
    int64_t keyHead = head / (heads / key.shape[2]), length = key.shape[1];
    if (view.keyLengths)
      length = inputOf(view.keyLengths)(batch);
    const double *q = query.values.data() + row * view.dim;
    double largest = 0;
    for (int64_t j = 0; j < length; ++j) {
      const double *k =
          key.values.data() + ((batch * key.shape[1] + j) * key.shape[2] + keyHead) * view.dim;
      double sum = 0;
      for (int64_t d = 0; d < view.dim; ++d)
        sum += std::abs(q[d] * k[d]);
      largest = std::max(largest, sum);
    }
    return largest * std::abs(view.scale);
  }

  mlir::OwningOpRef<mlir::ModuleOp> slice;
  AttentionView view;
  std::vector<Array> inputs; // of the rows
  Array actual;              // (batch, query of the rows, head, value dim)
};

llvm::Error checkFinite(const Array &output) {
  auto bad = llvm::find_if(output.values, [](double value) { return !std::isfinite(value); });
  if (bad == output.values.end())
    return llvm::Error::success();
  int64_t place = bad - output.values.begin(), dim = output.shape[3], heads = output.shape[2];
  return userError(
      fmt::format("wrong result: element (batch {}, query {}, head {}, column {}) is {}",
                  place / dim / heads / output.shape[1], place / dim / heads % output.shape[1],
                  place / dim % heads, place % dim, *bad));
}

} // namespace

llvm::Expected<Accuracy> checkOutput(const Kernel &kernel, llvm::ArrayRef<Array> inputs,
                                     const Array &output) {
  if (llvm::Error error = checkFinite(output))
    return error;
  constexpr int64_t mostPairs = 200'000; // a second of the interpreter's
  int64_t queries = output.shape[1], keys = inputs[1].shape[1];
  int64_t few = std::max<int64_t>(2, mostPairs / (output.shape[0] * output.shape[2] * keys));
  std::vector<std::pair<int64_t, int64_t>> parts = {{0, few / 2}, {queries - few / 2, queries}};
  if (few >= queries)
    parts = {{0, queries}};
  Accuracy accuracy;
  for (auto [first, last] : parts)
    if (llvm::Error error = RowsChecker(kernel, inputs, output, first, last).check(accuracy))
      return error;
  if (accuracy.ofBound <= 1)
    return accuracy;
  return userError(
      fmt::format("wrong result: the largest error, {:.2g}, is {:.2g} times what rounding explains",
                  accuracy.maxError, accuracy.ofBound));
}

} // namespace heed::bench
