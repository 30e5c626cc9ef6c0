#include "compiler/builder/Text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace heed {
inline namespace builder {
namespace detail {

std::string show(double value) {
  if (std::isinf(value))
    return value < 0 ? "$MINUS_INFINITY" : "$INFINITY"; // whose text depends on the type
  char text[40];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  std::string shown(text, end);
  if (shown.find('.') != std::string::npos)
    return shown;
  size_t exponent = shown.find('e');
  return shown.insert(exponent == std::string::npos ? shown.size() : exponent, ".0");
}

std::string tensorType(const std::vector<Extent> &extents, const std::string &element) {
  std::string text = "tensor<";
  for (Extent extent : extents)
    text += (extent == any ? "?" : std::to_string(extent)) + "x";
  return text + element + ">";
}

std::string symbol(const std::string &name) {
  bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_';
  });
  return plain && !std::isdigit(static_cast<unsigned char>(name.front())) ? name
                                                                          : "\"" + name + "\"";
}

static void collect(const NodePtr &node, std::set<const Node *> &seen,
                    std::vector<TensorPtr> &tensors) {
  if (!seen.insert(node.get()).second)
    return;
  for (const NodePtr &operand : node->operands)
    collect(operand, seen, tensors);
  if (node->tensor && std::find(tensors.begin(), tensors.end(), node->tensor) == tensors.end())
    tensors.push_back(node->tensor);
}

std::vector<TensorPtr> capturesOf(const std::vector<const Region *> &regions) {
  std::set<const Node *> seen;
  std::vector<TensorPtr> tensors;
  for (const Region *region : regions)
    for (const NodePtr &yield : region->yields)
      collect(yield, seen, tensors);
  return tensors;
}

const TensorData &Scope::resolve(const TensorPtr &tensor) const {
  auto found = actual.find(tensor.get());
  return found == actual.end() ? *tensor : found->second;
}

std::string Scope::take(const std::string &name) {
  std::string taken = name;
  for (int number = 1; !names.insert(taken).second; ++number)
    taken = name + "_" + std::to_string(number);
  return taken;
}

namespace {

/// Writes one region. Operations of the same text are written once: they have no effects.
class RegionWriter {
public:
  RegionWriter(Scope scope, std::string indent)
      : scope(std::move(scope)), indent(std::move(indent)) {}

  std::string write(const Region &region, const std::vector<TensorPtr> &captures) {
    std::string header;
    auto add = [&](const std::string &name, const std::string &type) {
      header += (header.empty() ? "" : ", ") + ("%" + name + ": " + type);
      return "%" + name;
    };
    for (const NodePtr &parameter : region.parameters)
      names[parameter.get()] = add(scope.take(parameter->name), parameter->type);
    for (const TensorPtr &capture : captures) {
      const TensorData &tensor = scope.resolve(capture);
      tensors[capture.get()] = add(scope.take(tensor.name + "_in"), tensorType(tensor));
    }
    std::string values, types;
    for (const NodePtr &yield : region.yields) {
      values += (values.empty() ? "" : ", ") + visit(yield);
      types += (types.empty() ? "" : ", ") + yield->type;
    }
    std::string text = "{\n";
    if (!header.empty())
      text += indent + "^bb0(" + header + "):\n";
    text += constants + body + indent + "  attn.yield";
    return text + (values.empty() ? "" : " " + values + " : " + types) + "\n" + indent + "}";
  }

private:
  std::string visit(const NodePtr &node) {
    if (auto found = names.find(node.get()); found != names.end())
      return found->second;
    std::string operands;
    for (const NodePtr &operand : node->operands)
      operands += (operands.empty() ? "" : ", ") + visit(operand);
    return names[node.get()] = node->tensor
                                   ? read(*node, operands)
                                   : add(node->name, node->before + operands + node->after);
  }

  std::string read(const Node &node, const std::string &place) {
    const TensorData &tensor = scope.resolve(node.tensor);
    std::string text = node.before + tensors.at(node.tensor.get());
    text += (place.empty() ? "" : "[" + place + "]") + node.after + " : " + tensorType(tensor);
    if (node.type != "$T" || tensor.element.front() != 'i')
      return add(node.name, text);
    return add(node.name, "arith.sitofp " + add(node.name, text) + " : i32 to $T"); // of int8
  }

  std::string add(const std::string &name, const std::string &text) {
    auto [known, isNew] = written.try_emplace(text);
    if (isNew) {
      known->second = "%" + scope.take(name);
      std::string &part = text.starts_with("arith.constant") ? constants : body;
      part += indent + "  " + known->second + " = " + text + "\n";
    }
    return known->second;
  }

  Scope scope;
  std::string indent, constants, body;
  std::map<const Node *, std::string> names;
  std::map<const TensorData *, std::string> tensors;
  std::map<std::string, std::string> written; ///< operation -> its result
};

} // namespace

std::string writeRegion(const Region &region, const std::vector<TensorPtr> &captures, Scope scope,
                        const std::string &indent) {
  return RegionWriter(std::move(scope), indent).write(region, captures);
}

std::string writeCaptures(const std::vector<TensorPtr> &captures, const Scope &scope) {
  std::string names, types;
  for (const TensorPtr &capture : captures) {
    const TensorData &tensor = scope.resolve(capture);
    names += (names.empty() ? "%" : ", %") + tensor.name;
    types += (types.empty() ? "" : ", ") + tensorType(tensor);
  }
  return names.empty() ? "" : "captures(" + names + " : " + types + ") ";
}

} // namespace detail
} // namespace builder
} // namespace heed
