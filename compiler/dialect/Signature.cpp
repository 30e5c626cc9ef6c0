#include "compiler/dialect/Signature.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/dialect/Loads.h"
#include "compiler/dialect/normalizers/Normalizers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include "llvm/ADT/MapVector.h"

#include <map>
#include <optional>

using namespace mlir;
using namespace heed;
using namespace heed::attn;

namespace {

/// The axis of a tensor: of an argument of the signature, or of what an op of the kernel gives on
/// the way to a result.
struct Axis {
  size_t tensor;
  size_t axis;
};

/// Which axes have the same extent, and what is known of it.
class Extents {
public:
  void add(size_t tensor, size_t axis, int64_t extent) {
    nodeOf[{tensor, axis}] = nodes.size();
    nodes.push_back(
        {nodes.size(), ShapedType::isDynamic(extent) ? std::nullopt : std::optional(extent), ""});
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
    if (first.terms.empty())
      first.terms = second.terms;
    second.parent = first.parent;
    return true;
  }
  /// The extent is the sum of others, each times its factor.
  void derive(Axis axis, std::vector<std::pair<Axis, int64_t>> terms) {
    root(axis).terms = std::move(terms);
  }
  bool same(Axis a, Axis b) {
    return &root(a) == &root(b) || (root(a).fixed && root(a).fixed == root(b).fixed);
  }
  void name(Axis axis, StringRef name) { root(axis).name = name; }
  std::string show(Axis axis) { return root(axis).fixed ? std::to_string(*root(axis).fixed) : "?"; }

  /// The extent as the signature codes it; a symbol is made where none is yet, called `fallback` if
  /// nobody named it.
  Extent code(Axis axis, Signature &signature, const std::string &fallback) {
    Node &node = root(axis);
    if (node.fixed)
      return *node.fixed;
    if (!node.symbol) {
      node.symbol = signature.symbols.size();
      signature.symbols.push_back(node.name.empty() ? fallback : node.name);
    }
    return -static_cast<Extent>(*node.symbol) - 1;
  }
  /// The extent's code if it is fixed or a tensor has made it a symbol.
  std::optional<Extent> known(Axis axis) {
    Node &node = root(axis);
    if (node.fixed)
      return *node.fixed;
    return node.symbol ? std::optional(-static_cast<Extent>(*node.symbol) - 1) : std::nullopt;
  }
  /// What `derive` said of the axis; empty if nothing, or if its extent is fixed.
  std::vector<std::pair<Axis, int64_t>> termsOf(Axis axis) {
    return root(axis).fixed ? std::vector<std::pair<Axis, int64_t>>() : root(axis).terms;
  }

private:
  struct Node {
    size_t parent;
    std::optional<int64_t> fixed;
    std::string name;
    std::optional<size_t> symbol = std::nullopt;
    std::vector<std::pair<Axis, int64_t>> terms = {};
  };
  Node &root(Axis axis) {
    size_t i = nodeOf.at({axis.tensor, axis.axis});
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
    for (BlockArgument argument : kernel.getBody().getArguments())
      tensors[argument] =
          addArgument(kernel.getArgumentName(argument.getArgNumber()).str(),
                      roleOf(argument.getArgNumber()), cast<RankedTensorType>(argument.getType()));
  }

  FailureOr<Signature> build() {
    switch (kindOf(kernel)) {
    case KernelKind::Attention:
      if (failed(relateAttention(*viewAttention(kernel))))
        return failure();
      break;
    case KernelKind::Merge:
      if (failed(relateMerge(*viewMerge(kernel))))
        return failure();
      break;
    case KernelKind::Linear:
      relateLinear(*viewLinear(kernel));
      break;
    case KernelKind::Rowwise:
      relateRowwise(*viewRowwise(kernel));
      break;
    }
    if (failed(relateCaptures()) || failed(findIndices()) || failed(findUnknown()))
      return failure();
    writeCodes();
    return std::move(signature);
  }

private:
  Role roleOf(unsigned argument) {
    for (auto [name, role] : {std::pair(keyLengthsRole, Role::KeyLengths),
                              {queryLengthsRole, Role::QueryLengths},
                              {queryOffsetsRole, Role::QueryOffsets},
                              {segmentsRole, Role::Segments}})
      if (kernel.getArgAttr(argument, name))
        return role;
    return Role::Input;
  }

  static ElementType elementTypeOf(Type element) {
    if (auto number = dyn_cast<FloatType>(element))
      return number.isF16()    ? ElementType::F16
             : number.isBF16() ? ElementType::BF16
             : number.isF64()  ? ElementType::F64
                               : ElementType::F32;
    return element.isInteger(8)    ? ElementType::I8
           : element.isInteger(32) ? ElementType::I32
           : element.isInteger(64) ? ElementType::I64
                                   : ElementType::U8;
  }

  size_t addArgument(std::string name, Role role, RankedTensorType type) {
    size_t number = signature.arguments.size();
    signature.arguments.push_back({.name = std::move(name),
                                   .type = elementTypeOf(type.getElementType()),
                                   .role = role,
                                   .shape = {}});
    addAxes(number, type);
    ranks.push_back(type.getRank());
    return number;
  }

  void addAxes(size_t number, RankedTensorType type) {
    for (auto [axis, extent] : llvm::enumerate(type.getShape()))
      extents.add(number, axis, extent);
  }

  /// A result is called `name`, and longer where an argument is called so.
  size_t addResult(std::string name, Value value) {
    auto taken = [&](const SignatureArgument &argument) { return argument.name == name; };
    while (llvm::any_of(signature.arguments, taken))
      name += "_";
    return addArgument(name, Role::Output, cast<RankedTensorType>(value.getType()));
  }

  /// What an op makes on the way to a result: no argument, but its extents hang together with
  /// theirs.
  void addIntermediate(Value value) {
    tensors[value] = firstIntermediate + tensors.size();
    addAxes(tensors[value], cast<RankedTensorType>(value.getType()));
  }

  size_t numberOf(Value tensor) const { return tensors.lookup(tensor); }

  /// All these axes have one extent, called `name`. The ops' verifiers have seen to it that they
  /// can.
  void relate(StringRef name, ArrayRef<Axis> axes) {
    for (Axis axis : axes.drop_front())
      extents.unite(axes.front(), axis);
    if (name.empty())
      return;
    extents.name(axes.front(), name);
    named.insert({name.str(), axes.front()});
  }

  LogicalResult relateAttention(AttentionView view) {
    for (Operation *op : view.operands)
      relateOperand(op);
    size_t query = numberOf(view.query), key = numberOf(view.key), value = numberOf(view.value);
    relate("batch", {{query, 0}, {key, 0}, {value, 0}});
    relate("queries", {{query, 1}});
    relate("heads", {{query, 2}});
    relate("keys", {{key, 1}, {value, 1}});
    relate("key_heads", {{key, 2}, {value, 2}});
    for (Value result : view.results)
      relateResult(result, query, key);
    for (Value lengths : {view.keyLengths, view.queryLengths, view.queryOffsets})
      if (lengths)
        relate("batch", {{query, 0}, {numberOf(lengths), 0}});
    if (view.keyLengths)
      limits[numberOf(view.keyLengths)] = {key, 1};
    if (view.queryLengths)
      limits[numberOf(view.queryLengths)] = {query, 1};
    multiple = {{query, 2}, {key, 2}};
    pairPositions = {
        {"batch", {query, 0}}, {"head", {query, 2}}, {"query", {query, 1}}, {"key", {key, 1}}};
    pairPositions.insert({"column", {query, 3}});
    return relateNormalizer(view.normalize, view.normalize.getCaptures());
  }

  /// The extents of what rowwise and project ops give.
  void relateOperand(Operation *op) {
    Value result = op->getResult(0);
    addIntermediate(result);
    size_t made = numberOf(result);
    if (auto project = dyn_cast<ProjectOp>(op)) {
      size_t input = numberOf(project.getInput()), weights = numberOf(project.getWeights());
      for (size_t axis : {0, 1, 2})
        relate("", {{made, axis}, {input, axis}});
      if (cast<RankedTensorType>(project.getWeights().getType()).getDimSize(0) != 1)
        relate("", {{made, 2}, {weights, 0}});
      return;
    }
    auto rowwise = cast<RowwiseOp>(op);
    std::vector<std::pair<Axis, int64_t>> terms;
    for (RowwiseOp::PositionTerm term : rowwise.getPositionTerms())
      terms.push_back({{numberOf(rowwise.getCaptures()[term.capture]), term.axis}, term.factor});
    if (!terms.empty())
      extents.derive({made, 1}, terms);
  }

  /// A result of an attention kernel is called after the op that gives it.
  void relateResult(Value result, size_t query, size_t key) {
    Operation *op = result.getDefiningOp();
    auto add = [&](StringRef name, ArrayRef<Axis> axes) {
      size_t number = addResult(name.str(), result);
      for (auto [axis, of] : llvm::enumerate(axes))
        relate("", {of, {number, axis}});
    };
    if (isa<WeightedSumOp, PartialOp>(op))
      add("out", {{query, 0}, {query, 1}, {query, 2}});
    else if (isa<LogSumExpOp>(op))
      add("log_sum_exp", {{query, 0}, {query, 2}, {query, 1}});
    else if (isa<KeySumOp>(op))
      add("key_sums", {{query, 0}, {query, 2}, {key, 1}});
    else
      add(isa<NormalizeOp>(op) ? "weights" : "scores",
          {{query, 0}, {query, 2}, {query, 1}, {key, 1}});
  }

  LogicalResult relateMerge(MergeView view) {
    auto axesOf = [](size_t tensor) {
      return SmallVector<Axis>{{tensor, 0}, {tensor, 1}, {tensor, 2}};
    };
    Value first = view.merge ? view.merge.getFirst() : view.finish.getState();
    SmallVector<size_t> others;
    if (view.merge)
      others.push_back(numberOf(view.merge.getSecond()));
    others.push_back(
        addResult("out", view.finish ? view.finish.getResult() : Value(view.merge.getResult())));
    size_t state = numberOf(first);
    for (size_t other : others)
      for (auto [a, b] : llvm::zip(axesOf(state), axesOf(other)))
        relate("", {a, b});
    relate("batch", {{state, 0}});
    relate("queries", {{state, 1}});
    relate("heads", {{state, 2}});
    if (!view.finish)
      return success();
    if (Value logSumExp = view.finish.getLogSumExp()) {
      size_t lse = addResult("log_sum_exp", logSumExp);
      relate("", {{state, 0}, {lse, 0}});
      relate("", {{state, 2}, {lse, 1}});
      relate("", {{state, 1}, {lse, 2}});
    }
    pairPositions = {{"batch", {state, 0}}, {"head", {state, 2}}, {"query", {state, 1}}};
    return relateNormalizer(view.finish, view.finish.getCaptures());
  }

  void relateLinear(LinearView view) {
    LinearOp linear = view.linear;
    size_t input = numberOf(linear.getInput()), out = addResult("out", linear.getResult());
    tensors[linear.getResult()] = out;
    relate("rows", {{input, 0}, {out, 0}});
    packed = {numberOf(linear.getWeights()), packedShape(view)};
  }

  void relateRowwise(RowwiseView view) {
    RowwiseOp rowwise = view.rowwise;
    size_t out = addResult("out", rowwise.getResult());
    tensors[rowwise.getResult()] = out;
    if (ranks[out] == 2)
      return relate("rows", {{out, 0}});
    relate("batch", {{out, 0}});
    relate("positions", {{out, 1}});
    relate("heads", {{out, 2}});
    std::vector<std::pair<Axis, int64_t>> terms;
    for (RowwiseOp::PositionTerm term : rowwise.getPositionTerms())
      terms.push_back({{numberOf(rowwise.getCaptures()[term.capture]), term.axis}, term.factor});
    if (!terms.empty())
      extents.derive({out, 1}, terms);
  }

  /// The axis that a position of the component's body runs over.
  Axis axisOf(Component component, StringRef position) {
    Operation *op = component;
    if (isa<LinearOp, RowwiseOp>(op)) {
      auto names = component.getParameterNames().take_back(
          cast<RankedTensorType>(op->getResult(0).getType()).getRank());
      return {numberOf(op->getResult(0)), size_t(llvm::find(names, position) - names.begin())};
    }
    return pairPositions.at(position.str());
  }

  LogicalResult relateLoad(Operation *at, Axis captured, Axis expected, StringRef position) {
    if (extents.unite(expected, captured)) // kernel (C7)
      return success();
    return at->emitOpError() << "axis " << captured.axis << " of " << nameOf(captured.tensor)
                             << " has an extent of " << extents.show(captured) << ", but position '"
                             << position << "' has " << extents.show(expected);
  }

  std::string nameOf(size_t tensor) const {
    return tensor < firstIntermediate ? "%" + signature.arguments[tensor].name : "an operand";
  }

  /// An axis of a capture that is loaded at a position of the region has that position's extent;
  /// one that is loaded elsewhere needs an element.
  LogicalResult relateCaptures() {
    for (auto component : kernel.getBody().getOps<Component>())
      for (auto load : component.getBody().getOps<LoadOp>())
        for (auto [axis, index] : llvm::enumerate(load.getIndices())) {
          Axis captured{captureOf(component, load), axis};
          if (!isTied(load, axis)) {
            needsElement(captured);
            continue;
          }
          StringRef name = component.getParameterNames()[cast<BlockArgument>(index).getArgNumber()];
          if (failed(relateLoad(load, captured, axisOf(component, name), name)))
            return failure();
        }
    return success();
  }

  void needsElement(Axis captured) {
    if (captured.tensor < firstIntermediate)
      signature.arguments[captured.tensor].nonEmptyAxes |= 1u << captured.axis;
  }

  /// The same for what the regions of the normalizer that `op` names load.
  LogicalResult relateNormalizer(Operation *op, ValueRange captures) {
    FailureOr<Normalizer> normalizer = normalizerOf(op);
    if (failed(normalizer))
      return failure();
    for (Region &region : normalizer->op()->getRegions())
      for (auto load : region.getOps<LoadOp>())
        for (auto [axis, index] : llvm::enumerate(load.getIndices())) {
          Axis captured{numberOf(captures[captureNumber(load.getTensor())]), axis};
          auto position = dyn_cast<BlockArgument>(index);
          if (!position) {
            needsElement(captured);
            continue;
          }
          static constexpr StringRef names[] = {"batch", "head", "query"};
          unsigned first = 0; // of the positions, which follow the numbers
          while (!region.getArgument(first).getType().isIndex())
            ++first;
          StringRef name = names[position.getArgNumber() - first];
          if (failed(relateLoad(op, captured, pairPositions.at(name.str()), name)))
            return failure();
        }
    return success();
  }

  /// The kernel's argument, or intermediate, that `load` reads.
  size_t captureOf(Component component, LoadOp load) const {
    return numberOf(component.getCaptures()[captureNumber(load.getTensor())]);
  }

  /// Integer tensors whose values, cast to index, index axes of others; the positions that segments
  /// divide.
  LogicalResult findIndices() {
    for (auto component : kernel.getBody().getOps<Component>()) {
      for (auto load : component.getBody().getOps<LoadOp>())
        for (auto [axis, index] : llvm::enumerate(load.getIndices()))
          if (LoadOp source = indexSource(index))
            if (failed(limitIndices(load, captureOf(component, source),
                                    {captureOf(component, load), axis})))
              return failure();
      for (Operation &op : component.getBody().getOps())
        if (isa<SegmentBeginOp, SegmentEndOp>(op)) {
          auto position = dyn_cast<BlockArgument>(op.getOperand(1));
          StringRef name =
              position ? component.getParameterNames()[position.getArgNumber()] : "key";
          Value starts = component.getCaptures()[captureNumber(op.getOperand(0))];
          limits.try_emplace(numberOf(starts), axisOf(component, name));
          needsElement({numberOf(starts), 0}); // the search reads the first even if there is none
        }
    }
    return success();
  }

  LogicalResult limitIndices(LoadOp load, size_t indices, Axis limit) {
    auto [known, isNew] = limits.try_emplace(indices, limit);
    if (!extents.unite(known->second, limit)) // kernel (C8)
      return load.emitOpError() << "values of " << nameOf(indices) << " index axes of extents "
                                << extents.show(known->second) << " and " << extents.show(limit)
                                << ": use a tensor of its own for each";
    if (signature.arguments[indices].role == Role::Input)
      signature.arguments[indices].role = Role::Index;
    return success();
  }

  /// The load whose value, as it is, serves as `index`; null if there is none.
  static LoadOp indexSource(Value index) {
    Operation *op = index.getDefiningOp();
    while (isa_and_present<arith::IndexCastOp, arith::ExtSIOp>(op))
      op = op->getOperand(0).getDefiningOp();
    return dyn_cast_if_present<LoadOp>(op);
  }

  /// An operand's extent that no argument has and nothing derives.
  LogicalResult findUnknown() {
    for (auto [value, number] : tensors) {
      auto rowwise = value.getDefiningOp<RowwiseOp>();
      for (size_t axis = 0; rowwise && axis < size_t(rowwise.getType().getRank()); ++axis)
        if (number >= firstIntermediate && !isKnown({number, axis}))
          return rowwise.emitOpError()
                 << "nothing tells the extent of its axis " << axis
                 << ": load a capture at that position, or write positions(...)";
    }
    return success();
  }

  bool isKnown(Axis axis) {
    if (extents.show(axis) != "?" || !extents.termsOf(axis).empty())
      return true;
    for (auto [number, argument] : llvm::enumerate(signature.arguments))
      for (size_t other = 0; argument.role != Role::Output && other < ranks[number]; ++other)
        if (extents.same(axis, {number, other}))
          return true;
    return false;
  }

  Extent code(Axis axis) {
    std::string fallback =
        axis.tensor < firstIntermediate ? signature.arguments[axis.tensor].name : "operand";
    return extents.code(axis, signature, fallback + ".shape[" + std::to_string(axis.axis) + "]");
  }

  void writeCodes() {
    for (auto [number, argument] : llvm::enumerate(signature.arguments))
      for (size_t axis = 0; axis < ranks[number]; ++axis)
        argument.shape.push_back(code({number, axis}));
    for (auto [number, axis] : limits)
      signature.arguments[number].limit = code(axis);
    if (multiple && !extents.same(multiple->first, multiple->second))
      addMultiple(code(multiple->first), code(multiple->second));
    if (packed)
      signature.arguments[packed->first].shape = packed->second;
    for (auto [value, number] : tensors)
      if (cast<RankedTensorType>(value.getType()).getRank() == 4)
        addDerived({number, 1});
    for (auto &[name, axis] : named)
      if (std::optional<Extent> extent = extents.known(axis))
        signature.extents.push_back({name, *extent});
  }

  void addDerived(Axis positions) {
    std::vector<std::pair<Axis, int64_t>> terms = extents.termsOf(positions);
    Extent symbol = terms.empty() ? 0 : code(positions);
    auto isSame = [&](const DerivedExtent &known) { return known.symbol == symbol; };
    if (terms.empty() || llvm::any_of(signature.derived, isSame))
      return;
    DerivedExtent derived{symbol, {}};
    for (auto [axis, factor] : terms)
      derived.terms.push_back({code(axis), factor});
    signature.derived.push_back(std::move(derived));
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
  /// Numbers of tensors from here on are no arguments.
  static constexpr size_t firstIntermediate = 1 << 16;

  KernelOp kernel;
  Signature signature;
  Extents extents;
  std::map<std::string, Axis> named;         ///< what relate() was given names for
  llvm::MapVector<Value, size_t> tensors;    ///< arguments of the kernel and what its ops make
  std::vector<size_t> ranks;                 ///< of the signature's arguments
  std::map<size_t, Axis> limits;             ///< argument -> the axis that bounds its values
  std::map<std::string, Axis> pairPositions; ///< parameter of a score's region -> its axis
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
