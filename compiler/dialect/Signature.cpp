#include "compiler/dialect/Signature.h"
#include "compiler/dialect/KernelView.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <map>
#include <optional>

using namespace mlir;
using namespace heed;
using namespace heed::attn;

namespace {

/// The axis of an argument.
struct Axis {
  size_t argument;
  size_t axis;
};

/// Which axes have the same extent, and what is known of it.
class Extents {
public:
  Axis add(size_t argument, size_t axis, int64_t extent) {
    nodeOf[{argument, axis}] = nodes.size();
    nodes.push_back(
        {nodes.size(), ShapedType::isDynamic(extent) ? std::nullopt : std::optional(extent), ""});
    return {argument, axis};
  }
  /// False where both are fixed and differ.
  bool unite(Axis a, Axis b) {
    Node &first = root(a), &second = root(b);
    if (first.fixed && second.fixed && first.fixed != second.fixed)
      return false;
    if (!first.fixed)
      first.fixed = second.fixed;
    if (first.name.empty())
      first.name = second.name;
    second.parent = first.parent;
    return true;
  }
  bool same(Axis a, Axis b) {
    return &root(a) == &root(b) || (root(a).fixed && root(a).fixed == root(b).fixed);
  }
  void name(Axis axis, StringRef name) { root(axis).name = name; }
  std::string show(Axis axis) { return root(axis).fixed ? std::to_string(*root(axis).fixed) : "?"; }

  /// The extent as the signature codes it; a symbol is made where none is yet.
  Extent code(Axis axis, Signature &signature) {
    Node &node = root(axis);
    if (node.fixed)
      return *node.fixed;
    if (!node.symbol) {
      node.symbol = signature.symbols.size();
      signature.symbols.push_back(!node.name.empty()
                                      ? node.name
                                      : signature.arguments[axis.argument].name + ".shape[" +
                                            std::to_string(axis.axis) + "]");
    }
    return -static_cast<Extent>(*node.symbol) - 1;
  }

private:
  struct Node {
    size_t parent;
    std::optional<int64_t> fixed;
    std::string name;
    std::optional<size_t> symbol = std::nullopt;
  };
  Node &root(Axis axis) {
    size_t i = nodeOf.at({axis.argument, axis.axis});
    while (nodes[i].parent != i)
      i = nodes[i].parent;
    return nodes[i];
  }
  std::vector<Node> nodes;
  std::map<std::pair<size_t, size_t>, size_t> nodeOf;
};

/// Collects the arguments of one kernel, then the relations between their extents, then writes the
/// codes.
class SignatureBuilder {
public:
  explicit SignatureBuilder(KernelOp kernel) : kernel(kernel) {
    signature.name = kernel.getSymName();
    for (auto [i, type] : llvm::enumerate(kernel.getArgumentTypes()))
      addArgument(kernel.getArgumentName(i).str(), roleOf(i),
                  cast<RankedTensorType>(type).getShape(),
                  cast<RankedTensorType>(type).getElementType());
  }

  FailureOr<Signature> build() {
    switch (kindOf(kernel)) {
    case KernelKind::Attention:
      relateAttention(*viewAttention(kernel));
      break;
    case KernelKind::Linear:
      relateLinear(*viewLinear(kernel));
      break;
    case KernelKind::Rowwise:
      relateRowwise(*viewRowwise(kernel));
      break;
    }
    if (failed(relateCaptures()) || failed(findIndices()))
      return failure();
    writeCodes();
    return std::move(signature);
  }

private:
  Role roleOf(unsigned argument) {
    if (kernel.getArgAttr(argument, keyLengthsRole))
      return Role::KeyLengths;
    if (kernel.getArgAttr(argument, queryLengthsRole))
      return Role::QueryLengths;
    return kernel.getArgAttr(argument, queryOffsetsRole) ? Role::QueryOffsets : Role::Input;
  }

  size_t addArgument(std::string name, Role role, ArrayRef<int64_t> shape, Type element) {
    size_t number = signature.arguments.size();
    ElementType type = element.isF32()         ? ElementType::F32
                       : element.isInteger(32) ? ElementType::I32
                       : element.isInteger(64) ? ElementType::I64
                                               : ElementType::U8;
    signature.arguments.push_back(
        {.name = std::move(name), .type = type, .role = role, .shape = {}});
    for (auto [axis, extent] : llvm::enumerate(shape))
      extents.add(number, axis, extent);
    ranks.push_back(shape.size());
    return number;
  }

  /// A result is called `name`, and longer where an argument is called so.
  size_t addResult(std::string name, Value value) {
    auto taken = [&](const SignatureArgument &argument) { return argument.name == name; };
    while (llvm::any_of(signature.arguments, taken))
      name += "_";
    auto type = cast<RankedTensorType>(value.getType());
    return addArgument(name, Role::Output, type.getShape(), type.getElementType());
  }

  static size_t numberOf(Value argument) { return cast<BlockArgument>(argument).getArgNumber(); }

  /// All these axes have one extent, called `name`. The ops' verifiers have seen to it that they
  /// can.
  void relate(StringRef name, ArrayRef<Axis> axes) {
    extents.name(axes.front(), name);
    for (Axis axis : axes.drop_front())
      extents.unite(axes.front(), axis);
  }

  void relateAttention(AttentionView view) {
    size_t query = numberOf(view.score.getQuery()), key = numberOf(view.score.getKey());
    size_t value = numberOf(view.sum.getValue());
    size_t out = addResult("out", view.sum.getResult());
    relate("batch", {{query, 0}, {key, 0}, {value, 0}, {out, 0}});
    relate("queries", {{query, 1}, {out, 1}});
    relate("heads", {{query, 2}, {out, 2}});
    relate("keys", {{key, 1}, {value, 1}});
    relate("key_heads", {{key, 2}, {value, 2}});
    if (view.logSumExp) {
      size_t lse = addResult("log_sum_exp", view.logSumExp.getResult());
      relate("batch", {{query, 0}, {lse, 0}});
      relate("heads", {{query, 2}, {lse, 1}});
      relate("queries", {{query, 1}, {lse, 2}});
    }
    if (view.returnsWeights) {
      size_t weights = addResult("weights", view.normalize.getWeights());
      relate("batch", {{query, 0}, {weights, 0}});
      relate("heads", {{query, 2}, {weights, 1}});
      relate("queries", {{query, 1}, {weights, 2}});
      relate("keys", {{key, 1}, {weights, 3}});
    }
    for (Value lengths : {view.keyLengths, view.queryLengths, view.queryOffsets})
      if (lengths)
        relate("batch", {{query, 0}, {numberOf(lengths), 0}});
    if (view.keyLengths)
      limits[numberOf(view.keyLengths)] = {key, 1};
    if (view.queryLengths)
      limits[numberOf(view.queryLengths)] = {query, 1};
    multiple = {{query, 2}, {key, 2}};
    positions = {
        {"batch", {query, 0}}, {"head", {query, 2}}, {"query", {query, 1}}, {"key", {key, 1}}};
  }

  void relateLinear(LinearView view) {
    size_t input = numberOf(view.linear.getInput()),
           out = addResult("out", view.linear.getResult());
    relate("rows", {{input, 0}, {out, 0}});
    positions = {{"row", {out, 0}}, {"column", {out, 1}}};
    packed = {numberOf(view.linear.getWeights()), packedShape(view)};
  }

  void relateRowwise(RowwiseView view) {
    size_t out = addResult("out", view.rowwise.getResult());
    relate("rows", {{out, 0}});
    positions = {{"row", {out, 0}}, {"column", {out, 1}}};
  }

  /// An axis of a capture that is loaded at a position of the region has that position's extent.
  LogicalResult relateCaptures() {
    for (auto component : kernel.getBody().getOps<Component>())
      for (auto load : component.getBody().getOps<LoadOp>())
        for (auto [axis, index] : llvm::enumerate(load.getIndices())) {
          auto position = dyn_cast<BlockArgument>(index);
          if (!position)
            continue;
          StringRef name = component.getParameterNames()[position.getArgNumber()];
          Axis captured{captureOf(component, load), axis}, expected = positions.at(name.str());
          if (!extents.unite(expected, captured)) // kernel (C7)
            return load.emitOpError()
                   << "axis " << axis << " of %" << signature.arguments[captured.argument].name
                   << " has an extent of " << extents.show(captured) << ", but position '" << name
                   << "' has " << extents.show(expected);
        }
    return success();
  }

  /// The kernel's argument that `load` reads.
  static size_t captureOf(Component component, LoadOp load) {
    unsigned argument = cast<BlockArgument>(load.getTensor()).getArgNumber();
    return numberOf(component.getCaptures()[argument - component.getParameterNames().size()]);
  }

  /// Integer tensors whose values, cast to index, index axes of others.
  LogicalResult findIndices() {
    for (auto component : kernel.getBody().getOps<Component>())
      for (auto load : component.getBody().getOps<LoadOp>())
        for (auto [axis, index] : llvm::enumerate(load.getIndices())) {
          LoadOp source = indexSource(index);
          if (!source)
            continue;
          size_t argument = captureOf(component, source);
          Axis limit{captureOf(component, load), axis};
          auto [known, isNew] = limits.try_emplace(argument, limit);
          if (!extents.same(known->second, limit)) // kernel (C8)
            return load.emitOpError()
                   << "values of %" << signature.arguments[argument].name
                   << " index axes of extents " << extents.show(known->second) << " and "
                   << extents.show(limit) << ": use a tensor of its own for each";
          if (signature.arguments[argument].role == Role::Input)
            signature.arguments[argument].role = Role::Index;
        }
    return success();
  }

  /// The load whose value, as it is, serves as `index`; null if there is none.
  static LoadOp indexSource(Value index) {
    Operation *op = index.getDefiningOp();
    while (isa_and_present<arith::IndexCastOp, arith::ExtSIOp>(op))
      op = op->getOperand(0).getDefiningOp();
    return dyn_cast_if_present<LoadOp>(op);
  }

  void writeCodes() {
    for (auto [number, argument] : llvm::enumerate(signature.arguments))
      for (size_t axis = 0; axis < ranks[number]; ++axis)
        argument.shape.push_back(extents.code({number, axis}, signature));
    for (auto [number, axis] : limits)
      signature.arguments[number].limit = extents.code(axis, signature);
    if (multiple && !extents.same(multiple->first, multiple->second))
      addMultiple(extents.code(multiple->first, signature),
                  extents.code(multiple->second, signature));
    if (packed)
      signature.arguments[packed->first].shape = packed->second;
  }

  void addMultiple(Extent of, Extent factor) {
    if (of < 0 || factor < 0)
      signature.multiples.push_back({of, factor});
  }

public:
  /// (panels, inputs, panel width)
  static std::vector<Extent> packedShape(LinearView view) {
    int64_t width = panelWidth(view.outputs);
    return {(view.outputs + width - 1) / width, view.inputs, width};
  }

private:
  KernelOp kernel;
  Signature signature;
  Extents extents;
  std::vector<size_t> ranks;
  std::map<size_t, Axis> limits;         ///< argument -> the axis that bounds its values
  std::map<std::string, Axis> positions; ///< parameter of a region -> the axis it runs over
  std::optional<std::pair<Axis, Axis>> multiple;
  std::optional<std::pair<size_t, std::vector<Extent>>> packed;
};

} // namespace

FailureOr<Signature> heed::kernelSignature(KernelOp kernel) {
  return SignatureBuilder(kernel).build();
}

FailureOr<Signature> heed::packSignature(KernelOp kernel) {
  FailureOr<LinearView> view = viewLinear(kernel);
  if (failed(view))
    return failure();
  std::string weights =
      kernel.getArgumentName(cast<BlockArgument>(view->linear.getWeights()).getArgNumber()).str();
  Signature signature;
  signature.name = (kernel.getSymName() + "_pack").str();
  signature.arguments = {
      {.name = weights,
       .type = ElementType::F32,
       .role = Role::Input,
       .shape = {view->inputs, view->outputs},
       .innerContiguous = false}, // checkpoints store (outputs, inputs): passed as strides
      {.name = weights == "packed" ? "packed_" : "packed",
       .type = ElementType::F32,
       .role = Role::Output,
       .shape = SignatureBuilder::packedShape(*view)}};
  return signature;
}

int64_t heed::panelWidth(int64_t columns) {
  for (int64_t width : {48, 64, 32, 16})
    if (columns % width == 0)
      return width;
  return 16;
}
