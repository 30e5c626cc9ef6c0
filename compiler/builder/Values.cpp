#include <heed/builder/tensors.h>

#include "compiler/builder/Text.h"

#include <cctype>
#include <map>

namespace heed {
inline namespace builder {

using detail::Node;
using detail::NodePtr;

static NodePtr makeNode(std::string name, std::string type, std::string before,
                        std::vector<NodePtr> operands, std::string after,
                        detail::TensorPtr tensor = nullptr) {
  return std::make_shared<const Node>(Node{std::move(name), std::move(type), std::move(before),
                                           std::move(after), std::move(operands),
                                           std::move(tensor)});
}

/// Loaded integers keep their type until they are computed with.
static NodePtr asIndex(const Integer &a) {
  if (a.node->type == "index")
    return a.node;
  return makeNode(a.node->name + "_index", "index", "arith.index_cast ", {a.node},
                  " : " + a.node->type + " to index");
}

static Real unary(const std::string &op, const Real &a) {
  return Real(makeNode(op, "$T", "math." + op + " ", {a.node}, " : $T"));
}

/// c0_5 for 0.5: what a name may hold of a number.
static std::string constantName(std::string shown) {
  if (shown.front() == '-')
    shown = "minus_" + shown.substr(1);
  else
    shown = "c" + shown;
  if (shown.ends_with(".0"))
    shown.resize(shown.size() - 2);
  for (char &c : shown)
    if (c != '_' && !std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return shown;
}

NodePtr Real::constant(double value) {
  return makeNode(constantName(detail::show(value)), "$T", "arith.constant " + detail::show(value),
                  {}, " : $T");
}
NodePtr Integer::constant(int64_t value) {
  return makeNode(constantName(std::to_string(value)), "index",
                  "arith.constant " + std::to_string(value), {}, " : index");
}
NodePtr Truth::constant(bool value) {
  return makeNode(value ? "true" : "false", "i1",
                  value ? "arith.constant true" : "arith.constant false", {}, "");
}

Real::Real(const Integer &a) {
  NodePtr narrow = a.node;
  if (narrow->type == "index")
    narrow =
        makeNode(a.node->name + "_i32", "i32", "arith.index_cast ", {a.node}, " : index to i32");
  node = makeNode(a.node->name + "_real", "$T", "arith.sitofp ", {narrow},
                  " : " + narrow->type + " to $T");
}
Real real(const Integer &a) { return Real(a); }
Integer whole(const Real &a) {
  return Integer(makeNode("whole", "i32", "arith.fptosi ", {a.node}, " : $T to i32"));
}

namespace detail {

Real binary(const char *op, const char *name, const Real &a, const Real &b) {
  return Real(makeNode(name, "$T", std::string("arith.") + op + "f ", {a.node, b.node}, " : $T"));
}
Integer binary(const char *op, const char *name, const Integer &a, const Integer &b) {
  return Integer(makeNode(name, "index", std::string("arith.") + op + "i ",
                          {asIndex(a), asIndex(b)}, " : index"));
}

/// Ordered, but != holds of NaN.
Truth compare(const char *predicate, const Real &a, const Real &b) {
  std::string ordered = std::string(predicate) == "ne" ? "u" : "o";
  return Truth(makeNode("is_" + std::string(predicate), "i1",
                        "arith.cmpf " + ordered + predicate + ", ", {a.node, b.node}, " : $T"));
}
Truth compare(const char *predicate, const Integer &a, const Integer &b) {
  std::string spelled = predicate;
  if (spelled != "eq" && spelled != "ne")
    spelled = "s" + spelled;
  return Truth(makeNode("is_" + std::string(predicate), "i1", "arith.cmpi " + spelled + ", ",
                        {asIndex(a), asIndex(b)}, " : index"));
}
Truth logic(const char *op, const Truth &a, const Truth &b) {
  std::string name = op == std::string("and") ? "both" : op == std::string("or") ? "either" : "not";
  return Truth(makeNode(name, "i1", std::string("arith.") + op + "i ", {a.node, b.node}, " : i1"));
}
Real negate(const Real &a) {
  return Real(makeNode("negative", "$T", "arith.negf ", {a.node}, " : $T"));
}
Integer negate(const Integer &a) { return binary("sub", "negative", Integer(0), a); }
Real divide(const Real &a, const Real &b) {
  return Real(makeNode("quotient", "$T", "arith.divf ", {a.node, b.node}, " : $T"));
}
Integer divide(const Integer &a, const Integer &b) {
  return Integer(
      makeNode("quotient", "index", "arith.floordivsi ", {asIndex(a), asIndex(b)}, " : index"));
}
Real larger(const Real &a, const Real &b) {
  return Real(makeNode("larger", "$T", "arith.maximumf ", {a.node, b.node}, " : $T"));
}
Integer larger(const Integer &a, const Integer &b) {
  return Integer(makeNode("larger", "index", "arith.maxsi ", {asIndex(a), asIndex(b)}, " : index"));
}
Real smaller(const Real &a, const Real &b) {
  return Real(makeNode("smaller", "$T", "arith.minimumf ", {a.node, b.node}, " : $T"));
}
Integer smaller(const Integer &a, const Integer &b) {
  return Integer(
      makeNode("smaller", "index", "arith.minsi ", {asIndex(a), asIndex(b)}, " : index"));
}
Real choose(const Truth &condition, const Real &a, const Real &b) {
  return Real(makeNode("chosen", "$T", "arith.select ", {condition.node, a.node, b.node}, " : $T"));
}
Integer choose(const Truth &condition, const Integer &a, const Integer &b) {
  return Integer(makeNode("chosen", "index", "arith.select ",
                          {condition.node, asIndex(a), asIndex(b)}, " : index"));
}
Truth choose(const Truth &condition, const Truth &a, const Truth &b) {
  return Truth(
      makeNode("chosen", "i1", "arith.select ", {condition.node, a.node, b.node}, " : i1"));
}

// The tensor's name and type are those of the region: the writer puts them in.
NodePtr load(const TensorPtr &tensor, const std::vector<Integer> &place) {
  if (place.size() != tensor->extents.size())
    throw BuilderError("'" + tensor->name + "' has " + std::to_string(tensor->extents.size()) +
                       " axes, but is loaded with " + std::to_string(place.size()) + " indices");
  static const std::map<std::string, std::string> types = {
      {"i1", "i1"}, {"i8", "i32"}, {"i32", "i32"}, {"i64", "i64"}};
  std::vector<NodePtr> operands;
  for (const Integer &index : place)
    operands.push_back(asIndex(index));
  auto found = types.find(tensor->element);
  return makeNode(tensor->name + "_here", found == types.end() ? "$T" : found->second, "attn.load ",
                  std::move(operands), "", tensor);
}
NodePtr extent(const TensorPtr &tensor, unsigned axis) {
  return makeNode(tensor->name + "_extent", "index", "attn.extent ", {},
                  "[" + std::to_string(axis) + "]", tensor);
}
NodePtr segment(const char *end, const TensorPtr &starts, const Integer &position) {
  return makeNode(end, "index", std::string("attn.segment_") + end + " ", {asIndex(position)}, "",
                  starts);
}
NodePtr parameter(std::string name, std::string type) {
  return makeNode(std::move(name), std::move(type), "", {}, "");
}
NodePtr plain(std::string name, std::string op) {
  return makeNode(std::move(name), "index", std::move(op), {}, "");
}
Real reduce(const std::string &op, const Real &a) {
  return Real(makeNode("sum", "$T", "attn." + op + " ", {a.node}, " : $T"));
}

} // namespace detail

Integer abs(const Integer &a) {
  return Integer(makeNode("steps", "index", "math.absi ", {asIndex(a)}, " : index"));
}
Real abs(const Real &a) {
  return Real(makeNode("magnitude", "$T", "math.absf ", {a.node}, " : $T"));
}
Real exp(const Real &a) { return unary("exp", a); }
Real exp2(const Real &a) { return unary("exp2", a); }
Real log(const Real &a) { return unary("log", a); }
Real log2(const Real &a) { return unary("log2", a); }
Real pow(const Real &a, const Real &b) {
  return Real(makeNode("power", "$T", "math.powf ", {a.node, b.node}, " : $T"));
}
Real sqrt(const Real &a) { return unary("sqrt", a); }
Real rsqrt(const Real &a) { return unary("rsqrt", a); }
Real tanh(const Real &a) { return unary("tanh", a); }
Real erf(const Real &a) { return unary("erf", a); }
Real sin(const Real &a) { return unary("sin", a); }
Real cos(const Real &a) { return unary("cos", a); }
Real floor(const Real &a) { return unary("floor", a); }
Real ceil(const Real &a) { return unary("ceil", a); }
Truth isNaN(const Real &a) {
  return Truth(makeNode("isnan", "i1", "math.isnan ", {a.node}, " : $T"));
}

} // namespace builder
} // namespace heed
