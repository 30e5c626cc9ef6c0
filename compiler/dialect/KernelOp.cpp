// attn.kernel: text, argument names and the rules of whole kernels.
#include "compiler/dialect/Attn.h"
#include "compiler/dialect/Identifiers.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/dialect/Signature.h"
#include "compiler/dialect/normalizers/Normalizers.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type,
                     ArrayRef<StringRef> argumentNames) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getArgNamesAttrName(state.name), builder.getStrArrayAttr(argumentNames));
  Block &body = state.addRegion()->emplaceBlock();
  for (Type input : type.getInputs())
    body.addArgument(input, state.location);
}

/// The names of the arguments as written, without %; argN where C would not take one.
static ArrayAttr namesOf(Builder &builder, ArrayRef<OpAsmParser::Argument> arguments) {
  SmallVector<Attribute> names;
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    StringRef name = argument.ssaName.name.drop_front();
    names.push_back(builder.getStringAttr(isIdentifier(name) ? name : "arg" + Twine(i)));
  }
  return builder.getArrayAttr(names);
}

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> resultTypes;
  SmallVector<DictionaryAttr> resultAttributes;
  bool isVariadic = false;
  if (parser.parseSymbolName(name, getSymNameAttrName(state.name), state.attributes) ||
      function_interface_impl::parseFunctionSignatureWithArguments(
          parser, /*allowVariadic=*/false, arguments, isVariadic, resultTypes, resultAttributes) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  SmallVector<Type> argumentTypes;
  for (const OpAsmParser::Argument &argument : arguments)
    argumentTypes.push_back(argument.type);
  state.addAttribute(getFunctionTypeAttrName(state.name),
                     TypeAttr::get(builder.getFunctionType(argumentTypes, resultTypes)));
  state.addAttribute(getArgNamesAttrName(state.name), namesOf(builder, arguments));
  call_interface_impl::addArgAndResultAttrs(builder, state, arguments, resultAttributes,
                                            getArgAttrsAttrName(state.name),
                                            getResAttrsAttrName(state.name));
  return parser.parseRegion(*state.addRegion(), arguments);
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  function_interface_impl::printFunctionSignature(printer, *this, getArgumentTypes(),
                                                  /*isVariadic=*/false, getResultTypes());
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(), {getSymNameAttrName(), getFunctionTypeAttrName(), getArgNamesAttrName(),
                            getArgAttrsAttrName(), getResAttrsAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

void KernelOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  for (auto [argument, name] :
       llvm::zip(region.getArguments(), getArgNames().getAsValueRange<StringAttr>()))
    setName(argument, name);
}

BlockArgument KernelOp::getArgumentWithRole(StringRef role) {
  for (BlockArgument argument : getBody().getArguments())
    if (getArgAttr(argument.getArgNumber(), role))
      return argument;
  return {};
}

static LogicalResult verifyNames(KernelOp kernel) { // (C1)
  if (!isIdentifier(kernel.getSymName()))
    return kernel.emitOpError() << "name '" << kernel.getSymName()
                                << "' becomes a C function's: use a C identifier";
  if (kernel.getSymName().starts_with("heed_") || kernel.getSymName().starts_with("halide_"))
    return kernel.emitOpError() << "name '" << kernel.getSymName()
                                << "' is taken: heed_ and halide_ belong to the runtime";
  if (kernel.getArgNames().size() != kernel.getNumArguments())
    return kernel.emitOpError("must have one argument name for each argument");
  llvm::StringSet<> seen;
  for (StringRef name : kernel.getArgNames().getAsValueRange<StringAttr>())
    if (!isIdentifier(name) || !seen.insert(name).second)
      return kernel.emitOpError()
             << "argument name '" << name
             << "' becomes a C parameter's: use a C identifier, once in the kernel";
  return success();
}

static LogicalResult verifyTypes(KernelOp kernel) { // (C2)
  for (auto [i, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    Type element = tensor ? tensor.getElementType() : Type();
    if (!tensor || !(isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(element) ||
                     element.isInteger(1) || element.isInteger(8) || element.isInteger(32) ||
                     element.isInteger(64)))
      return kernel.emitOpError()
             << "argument %" << kernel.getArgumentName(i)
             << " must be a tensor of f16, bf16, f32, f64, i1, i8, i32 or i64, "
                "not "
             << type;
    if (llvm::is_contained(tensor.getShape(), 0))
      return kernel.emitOpError() << "argument %" << kernel.getArgumentName(i)
                                  << " has an extent of 0; extents are ? or at least 1";
  }
  return success();
}

LogicalResult KernelOp::verify() {
  if (failed(verifyNames(*this)))
    return failure();
  return verifyTypes(*this);
}

static LogicalResult verifyRoles(KernelOp kernel) { // (C3)
  for (StringRef role : {keyLengthsRole, queryLengthsRole, queryOffsetsRole}) {
    BlockArgument first = kernel.getArgumentWithRole(role);
    if (!first)
      continue;
    if (kindOf(kernel) != KernelKind::Attention)
      return kernel.emitOpError() << "role '" << role << "' is for attention kernels";
    for (unsigned i = first.getArgNumber() + 1; i < kernel.getNumArguments(); ++i)
      if (kernel.getArgAttr(i, role))
        return kernel.emitOpError() << "role '" << role << "' stands on two arguments";
    int64_t batch = cast<RankedTensorType>(viewAttention(kernel)->query.getType()).getDimSize(0);
    Type expected = RankedTensorType::get({batch}, IntegerType::get(kernel.getContext(), 32));
    if (first.getType() != expected)
      return kernel.emitOpError() << "argument with role '" << role << "' must be " << expected
                                  << ", not " << first.getType();
  }
  for (BlockArgument argument : kernel.getBody().getArguments())
    if (auto tensor = cast<RankedTensorType>(argument.getType());
        kernel.getArgAttr(argument.getArgNumber(), segmentsRole) &&
        (tensor.getRank() != 1 || !tensor.getElementType().isInteger(32)))
      return kernel.emitOpError() << "argument with role '" << segmentsRole
                                  << "' must be a tensor<?xi32>, not " << tensor;
  return success();
}

/// (C3) Lengths are those of queries and keys.
static LogicalResult verifyLengths(KernelOp kernel) {
  if (kindOf(kernel) == KernelKind::Attention)
    return success();
  for (auto rowwise : kernel.getBody().getOps<RowwiseOp>())
    for (Operation &op : rowwise.getBody().getOps())
      if (isa<QueryLengthOp, KeyLengthOp, QueryOffsetOp, SegmentBeginOp, SegmentEndOp>(op))
        return op.emitOpError("is for attention kernels");
  return success();
}

/// segment_begin, segment_end (C1)
static LogicalResult verifySegments(KernelOp kernel) {
  for (auto component : kernel.getBody().getOps<Component>())
    for (Operation &op : component.getBody().getOps())
      if (isa<SegmentBeginOp, SegmentEndOp>(op)) {
        Value starts = component.getCaptures()[captureNumber(op.getOperand(0))];
        auto argument = dyn_cast<BlockArgument>(starts);
        if (!argument || !kernel.getArgAttr(argument.getArgNumber(), segmentsRole))
          return op.emitOpError() << "starts must be an argument of the kernel with the role '"
                                  << segmentsRole << "'";
      }
  return success();
}

static int64_t columnsOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(3);
}

static LogicalResult expectOnline(Operation *op, Normalizer normalizer) {
  if (normalizer.online())
    return success();
  return op->emitOpError("needs a normalizer whose states merge, not one that finds a threshold of "
                         "the whole row");
}

/// partial (C1), (C2), log_sum_exp (C2)
static LogicalResult verifyAttentionStates(const AttentionView &view) {
  FailureOr<Normalizer> normalizer = normalizerOf(view.normalize);
  if (failed(normalizer))
    return failure();
  if (auto logSumExp = view.result<LogSumExpOp>())
    if (!normalizer->online() || !normalizer->online().hasLogSumExp())
      return logSumExp.emitOpError()
             << "normalizer " << attn::NormalizeOp(view.normalize).getNormalizerName()
             << " has no log-sum-exp";
  if (!view.isPartial())
    return success();
  if (failed(expectOnline(view.sum, *normalizer)))
    return failure();
  int64_t states = normalizer->online().getStateCount();
  if (columnsOf(view.results.front()) == view.valueDim + states)
    return success();
  return view.sum->emitOpError() << "result must have " << view.valueDim << " + " << states
                                 << " columns: the value's and the normalizer's state";
}

/// merge (C1), finish (C1)
static LogicalResult verifyMergedStates(MergeView view) {
  for (Operation *op : {view.merge.getOperation(), view.finish.getOperation()}) {
    if (!op)
      continue;
    FailureOr<Normalizer> normalizer = normalizerOf(op);
    if (failed(normalizer) || failed(expectOnline(op, *normalizer)))
      return failure();
    int64_t states = normalizer->online().getStateCount(), columns = columnsOf(op->getOperand(0));
    if (columns <= states)
      return op->emitOpError() << "states have " << columns
                               << " columns, but the normalizer alone has " << states
                               << " state values";
    if (op != view.finish.getOperation())
      continue;
    if (columnsOf(op->getResult(0)) != columns - states)
      return op->emitOpError() << "result must have " << columns - states << " columns";
    if (op->getNumResults() == 2 && !normalizer->online().hasLogSumExp())
      return op->emitOpError("the normalizer has no log-sum-exp");
  }
  return success();
}

static LogicalResult verifyNormalizers(KernelOp kernel) {
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return verifyAttentionStates(*viewAttention(kernel));
  case KernelKind::Merge:
    return verifyMergedStates(*viewMerge(kernel));
  case KernelKind::Linear:
  case KernelKind::Rowwise:
    return success();
  }
}

LogicalResult KernelOp::verifyRegions() {
  LogicalResult viewed = viewKernel(*this); // (C4), (C5), (C6)
  if (failed(viewed) || failed(verifyRoles(*this)) || failed(verifyLengths(*this)) ||
      failed(verifySegments(*this)) || failed(verifyNormalizers(*this)))
    return failure();
  return kernelSignature(*this); // (C7), (C8)
}
