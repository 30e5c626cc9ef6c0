// The description: a normalizer of one's own, then the kernel.
#include "compiler/builder/AttentionState.h"

#include <algorithm>
#include <cctype>
#include <fstream>

namespace heed {
inline namespace builder {

using namespace detail;

static void replaceAll(std::string &text, const std::string &from, const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// As a symbol: quoted where it is no identifier, which heedc explains better than its parser.
static std::string symbol(const std::string &name) {
  bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_';
  });
  return plain && !std::isdigit(static_cast<unsigned char>(name.front())) ? name
                                                                          : "\"" + name + "\"";
}

static std::vector<const Region *> pointers(const std::vector<Region> &regions) {
  std::vector<const Region *> all;
  for (const Region &region : regions)
    all.push_back(&region);
  return all;
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

/// Writes the ops of one kernel in their order.
class KernelWriter {
public:
  KernelWriter(const std::array<detail::Operand, 3> &operands,
               const std::vector<TensorPtr> &inputs);

  std::string header(const std::string &name, const std::string &results) const {
    return "attn.kernel @" + symbol(name) + "(" + arguments + ")\n    -> " + results + " {\n";
  }

  /// Adds an op with one result.
  TensorData add(const std::string &name, const std::string &text, const std::string &element,
                 const std::vector<Extent> &extents) {
    TensorData result{scope.take(name), element, extents, ""};
    std::string line = "  %" + result.name + " = " + text;
    if (size_t types = line.find(" : ("); line.size() > 100 && types != std::string::npos)
      line.insert(types, "\n     ");
    body += line + "\n";
    return result;
  }

  TensorData makeOperand(const detail::Operand &operand);
  TensorData overScores(const std::string &name, const std::string &op, const TensorData &scores,
                        const Region &region);

  Scope scope;
  std::string arguments, body;
};

KernelWriter::KernelWriter(const std::array<detail::Operand, 3> &operands,
                           const std::vector<TensorPtr> &inputs) {
  auto declare = [&](const TensorData &tensor) {
    std::string text = "%" + scope.take(tensor.name) + ": " + tensorType(tensor);
    if (!tensor.role.empty())
      text += " {" + tensor.role + "}";
    bool fits = arguments.size() - (arguments.rfind('\n') + 1) + text.size() < 100;
    arguments += arguments.empty() ? text : (fits ? ", " : ",\n    ") + text;
  };
  for (const detail::Operand &operand : operands)
    if (&operand == &operands[0] || operand.argument != std::prev(&operand)->argument)
      declare(*operand.argument);
  for (const TensorPtr &input : inputs)
    declare(*input);
}

TensorData KernelWriter::makeOperand(const detail::Operand &operand) {
  TensorData made = *operand.argument;
  for (const Step &step : operand.steps) {
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

} // namespace

std::string Attention::text() const {
  const State &s = *state;
  KernelWriter writer(s.operands, s.inputs);
  TensorData query = writer.makeOperand(s.operands[0]), key = writer.makeOperand(s.operands[1]),
             value = writer.makeOperand(s.operands[2]);

  std::string score = "attn.score " + s.scoreKind + " %" + query.name + ", %" + key.name + " ";
  if (s.pairwise) {
    std::vector<TensorPtr> captures = capturesOf({&*s.pairwise});
    score += writeCaptures(captures, writer.scope) +
             writeRegion(*s.pairwise, captures, writer.scope, "  ") + " ";
  }
  if (s.scale && s.scoreKind == "scaled_dot")
    score += "{scale = " + show(*s.scale) + " : f64} ";
  std::vector<Extent> pairs = {any, s.shape.heads, any, any};
  TensorData raw = writer.add("scores",
                              score + ": (" + tensorType(query) + ", " + tensorType(key) + ") -> " +
                                  tensorType(pairs, "$T"),
                              "$T", pairs);
  TensorData modified = raw;
  for (const auto *list : {&s.scoreModifies, &s.modifies})
    for (const Region &region : *list)
      modified = writer.overScores("modified", "attn.modify", modified, region);
  TensorData masked = modified;
  for (const Region &region : s.masks)
    masked = writer.overScores("masked", "attn.mask", masked, region);

  const NormalizerData &normalizer = *s.normalizer.data;
  std::vector<TensorPtr> captures = normalizer.captures;
  std::string own;
  if (normalizer.op) {
    std::vector<Region> regions;
    for (const NormalizerRegion &region : normalizer.regions)
      regions.push_back({region.parameters, region.yields});
    captures = capturesOf(pointers(regions));
    own = writeOwnNormalizer(normalizer, captures);
  }
  TensorData weights =
      writer.add("weights",
                 "attn.normalize " + normalizer.name + " %" + masked.name + " " +
                     writeCaptures(captures, writer.scope) + ": " + tensorType(masked),
                 "$T", pairs);

  std::vector<Extent> rows = {any, any, s.shape.heads, s.shape.valueDim};
  std::string outElement = s.operands[0].argument->element;
  if (s.partial)
    rows[3] += *s.partial, outElement = "$T";
  std::vector<TensorData> results = {
      writer.add("out",
                 std::string(s.partial ? "attn.partial" : "attn.weighted_sum") + " %" +
                     weights.name + ", %" + value.name + " : (" + tensorType(weights) + ", " +
                     tensorType(value) + ") -> " + tensorType(rows, outElement),
                 outElement, rows)};
  for (State::Result result : s.results) {
    std::vector<Extent> perRow = {any, s.shape.heads, any};
    auto reduce = [&](const char *name, const char *op, const TensorData &of) {
      return writer.add(name,
                        std::string(op) + " %" + of.name + " : " + tensorType(of) + " -> " +
                            tensorType(perRow, "$T"),
                        "$T", perRow);
    };
    switch (result) {
    case State::Result::LogSumExp:
      results.push_back(reduce("log_sum_exp", "attn.log_sum_exp", masked));
      break;
    case State::Result::KeySums:
      results.push_back(reduce("key_sums", "attn.key_sum", weights));
      break;
    case State::Result::Weights:
      results.push_back(weights);
      break;
    case State::Result::RawScores:
      results.push_back(raw);
      break;
    case State::Result::ModifiedScores:
      results.push_back(modified);
      break;
    case State::Result::MaskedScores:
      results.push_back(masked);
      break;
    }
  }

  std::string names, types;
  for (const TensorData &result : results) {
    names += (names.empty() ? "%" : ", %") + result.name;
    types += (types.empty() ? "" : ", ") + tensorType(result);
  }
  std::string text = own + writer.header(s.name, results.size() == 1 ? types : "(" + types + ")") +
                     writer.body + "  attn.return " + names + " : " + types + "\n}\n";
  bool isDouble = s.operands[0].argument->element == "f64";
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
