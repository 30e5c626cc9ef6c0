#include "tests/property/Description.h"
#include "tests/property/Writer.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

namespace heed::property {
namespace {

std::string spell(std::optional<int> extent) { return extent ? std::to_string(*extent) : "?"; }

void replaceAll(std::string &text, const std::string &from, const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Writes one description.
class Text {
public:
  explicit Text(const Description &d) : d(d) {}

  std::string kernel(const std::vector<Result> &results, bool isPartial) {
    std::string body = operands() + chain(isPartial);
    std::string returned = "%o", types = isPartial ? partial() : output();
    for (const Result &result : results) {
      returned += ", " + nameOf(result);
      types += ", " + typeOf(result);
      if (result.kind == Result::LogSumExp)
        body += fmt::format("  %lse = attn.log_sum_exp {} : {} -> {}\n",
                            stage(d.part ? d.stages() : d.stages() - 1), scores(), perRow());
      if (result.kind == Result::KeySums)
        body += fmt::format("  %n = attn.key_sum %w : {} -> {}\n", scores(), perKey());
    }
    return resolved(
        fmt::format("{}attn.kernel @kernel({}) -> ({}) {{\n{}  attn.return {} : {}\n}}\n",
                    d.normalizer.component.body, arguments(), types, body, returned, types));
  }

  std::string finish() {
    const Component &c = d.normalizer.component;
    std::string arguments = (d.part ? "%a: " + partial() + ", %b: " : "%p: ") + partial();
    for (const Capture &capture : c.captures)
      arguments += fmt::format(", %{}: {}", capture.name, typeOf(capture));
    std::string names = "%o", merge,
                results = d.part ? output() : rows(heads(), d.queries, d.valueDim, "$T");
    if (!d.results.empty()) // a log-sum-exp: there is no other without a key axis
      names += ", %lse", results += ", " + perRow();
    if (d.part)
      merge = fmt::format("  %p = attn.merge {} %a, %b : {}\n", d.normalizer.name, partial());
    return resolved(
        fmt::format("{}attn.kernel @finish({}) -> ({}) {{\n"
                    "{}  {} = attn.finish {} %p {}: {} -> {}\n  attn.return {} : {}\n}}\n",
                    c.body, arguments, results, merge, names, d.normalizer.name, captures(c),
                    partial(), results, names, results));
  }

private:
  const Description &d;

  std::string resolved(std::string text) const {
    replaceAll(text, "$MINUS_INFINITY", d.isDouble ? "0xFFF0000000000000" : "0xFF800000");
    replaceAll(text, "$T", d.isDouble ? "f64" : "f32");
    return text;
  }

  std::string heads() const {
    return d.keyHeads && d.group ? std::to_string(*d.keyHeads * *d.group) : "?";
  }
  std::string extent(const Axis &axis) const {
    switch (axis.over) {
    case Over::Batch:
      return spell(d.batch);
    case Over::Head:
      return heads();
    case Over::KeyHead:
      return spell(d.keyHeads);
    case Over::Query:
      return spell(d.queries);
    case Over::Key:
      return spell(d.keys);
    case Over::Past:
    case Over::New:
    case Over::Page:
    case Over::Ring:
    case Over::Own:
      return "?";
    case Over::Fixed:
      return std::to_string(axis.extent);
    }
    return "";
  }
  std::string typeOf(const Capture &capture) const {
    std::string type = "tensor<";
    for (const Axis &axis : capture.axes)
      type += extent(axis) + "x";
    return type + Writer::spell(capture.element) + ">";
  }
  // (batch, sequence, head, column)
  std::string rows(std::string headCount, std::optional<int> sequence, int columns,
                   std::string element) const {
    return fmt::format("tensor<{}x{}x{}x{}x{}>", spell(d.batch), spell(sequence), headCount,
                       columns, element);
  }
  std::string output() const {
    return rows(heads(), d.queries, d.valueDim, Writer::spell(d.output));
  }
  std::string partial() const {
    return rows(heads(), d.queries, d.valueDim + d.normalizer.states, "$T");
  }
  std::string scores() const {
    return fmt::format("tensor<{}x{}x{}x{}x$T>", spell(d.batch), heads(), spell(d.queries),
                       spell(d.keys));
  }
  std::string perRow() const {
    return fmt::format("tensor<{}x{}x{}x$T>", spell(d.batch), heads(), spell(d.queries));
  }
  std::string perKey() const {
    return fmt::format("tensor<{}x{}x{}x$T>", spell(d.batch), heads(), spell(d.keys));
  }

  static std::string stage(int number) { return fmt::format("%s{}", number); }
  static std::string nameOf(const Result &result) {
    switch (result.kind) {
    case Result::LogSumExp:
      return "%lse";
    case Result::KeySums:
      return "%n";
    case Result::Scores:
      return stage(result.stage);
    case Result::Weights:
      return "%w";
    }
    return "";
  }
  std::string typeOf(const Result &result) const {
    return result.kind == Result::LogSumExp ? perRow()
           : result.kind == Result::KeySums ? perKey()
                                            : scores();
  }

  std::string arguments() const {
    std::string list;
    for (const Argument &argument : d.arguments())
      list += fmt::format("{}%{}: {}{}", list.empty() ? "" : ", ", argument.capture.name,
                          typeOf(argument.capture),
                          argument.capture.isSegments ? " {attn.segments}" : "");
    for (auto [present, role] :
         {std::pair(d.keyLengths, "key_lengths"), std::pair(d.queryLengths, "query_lengths"),
          std::pair(d.queryOffsets, "query_offsets")})
      if (present)
        list += fmt::format(", %{0}: tensor<{1}xi32> {{attn.{0}}}", role, spell(d.batch));
    return list;
  }

  // "captures(%a : A) ", or nothing.
  std::string captures(const Component &c) const {
    std::string names, types;
    for (const Capture &capture : c.captures) {
      names += (names.empty() ? "%" : ", %") + capture.name;
      types += (types.empty() ? "" : ", ") + typeOf(capture);
    }
    return names.empty() ? "" : fmt::format("captures({} : {}) ", names, types);
  }
  // A region that takes `parameters`, then the captures.
  std::string region(const Component &c, std::string parameters) const {
    std::string body = c.body;
    for (const Capture &capture : c.captures) {
      std::string type = typeOf(capture);
      parameters += fmt::format(", %{}_: {}", capture.name, type);
      replaceAll(body, "TYPE(" + capture.name + ")", type);
    }
    return fmt::format("{{\n  ^bb0({}):\n{}  }}", parameters, body);
  }

  struct Rows {
    const Operand &operand;
    const char *name;
    std::string heads;
    std::optional<int> sequence;
    int columns;
  };
  std::string type(const Rows &r) const {
    return rows(r.heads, r.sequence, r.columns,
                r.operand.made ? "$T" : Writer::spell(r.operand.element));
  }
  Rows query() const { return {d.query, "%q", heads(), d.queries, d.dim}; }
  Rows key() const { return {d.key, "%k", spell(d.keyHeads), d.keys, d.dim}; }
  Rows value() const { return {d.value, "%v", spell(d.keyHeads), d.keys, d.valueDim}; }

  std::string operands() const {
    std::string text;
    for (const Rows &r : {query(), key(), value()}) {
      if (!r.operand.made)
        continue;
      const auto &[component, positions, isProjection, page] = *r.operand.made;
      if (isProjection) {
        const Capture &from = component.captures[0], &weights = component.captures[1];
        text += fmt::format("  {} = attn.project %{}, %{} : ({}, {}) -> {}\n", r.name, from.name,
                            weights.name, typeOf(from), typeOf(weights), type(r));
        continue;
      }
      text += fmt::format(
          "  {} = attn.rowwise {}{}{} : {}\n", r.name, captures(component),
          positions.empty() ? "" : fmt::format("positions({}) ", positions),
          region(component, "%batch: index, %position: index, %head: index, %column: index"),
          type(r));
    }
    return text;
  }

  std::string chain(bool isPartial) const {
    std::string types = fmt::format("({}, {}) -> {}", type(query()), type(key()), scores());
    std::string text =
        fmt::format("  %s0 = attn.score {} %q, %k ", d.score.pairwise   ? "pairwise"
                                                     : d.score.isScaled ? "scaled_dot"
                                                                        : "dot");
    if (d.score.pairwise)
      text +=
          captures(*d.score.pairwise) +
          region(*d.score.pairwise, "%x: $T, %y: $T, %batch: index, %head: index, %column: index");
    if (d.score.isScaled && d.score.scale)
      text += fmt::format("{{scale = {:.17e} : f64}} ", *d.score.scale);
    text += ": " + types + "\n";
    int count = 0;
    auto apply = [&](const Component &c, const char *op, const char *parameters) {
      text += fmt::format("  {} = attn.{} {} {}{} : {}\n", stage(count + 1), op, stage(count),
                          captures(c), region(c, parameters), scores());
      count++;
    };
    for (const Component &modify : d.modifies)
      apply(modify, "modify", "%x: $T, %batch: index, %head: index, %query: index, %key: index");
    for (const Component &mask : d.masks)
      apply(mask, "mask", "%batch: index, %head: index, %query: index, %key: index");
    if (d.part)
      apply(*d.part, "mask", "%batch: index, %head: index, %query: index, %key: index");
    text += fmt::format("  %w = attn.normalize {} {} {}: {}\n", d.normalizer.name, stage(count),
                        captures(d.normalizer.component), scores());
    return text + fmt::format("  %o = attn.{} %w, %v {}: ({}, {}) -> {}\n",
                              isPartial ? "partial" : "weighted_sum",
                              d.hasCoarseWeights() ? "{weights_as = bf16} " : "", scores(),
                              type(value()), isPartial ? partial() : output());
  }
};

} // namespace

bool Description::runsOnDevices() const {
  bool projects = llvm::any_of(std::initializer_list<const Operand *>{&query, &key, &value},
                               [](const Operand *o) { return o->made && o->made->isProjection; });
  return !needsRow() && !isDouble && !projects;
}

bool Description::needsRow() const {
  return !normalizer.isOnline || llvm::any_of(results, [](const Result &result) {
    return result.kind != Result::LogSumExp;
  });
}

double Description::scaleFactor() const {
  return score.isScaled ? score.scale.value_or(1 / std::sqrt(double(dim))) : 1;
}

std::vector<Argument> Description::arguments() const {
  std::vector<Argument> all;
  auto addOperand = [&](const Operand &operand, const char *name, Part part,
                        std::vector<Axis> axes) {
    if (!operand.made)
      return all.push_back({{name, operand.element, axes}, part});
    for (const Capture &capture : operand.made->component.captures)
      all.push_back({capture, part});
  };
  addOperand(query, "q", Part::Query,
             {{Over::Batch}, {Over::Query}, {Over::Head}, {Over::Fixed, dim}});
  addOperand(key, "k", Part::Key,
             {{Over::Batch}, {Over::Key}, {Over::KeyHead}, {Over::Fixed, dim}});
  addOperand(value, "v", Part::Value,
             {{Over::Batch}, {Over::Key}, {Over::KeyHead}, {Over::Fixed, valueDim}});
  auto add = [&](const Component &component) {
    for (const Capture &capture : component.captures)
      all.push_back({capture, Part::Other});
  };
  if (score.pairwise)
    add(*score.pairwise);
  llvm::for_each(modifies, add);
  llvm::for_each(masks, add);
  if (part)
    add(*part);
  add(normalizer.component);
  return all;
}

int Description::page() const {
  auto of = [](const Operand &operand) { return operand.made ? operand.made->page : 1; };
  return std::lcm(of(key), of(value));
}

std::string Description::text() const {
  return Text(*this).kernel(isPartial ? std::vector<Result>() : results, isPartial);
}

std::vector<Result> Description::referenceResults() const {
  std::vector<Result> all = {{Result::Weights}};
  for (int stage = 0; stage < stages(); stage++)
    all.push_back({Result::Scores, stage});
  if (normalizer.hasLogSumExp)
    all.push_back({Result::LogSumExp});
  return all;
}

std::string Description::referenceText() const {
  return Text(*this).kernel(referenceResults(), false);
}

std::string Description::finishText() const { return Text(*this).finish(); }

static int randomDim(Random &random) {
  switch (random.between(0, 5)) {
  case 0:
    return 1;
  case 1:
    return random.pick({8, 16, 32, 64});
  case 2:
    return random.oneIn(3) ? random.between(65, 256) : random.between(17, 64);
  default:
    return random.between(1, 17);
  }
}

static ElementType randomStorage(Random &random) {
  return random.pick({ElementType::F32, ElementType::F32, ElementType::F16, ElementType::BF16});
}

/// How every float is stored.
static void chooseStorage(Random &random, Description &d) {
  d.isDouble = random.oneIn(12);
  auto choose = [&](ElementType &element, bool isOften) {
    if (isFloat(element))
      element = d.isDouble                   ? ElementType::F64
                : isOften || random.oneIn(6) ? randomStorage(random)
                                             : ElementType::F32;
  };
  auto chooseAll = [&](Component &component) {
    for (Capture &capture : component.captures)
      choose(capture.element, false);
  };
  bool isNarrow = random.oneIn(2);
  for (Operand *operand : {&d.query, &d.key, &d.value}) {
    choose(operand->element, isNarrow);
    if (operand->made)
      chooseAll(operand->made->component);
  }
  choose(d.output, isNarrow);
  if (d.score.pairwise)
    chooseAll(*d.score.pairwise);
  llvm::for_each(d.modifies, chooseAll);
  llvm::for_each(d.masks, chooseAll);
  chooseAll(d.normalizer.component);
}

static void makeOperands(Random &random, Description &d) {
  auto make = [&](Operand &operand, const char *prefix, int dim, bool isQuery) {
    if (!random.oneIn(4))
      return;
    operand.made = randomMade(random, prefix, dim, isQuery);
    if (!operand.made->positions.empty())
      d.keys.reset(); // they tell how many there are
    // Pairwise scores may grow an operand's error.
    if (d.score.pairwise && dim == d.dim && operand.made->component.error > 1)
      operand.made.reset();
  };
  make(d.query, "q", d.dim, true), make(d.key, "k", d.dim, false);
  make(d.value, "v", d.valueDim, false);
}

Description randomDescription(Random &random) {
  Description d;
  d.dim = randomDim(random);
  d.valueDim = random.oneIn(2) ? d.dim : randomDim(random);
  if (random.oneIn(8))
    d.batch = random.between(1, 3);
  if (random.oneIn(8))
    d.queries = random.between(1, 90);
  if (random.oneIn(8))
    d.keys = random.between(1, 120);
  if (random.oneIn(2)) {
    d.keyHeads = random.between(1, 3);
    if (random.oneIn(2))
      d.group = random.between(1, 4);
  }
  d.score = randomScore(random, "p", d.dim);
  for (int i = random.pick({0, 0, 1, 1, 2, 3}); i > 0; i--)
    d.modifies.push_back(randomModify(random, fmt::format("m{}_", i)));
  for (int i = random.pick({0, 1, 1, 1, 2}); i > 0; i--)
    d.masks.push_back(randomMask(random, fmt::format("n{}_", i)));
  d.normalizer = randomNormalizer(random, "per_head");
  makeOperands(random, d);
  d.keyLengths = random.oneIn(3);
  d.queryLengths = random.oneIn(4);
  d.queryOffsets = random.oneIn(4);
  chooseStorage(random, d);
  d.results = randomResults(random, d.normalizer.hasLogSumExp, d.stages());
  d.isPartial = !d.needsRow() && random.oneIn(3);
  if (d.isPartial && !random.oneIn(3))
    d.part = partMask(random, "part");
  return d;
}

} // namespace heed::property
