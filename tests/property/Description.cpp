#include "tests/property/Description.h"
#include "tests/property/Writer.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace heed::property {
namespace {

std::string spell(std::optional<int> extent) { return extent ? std::to_string(*extent) : "?"; }

// Spells the types of one description.
struct Types {
  const Description &d;

  std::string heads() const {
    return d.keyHeads && d.group ? std::to_string(*d.keyHeads * *d.group) : "?";
  }
  std::string extent(const Axis &axis) const {
    switch (axis.over) {
    case Over::Batch:
      return spell(d.batch);
    case Over::Head:
      return heads();
    case Over::Query:
      return spell(d.queries);
    case Over::Key:
      return spell(d.keys);
    case Over::Fixed:
      return std::to_string(axis.extent);
    }
    return "";
  }
  std::string capture(const Capture &capture) const {
    std::string type = "tensor<";
    for (const Axis &axis : capture.axes)
      type += extent(axis) + "x";
    return type + Writer::spell(capture.element) + ">";
  }
  std::string tensor4(std::optional<int> sequence, std::string headCount, int dim) const {
    return fmt::format("tensor<{}x{}x{}x{}xf32>", spell(d.batch), spell(sequence), headCount, dim);
  }
  std::string query() const { return tensor4(d.queries, heads(), d.dim); }
  std::string key() const { return tensor4(d.keys, spell(d.keyHeads), d.dim); }
  std::string value() const { return tensor4(d.keys, spell(d.keyHeads), d.valueDim); }
  std::string out() const { return tensor4(d.queries, heads(), d.valueDim); }
  std::string scores() const {
    return fmt::format("tensor<{}x{}x{}x{}xf32>", spell(d.batch), heads(), spell(d.queries),
                       spell(d.keys));
  }
  std::string logSumExp() const {
    return fmt::format("tensor<{}x{}x{}xf32>", spell(d.batch), heads(), spell(d.queries));
  }
  std::string lengths() const { return fmt::format("tensor<{}xi32>", spell(d.batch)); }
};

// %to = attn.modify %from ..., or attn.mask.
std::string component(const Types &types, const Component &c, const char *op,
                      const char *parameters, const std::string &from, const std::string &to) {
  std::string names, captureTypes, arguments = parameters, body = c.body;
  for (const Capture &capture : c.captures) {
    std::string type = types.capture(capture);
    names += (names.empty() ? "%" : ", %") + capture.name;
    captureTypes += (captureTypes.empty() ? "" : ", ") + type;
    arguments += ", %" + capture.name + "_: " + type;
    for (std::string token = "TYPE(" + capture.name + ")"; body.find(token) != std::string::npos;)
      body.replace(body.find(token), token.size(), type);
  }
  std::string captures =
      names.empty() ? "" : fmt::format(" captures({} : {})", names, captureTypes);
  return fmt::format("  {} = attn.{} {}{} {{\n  ^bb0({}):\n{}  }} : {}\n", to, op, from, captures,
                     arguments, body, types.scores());
}

} // namespace

double Description::scaleFactor() const {
  return scaled ? scale.value_or(1 / std::sqrt(double(dim))) : 1;
}

std::vector<Capture> Description::captures() const {
  std::vector<Capture> all;
  for (const auto *components : {&modifies, &masks})
    for (const Component &component : *components)
      llvm::append_range(all, component.captures);
  return all;
}

std::string Description::text(Results wanted) const {
  Types types{*this};
  std::string arguments =
      fmt::format("%q: {}, %k: {}, %v: {}", types.query(), types.key(), types.value());
  for (const Capture &capture : captures())
    arguments += fmt::format(", %{}: {}", capture.name, types.capture(capture));
  for (auto [present, role] :
       {std::pair(keyLengths, "key_lengths"), std::pair(queryLengths, "query_lengths"),
        std::pair(queryOffsets, "query_offsets")})
    if (present)
      arguments += fmt::format(", %{0}: {1} {{attn.{0}}}", role, types.lengths());

  std::string results = "%o", resultTypes = types.out();
  if (wanted >= Results::LogSumExp)
    results += ", %lse", resultTypes += ", " + types.logSumExp();
  if (wanted >= Results::Weights)
    results += ", %w", resultTypes += ", " + types.scores();

  std::string text = fmt::format("attn.kernel @kernel({}) -> ({}) {{\n", arguments, resultTypes);
  text += fmt::format("  %s0 = attn.score {} %q, %k {}: ({}, {}) -> {}\n",
                      scaled ? "scaled_dot" : "dot",
                      scaled && scale ? fmt::format("{{scale = {:.17e} : f64}} ", *scale) : "",
                      types.query(), types.key(), types.scores());
  int count = 0;
  auto apply = [&](const Component &c, const char *op, const char *parameters) {
    std::string from = fmt::format("%s{}", count++);
    text += component(types, c, op, parameters, from, fmt::format("%s{}", count));
  };
  for (const Component &modify : modifies)
    apply(modify, "modify", "%x: f32, %batch: index, %head: index, %query: index, %key: index");
  for (const Component &mask : masks)
    apply(mask, "mask", "%batch: index, %head: index, %query: index, %key: index");
  std::string last = fmt::format("%s{}", count);
  text += fmt::format("  %w = attn.normalize softmax {} : {}\n", last, types.scores());
  if (wanted >= Results::LogSumExp)
    text += fmt::format("  %lse = attn.log_sum_exp {} : {} -> {}\n", last, types.scores(),
                        types.logSumExp());
  text += fmt::format("  %o = attn.weighted_sum %w, %v : ({}, {}) -> {}\n", types.scores(),
                      types.value(), types.out());
  return text + fmt::format("  attn.return {} : {}\n}}\n", results, resultTypes);
}

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
  d.scaled = !random.oneIn(4);
  if (d.scaled && random.oneIn(2))
    d.scale = random.real(-2, 2);
  for (int i = random.pick({0, 0, 1, 1, 2, 3}); i > 0; i--)
    d.modifies.push_back(randomModify(random, fmt::format("m{}_", i)));
  for (int i = random.pick({0, 1, 1, 1, 2}); i > 0; i--)
    d.masks.push_back(randomMask(random, fmt::format("n{}_", i)));
  d.keyLengths = random.oneIn(3);
  d.queryLengths = random.oneIn(4);
  d.queryOffsets = random.oneIn(4);
  d.results = random.pick({Results::Output, Results::LogSumExp, Results::Weights});
  return d;
}

} // namespace heed::property
