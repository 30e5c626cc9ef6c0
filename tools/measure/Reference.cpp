#include "tools/measure/Reference.h"
#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/emit/Errors.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Operands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed::measure {
namespace {

// As in tests/property, where random kernels were measured; c3 also stands for what modifies add
// there.
constexpr double c1 = 3, c2 = 0.3, c3 = 1;

constexpr double smallestWeight = 0x1p-100;

/// Half a unit in the last place, relatively; what storing adds. float32 and float64 are the
/// arithmetic's own.
double storageRounding(ElementType type) {
  return type == ElementType::F16 ? 0x1p-11 : type == ElementType::BF16 ? 0x1p-8 : 0;
}

/// Of the arithmetic in numbers of a tensor's type.
double epsilonOf(mlir::Type type) {
  return mlir::cast<mlir::RankedTensorType>(type).getElementType().isF64()
             ? 4 * std::numeric_limits<double>::epsilon() // the reference rounds, too
             : std::numeric_limits<float>::epsilon();
}

/// (panels, inputs, width) as (inputs, outputs).
Array unpacked(const Array &packed, int64_t outputs) {
  int64_t inputs = packed.shape[1], width = packed.shape[2];
  Array weights({inputs, outputs});
  for (int64_t i = 0; i < inputs; ++i)
    for (int64_t o = 0; o < outputs; ++o)
      weights({i, o}) = packed({o / width, i, o % width});
  return weights;
}

/// Rows [first, last) of `axis` of `whole`.
Array rows(const Array &whole, size_t axis, int64_t first, int64_t last) {
  int64_t outer = 1, inner = 1;
  for (size_t i = 0; i < whole.shape.size(); ++i)
    (i < axis ? outer : inner) *= i == axis ? 1 : whole.shape[i];
  std::vector<int64_t> shape = whole.shape;
  shape[axis] = last - first;
  Array part(shape);
  for (int64_t i = 0; i < outer; ++i)
    std::copy_n(whole.values.begin() + (i * whole.shape[axis] + first) * inner, shape[axis] * inner,
                part.values.begin() + i * shape[axis] * inner);
  return part;
}

} // namespace

class ReferenceMaker {
public:
  ReferenceMaker(const Kernel &kernel, llvm::ArrayRef<Array> inputs)
      : kernel(kernel), inputs(inputs) {
    for (const SignatureArgument &argument : kernel.signature.arguments)
      if (argument.role == Role::Output) {
        result.names.push_back(argument.name);
        stored.push_back(argument.type);
      }
  }

  llvm::Expected<Reference> make() {
    bool isAttention = kindOf(kernel.described) == KernelKind::Attention;
    mlir::LogicalResult made = isAttention && !viewAttention(kernel.described)->isPartial()
                                   ? makeAttention(*viewAttention(kernel.described))
                                   : makeOther();
    if (failed(made))
      return llvm::make_error<Reported>();
    return std::move(result);
  }

private:
  //===----------------------------------------------------------------------------------------===//
  // Attention
  //===----------------------------------------------------------------------------------------===//

  mlir::LogicalResult makeAttention(AttentionView view) {
    mlir::FailureOr<Tensors> made = withOperands(view, Tensors(view.kernel, inputs));
    if (failed(made))
      return mlir::failure();
    hasMadeOperands = !view.operands.empty();
    view.operands.clear(); // they are among the tensors
    auto normalizer = normalizerOf(view.normalize);
    followsRelatively = normalizer->online() && normalizer->online().hasLogSumExp();
    const Array &query = (*made)[view.query], &key = (*made)[view.key];
    constexpr int64_t mostPairs = 200'000; // a second of the interpreter's
    int64_t queries = query.shape[1];
    int64_t few =
        std::max<int64_t>(2, mostPairs / (query.shape[0] * query.shape[2] * key.shape[1]));
    std::vector<QueryRange> ranges = {{0, few / 2}, {queries - few / 2, queries}};
    if (few >= queries)
      ranges = {{0, queries}};
    for (QueryRange range : ranges)
      if (failed(makeQueries(view, *made, range)))
        return mlir::failure();
    return mlir::success();
  }

  mlir::LogicalResult makeQueries(AttentionView view, const Tensors &tensors, QueryRange range) {
    llvm::SmallVector<mlir::Value> returned = view.results;
    view.results = {returned.front(), view.normalize.getWeights()};
    for (mlir::Value value : llvm::drop_begin(returned))
      if (value.getDefiningOp<attn::LogSumExpOp>())
        view.results.push_back(value);
    auto arrays = interpretAttention(view, tensors, range);
    if (failed(arrays))
      return mlir::failure();
    const Array &weights = (*arrays)[1]; // (batch, head, query, key)
    Array scores = scoreErrors(view, tensors, weights, range.first);
    addPart(0, 1, range.first, (*arrays)[0], outputErrors(view, tensors, weights, scores));
    for (auto [output, value] : llvm::enumerate(returned)) {
      if (value == view.normalize.getWeights())
        addPart(output, 2, range.first, weights, weightErrors(weights, scores));
      if (output > 0 && value.getDefiningOp<attn::LogSumExpOp>())
        addPart(output, 2, range.first, (*arrays)[2], scores);
    }
    return mlir::success();
  }

  /// What the exponent of a row may be off by, (batch, head, query).
  Array scoreErrors(AttentionView view, const Tensors &tensors, const Array &weights,
                    int64_t first) {
    isPairwise = view.score.getKind() == attn::ScoreKind::Pairwise;
    const Array &query = tensors[view.query], &key = tensors[view.key];
    int64_t group = query.shape[2] / key.shape[2], keys = key.shape[1];
    double epsilon = epsilonOf(view.normalize.getWeights().getType());
    double fixed = c1 + c2 * std::sqrt(double(keys));
    Array errors({weights.shape[0], weights.shape[1], weights.shape[2]});
    for (int64_t b = 0; b < errors.shape[0]; ++b)
      for (int64_t h = 0; h < errors.shape[1]; ++h)
        for (int64_t i = 0; i < errors.shape[2]; ++i) {
          int64_t length = view.keyLengths ? int64_t(tensors[view.keyLengths](b)) : keys;
          double largest = 0;
          for (int64_t j = 0; j < length; ++j)
            largest = std::max(largest, terms(view, &query.values[rowOf(query, b, first + i, h)],
                                              &key.values[rowOf(key, b, j, h / group)]));
          errors({b, h, i}) = epsilon * (fixed + c3 * std::abs(view.scale) * largest);
        }
    return errors;
  }

  static size_t rowOf(const Array &array, int64_t batch, int64_t place, int64_t head) {
    return ((batch * array.shape[1] + place) * array.shape[2] + head) * array.shape[3];
  }

  /// How large what a score is summed of may become. A region of two numbers may square them; made
  /// operands are off by roundings of their whole row.
  double terms(const AttentionView &view, const double *query, const double *key) const {
    double sum = 0, querySquares = 0, keySquares = 0;
    for (int64_t d = 0; d < view.dim; ++d) {
      double q = std::abs(query[d]), k = std::abs(key[d]);
      sum += isPairwise ? (q + k) * (1 + q + k) : q * k;
      querySquares += q * q, keySquares += k * k;
    }
    return sum + (hasMadeOperands ? std::sqrt(querySquares * keySquares) : 0);
  }

  /// What a weight is off by for each unit of its score's error.
  double slope(double weight) const {
    return std::abs(weight) + (followsRelatively || weight == 0 ? 0 : 1);
  }

  /// What `weight` may be off by in a row whose scores are off by `score`. exp2 gives no less than
  /// smallestWeight, and a block's weights and the factor that merges them are one each.
  double weightError(double weight, double score) const {
    return score * slope(weight) + (followsRelatively && weight != 0 ? 4 * smallestWeight : 0);
  }

  Array weightErrors(const Array &weights, const Array &scores) const {
    Array errors(weights.shape);
    int64_t keys = weights.shape[3];
    for (size_t i = 0; i < errors.values.size(); ++i)
      errors.values[i] = weightError(weights.values[i], scores.values[i / keys]);
    return errors;
  }

  /// (batch, query, head, value dim)
  Array outputErrors(const AttentionView &view, const Tensors &tensors, const Array &weights,
                     const Array &scores) const {
    const Array &value = tensors[view.value];
    int64_t batch = weights.shape[0], heads = weights.shape[1], queries = weights.shape[2],
            keys = weights.shape[3], group = heads / value.shape[2];
    // Of the weight, and of the sum that it is divided by.
    const double rounding = view.hasCoarseWeights() ? 2 * storageRounding(ElementType::BF16) : 0;
    Array errors({batch, queries, heads, view.valueDim});
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t i = 0; i < queries; ++i)
          for (int64_t j = 0; j < keys; ++j) {
            double error = weightError(weights({b, h, i, j}), scores({b, h, i})) +
                           rounding * std::abs(weights({b, h, i, j}));
            const double *row = &value.values[rowOf(value, b, j, h / group)];
            double *to = &errors.values[rowOf(errors, b, i, h)];
            for (int64_t d = 0; error != 0 && d < view.valueDim; ++d)
              to[d] += error * std::abs(row[d]);
          }
    return errors;
  }

  //===----------------------------------------------------------------------------------------===//
  // Everything else
  //===----------------------------------------------------------------------------------------===//

  mlir::LogicalResult makeOther() {
    std::vector<Array> whole = inputs;
    Array linear; // sum |x| |W|
    int64_t summed = 0;
    if (kindOf(kernel.described) == KernelKind::Linear) {
      LinearView view = *viewLinear(kernel.described);
      auto number = [](mlir::Value argument) {
        return mlir::cast<mlir::BlockArgument>(argument).getArgNumber();
      };
      Array &weights = whole[number(view.linear.getWeights())];
      weights = unpacked(weights, view.outputs);
      linear = magnitudes(whole[number(view.linear.getInput())], weights);
      summed = view.inputs;
    }
    if (kindOf(kernel.described) == KernelKind::Attention) {
      AttentionView view = *viewAttention(kernel.described);
      Tensors tensors(view.kernel, inputs);
      if (failed(shapeOperands(view, tensors)))
        return mlir::failure();
      summed = tensors[view.key].shape[1];
    }
    auto arrays = interpret(kernel.described, whole);
    if (failed(arrays))
      return mlir::failure();
    attn::KernelOp described = kernel.described;
    const double epsilon = epsilonOf(described.getResultTypes().front());
    for (auto [output, wanted] : llvm::enumerate(*arrays)) {
      Array allowed(wanted.shape);
      size_t columns = wanted.shape.back();
      for (size_t i = 0; i < allowed.values.size(); ++i) {
        auto row = wanted.values.begin() + i / columns * columns;
        double largest = 1;
        for (auto number = row; linear.values.empty() && number != row + columns; ++number)
          if (std::isfinite(*number))
            largest = std::max(largest, std::abs(*number));
        if (!linear.values.empty())
          largest += linear.values[i];
        int64_t terms = summed ? summed : int64_t(columns);
        allowed.values[i] = epsilon * (c1 + c2 * std::sqrt(double(terms))) * largest;
      }
      addPart(output, 0, 0, wanted, std::move(allowed));
    }
    return mlir::success();
  }

  static Array magnitudes(const Array &x, const Array &weights) {
    Array sums({x.shape[0], weights.shape[1]});
    int64_t outputs = weights.shape[1];
    for (int64_t row = 0; row < x.shape[0]; ++row)
      for (int64_t i = 0; i < x.shape[1]; ++i)
        for (int64_t o = 0; o < outputs; ++o)
          sums.values[row * outputs + o] +=
              std::abs(x.values[row * x.shape[1] + i] * weights.values[i * outputs + o]);
    return sums;
  }

  void addPart(size_t output, size_t axis, int64_t first, Array wanted, Array allowed) {
    double rounding = storageRounding(stored[output]);
    for (auto [bound, number] : llvm::zip(allowed.values, wanted.values))
      if (std::isfinite(number))
        bound += rounding * std::abs(number);
    result.parts.push_back({output, axis, first, std::move(wanted), std::move(allowed)});
  }

  const Kernel &kernel;
  std::vector<Array> inputs;
  std::vector<ElementType> stored; ///< types of the outputs
  bool hasMadeOperands = false, isPairwise = false, followsRelatively = true;
  Reference result;
};

llvm::Expected<Reference> Reference::compute(const Kernel &kernel, llvm::ArrayRef<Array> inputs) {
  return ReferenceMaker(kernel, inputs).make();
}

static llvm::Error checkFinite(const Array &output, llvm::StringRef name) {
  auto bad = llvm::find_if(output.values, [](double value) { return !std::isfinite(value); });
  if (bad == output.values.end())
    return llvm::Error::success();
  std::vector<int64_t> index;
  int64_t place = bad - output.values.begin();
  for (int64_t extent : llvm::reverse(output.shape)) {
    index.insert(index.begin(), place % extent);
    place /= extent;
  }
  return userError(
      fmt::format("wrong result: {}[{}] is {}", name.str(), fmt::join(index, ", "), *bad));
}

llvm::Expected<Accuracy> Reference::check(llvm::ArrayRef<Array> outputs) const {
  if (llvm::Error error = checkFinite(outputs.front(), names.front()))
    return error;
  Accuracy accuracy;
  for (const Part &part : parts) {
    Array actual = rows(outputs[part.output], part.axis, part.first,
                        part.first + part.wanted.shape[part.axis]);
    for (auto [got, wanted, allowed] :
         llvm::zip(actual.values, part.wanted.values, part.allowed.values)) {
      double error = got == wanted ? 0 : std::abs(got - wanted); // infinities are alike
      if (std::isnan(error))
        error = std::numeric_limits<double>::infinity();
      accuracy.maxError = std::max(accuracy.maxError, error);
      accuracy.ofBound = std::max(accuracy.ofBound, error == 0 ? 0 : error / allowed);
    }
  }
  if (accuracy.ofBound <= 1)
    return accuracy;
  return userError(
      fmt::format("wrong result: the largest error, {:.2g}, is {:.2g} times what rounding explains",
                  accuracy.maxError, accuracy.ofBound));
}

} // namespace heed::measure
