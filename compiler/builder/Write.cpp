// The description: a normalizer of one's own, then the kernel.
#include "compiler/builder/Description.h"

#include <fstream>

namespace heed {
inline namespace builder {

using namespace detail;

static void replaceAll(std::string &text, const std::string &from, const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

static std::string writeOwnNormalizer(const NormalizerData &normalizer,
                                      const std::vector<TensorPtr> &captures) {
  std::string text = std::string(normalizer.op) + " " + normalizer.name;
  for (const NormalizerRegion &region : normalizer.regions) {
    bool looks =
        region.keyword == "summarize" || region.keyword == "weight" || region.keyword == "finalize";
    text += " " + region.keyword + " " +
            writeRegion({region.parameters, region.yields},
                        looks ? captures : std::vector<TensorPtr>(), {}, "");
  }
  if (normalizer.unit != 1)
    text += " {unit = " + show(normalizer.unit) + " : f64}";
  return text + "\n\n";
}

namespace {

/// Of tokens, in pages as large as the rows'.
TensorData scalesOf(const Operand &operand) {
  const TensorData &rows = *operand.argument;
  TensorData scales = *operand.stored.scaleOfTokens;
  Extent pageSize = rows.extents[1];
  if (pageSize != any && scales.extents[1] != any && scales.extents[1] != pageSize)
    throw BuilderError("'" + scales.name + "' has " + std::to_string(scales.extents[1]) +
                       " scales a page, where '" + rows.name + "' has " + std::to_string(pageSize) +
                       " rows");
  if (pageSize != any)
    scales.extents[0] = any, scales.extents[1] = pageSize; // as many pages as the pool has
  return scales;
}

/// Writes a kernel, part by part in their order.
class KernelWriter {
public:
  explicit KernelWriter(const Description &kernel);
  std::string write();

private:
  /// Adds an op with one result.
  TensorData add(const std::string &name, const std::string &text, const std::string &element,
                 const std::vector<Extent> &extents);
  TensorData overScores(const std::string &name, const std::string &op, const TensorData &scores,
                        const Region &region);

  TensorData makeOperand(const Operand &operand);
  TensorData makeScores(const TensorData &query, const TensorData &key);
  TensorData makeWeights();
  TensorData makeOutput(const TensorData &value);
  TensorData makeResult(Result result);

  const Description &kernel;
  Scope scope;
  std::string own, arguments, body; ///< a normalizer of its own; the kernel's arguments; its ops
  std::vector<Extent> pairs;        ///< the scores' extents
  TensorData raw, modified, masked, weights;
};

KernelWriter::KernelWriter(const Description &kernel)
    : kernel(kernel), pairs{any, kernel.shape.heads, any, any} {
  auto declare = [&](const TensorData &tensor) {
    std::string text = "%" + scope.take(tensor.name) + ": " + tensorType(tensor);
    if (!tensor.role.empty())
      text += " {" + tensor.role + "}";
    bool fits = arguments.size() - (arguments.rfind('\n') + 1) + text.size() < 100;
    arguments += arguments.empty() ? text : (fits ? ", " : ",\n    ") + text;
  };
  declare(*kernel.operands[0].argument);
  declare(*kernel.operands[1].argument);
  if (kernel.operands[2].argument != kernel.operands[1].argument) // values made from keys
    declare(*kernel.operands[2].argument);
  for (const Operand &operand : kernel.operands)
    if (const TensorPtr &scales = operand.stored.scaleOfTokens)
      scope.actual[scales.get()] = scalesOf(operand);
  for (const TensorPtr &input : kernel.inputs)
    declare(scope.resolve(input));
}

TensorData KernelWriter::add(const std::string &name, const std::string &text,
                             const std::string &element, const std::vector<Extent> &extents) {
  TensorData result{scope.take(name), element, extents, ""};
  std::string line = "  %" + result.name + " = " + text;
  if (size_t types = line.find(" : ("); line.size() > 100 && types != std::string::npos)
    line.insert(types, "\n     ");
  body += line + "\n";
  return result;
}

TensorData KernelWriter::makeOperand(const Operand &operand) {
  TensorData made = *operand.argument;
  std::vector<Step> steps = operand.steps;
  if (std::optional<Step> load = operand.load())
    steps.insert(steps.begin(), *load);
  for (const Step &step : steps) {
    std::string name = operand.argument->name + "_" + step.what;
    std::vector<Extent> extents = {any, any, operand.argument->extents[2],
                                   step.columns.value_or(made.extents[3])};
    if (step.weights) {
      extents[3] = step.weights->extents[2];
      made = add(name,
                 "attn.project %" + made.name + ", %" + step.weights->name + " : (" +
                     tensorType(made) + ", " + tensorType(*step.weights) + ") -> " +
                     tensorType(extents, "$T"),
                 "$T", extents);
      continue;
    }
    scope.actual[step.source.get()] = made;
    std::vector<TensorPtr> captures = capturesOf({&step.region});
    std::string text = "attn.rowwise " + writeCaptures(captures, scope);
    if (step.positions)
      text += "positions(%" + scope.resolve(step.positions).name + "[1]" +
              (step.factor == 1 ? "" : " * " + std::to_string(step.factor)) + ") ";
    text += writeRegion(step.region, captures, scope, "  ") + " : " + tensorType(extents, "$T");
    made = add(name, text, "$T", extents);
  }
  return made;
}

TensorData KernelWriter::overScores(const std::string &name, const std::string &op,
                                    const TensorData &scores, const Region &region) {
  std::vector<TensorPtr> captures = capturesOf({&region});
  return add(name,
             op + " %" + scores.name + " " + writeCaptures(captures, scope) +
                 writeRegion(region, captures, scope, "  ") + " : " + tensorType(scores),
             scores.element, scores.extents);
}

TensorData KernelWriter::makeScores(const TensorData &query, const TensorData &key) {
  std::string kind = kernel.scoreKind.empty() ? "scaled_dot" : kernel.scoreKind;
  std::string text = "attn.score " + kind + " %" + query.name + ", %" + key.name + " ";
  if (kernel.pairwise) {
    std::vector<TensorPtr> captures = capturesOf({&*kernel.pairwise});
    text +=
        writeCaptures(captures, scope) + writeRegion(*kernel.pairwise, captures, scope, "  ") + " ";
  }
  if (kernel.scale)
    text += "{scale = " + show(*kernel.scale) + " : f64} ";
  return add("scores",
             text + ": (" + tensorType(query) + ", " + tensorType(key) + ") -> " +
                 tensorType(pairs, "$T"),
             "$T", pairs);
}

TensorData KernelWriter::makeWeights() {
  const NormalizerData &normalizer = *kernel.normalizer.data;
  std::vector<TensorPtr> captures = capturesOf(normalizer);
  if (normalizer.op)
    own = writeOwnNormalizer(normalizer, captures);
  return add("weights",
             "attn.normalize " + normalizer.name + " %" + masked.name + " " +
                 writeCaptures(captures, scope) + ": " + tensorType(masked),
             "$T", pairs);
}

TensorData KernelWriter::makeOutput(const TensorData &value) {
  if (kernel.isPartial && !kernel.weightsAs.empty())
    throw BuilderError("kernel '" + kernel.name +
                       "': weightsAs and returnPartial exclude each other: states are not rounded");
  TensorData rows = kernel.isPartial ? kernel.partial() : kernel.output();
  std::string op = kernel.isPartial ? "attn.partial" : "attn.weighted_sum",
              as = kernel.weightsAs.empty() ? "" : " {weights_as = " + kernel.weightsAs + "}";
  return add(rows.name,
             op + " %" + weights.name + ", %" + value.name + as + " : (" + tensorType(weights) +
                 ", " + tensorType(value) + ") -> " + tensorType(rows),
             rows.element, rows.extents);
}

TensorData KernelWriter::makeResult(Result result) {
  auto reduce = [&](const char *name, const std::string &op, const TensorData &of) {
    std::vector<Extent> perRow = {any, kernel.shape.heads, any};
    std::string types = tensorType(of) + " -> " + tensorType(perRow, "$T");
    return add(name, op + " %" + of.name + " : " + types, "$T", perRow);
  };
  switch (result) {
  case Result::LogSumExp:
    return reduce("log_sum_exp", "attn.log_sum_exp", masked);
  case Result::KeySums:
    return reduce("key_sums", "attn.key_sum", weights);
  case Result::Weights:
    return weights;
  case Result::RawScores:
    return raw;
  case Result::ModifiedScores:
    return modified;
  case Result::MaskedScores:
    return masked;
  }
  return {};
}

std::string KernelWriter::write() {
  TensorData query = makeOperand(kernel.operands[0]), key = makeOperand(kernel.operands[1]),
             value = makeOperand(kernel.operands[2]);
  modified = raw = makeScores(query, key);
  for (const Region &region : kernel.modifies)
    modified = overScores("modified", "attn.modify", modified, region);
  masked = modified;
  for (const Region &region : kernel.masks)
    masked = overScores("masked", "attn.mask", masked, region);
  weights = makeWeights();
  std::vector<TensorData> results = {makeOutput(value)};
  for (Result result : kernel.results)
    if (!kernel.isPartial || result != Result::LogSumExp) // which finishing gives
      results.push_back(makeResult(result));

  std::string names, types;
  for (const TensorData &result : results) {
    names += (names.empty() ? "%" : ", %") + result.name;
    types += (types.empty() ? "" : ", ") + tensorType(result);
  }
  return own + "attn.kernel @" + symbol(kernel.name) + "(" + arguments + ")\n    -> " +
         (results.size() == 1 ? types : "(" + types + ")") + " {\n" + body + "  attn.return " +
         names + " : " + types + "\n}\n";
}

} // namespace

std::string Attention::text() const {
  std::string text = KernelWriter(*state).write();
  if (state->isPartial)
    text += writeStateKernels(*state);
  bool isDouble = state->operands[0].argument->element == "f64";
  replaceAll(text, "$T", isDouble ? "f64" : "f32");
  replaceAll(text, "$MINUS_INFINITY", isDouble ? "0xFFF0000000000000" : "0xFF800000");
  replaceAll(text, "$INFINITY", isDouble ? "0x7FF0000000000000" : "0x7F800000");
  return text;
}

void Attention::write(const std::string &path) const {
  std::ofstream file(path);
  file << text();
  if (!file.flush())
    throw BuilderError("cannot write '" + path + "'");
}

} // namespace builder
} // namespace heed
