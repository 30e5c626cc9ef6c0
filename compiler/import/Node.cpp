#include "compiler/import/Node.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;

namespace heed::onnx {

Node::Node(const Model &model, const NodeProto &proto, Formals formals)
    : owner(model), node(proto), formals(formals) {
  auto check = [&](StringRef what, int given, size_t known) {
    if (given > static_cast<int>(known))
      mistake("has " + Twine(given) + " " + what + ", but the operator has at most " +
              Twine(known));
  };
  check("inputs", node.input_size(), formals.inputs.size());
  check("outputs", node.output_size(), formals.outputs.size());
}

StringRef Node::inputName(StringRef formal) {
  read.insert(formal.str());
  int number = llvm::find(formals.inputs, formal) - formals.inputs.begin();
  return wrong || number >= node.input_size() ? StringRef() : StringRef(node.input(number));
}

std::optional<Tensor> Node::input(StringRef formal) {
  StringRef name = inputName(formal);
  if (name.empty())
    return std::nullopt;
  if (const NodeProto *producer = owner.producer(name)) {
    mistake("input " + formal + " comes from " + describe(owner.graph(), *producer) +
            ": it has to be an input of the graph");
    return std::nullopt;
  }
  llvm::Expected<Tensor> tensor = owner.tensor(name);
  if (tensor)
    return std::move(*tensor);
  mistake("input " + formal + ": " + llvm::toString(tensor.takeError()));
  return std::nullopt;
}

Tensor Node::requiredInput(StringRef formal) {
  std::optional<Tensor> tensor = input(formal);
  if (!tensor)
    mistake("lacks the input " + formal);
  return tensor.value_or(Tensor());
}

std::optional<std::string> Node::output(StringRef formal, bool needed) {
  read.insert(formal.str());
  int number = llvm::find(formals.outputs, formal) - formals.outputs.begin();
  std::string name = number < node.output_size() ? node.output(number) : "";
  if (!name.empty() && owner.isOutput(name))
    return name;
  if (needed)
    return name.empty() ? formal.str() : name;
  return std::nullopt;
}

const AttributeProto *Node::find(StringRef name, AttributeProto::Type type) {
  read.insert(name.str());
  auto named = [&](const AttributeProto &attribute) { return attribute.name() == name; };
  auto attribute = llvm::find_if(node.attribute(), named);
  if (wrong || attribute == node.attribute().end())
    return nullptr;
  if (attribute->type() == type)
    return &*attribute;
  mistake("attribute " + name + " is no " +
          (type == AttributeProto::INT ? "integer" : "number (FLOAT)"));
  return nullptr;
}

std::optional<int64_t> Node::integer(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::INT);
  return attribute ? std::optional(attribute->i()) : std::nullopt;
}

std::optional<double> Node::real(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::FLOAT);
  if (attribute && !std::isfinite(attribute->f()))
    mistake("attribute " + name + " is not finite");
  return attribute ? std::optional<double>(attribute->f()) : std::nullopt;
}

bool Node::flag(StringRef name) {
  int64_t value = integer(name).value_or(0);
  if (value != 0 && value != 1)
    mistake("attribute " + name + " is " + Twine(value) + ": it has to be 0 or 1");
  return value == 1;
}

int64_t Node::requiredCount(StringRef name) {
  std::optional<int64_t> value = integer(name);
  if (!value)
    mistake("lacks the attribute " + name);
  else if (*value < 1 || *value > 65536)
    mistake("attribute " + name + " is " + Twine(*value) + ": it has to be from 1 to 65536");
  return value.value_or(1);
}

void Node::mistake(const Twine &message) {
  if (!wrong)
    wrong = (describe(owner.graph(), node) + ": " + message).str();
}

void Node::findUnread() {
  if (wrong)
    return;
  for (auto [number, name] : llvm::enumerate(node.input()))
    if (!name.empty() && !read.count(formals.inputs[number].str()))
      mistake("input " + formals.inputs[number] + " is not supported: leave it out");
  for (auto [number, name] : llvm::enumerate(node.output()))
    if (owner.isOutput(name) && !read.count(formals.outputs[number].str()))
      mistake("output " + formals.outputs[number] + " is not supported: leave it out");
  for (const AttributeProto &attribute : node.attribute())
    if (!read.count(attribute.name()))
      mistake("attribute " + attribute.name() + " is not supported: leave it out");
}

void Node::adopt(Node &other) {
  other.findUnread();
  if (!wrong)
    wrong = other.wrong;
}

llvm::Error Node::takeError() {
  findUnread();
  return wrong ? owner.error(*wrong) : llvm::Error::success();
}

} // namespace heed::onnx
