// attn.kernel: text, argument names and the rules of whole kernels.
#include "compiler/dialect/Attn.h"
#include "compiler/dialect/Identifiers.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/dialect/Signature.h"

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
    if (!tensor || !(element.isF32() || element.isInteger(1) || element.isInteger(32) ||
                     element.isInteger(64)))
      return kernel.emitOpError() << "argument %" << kernel.getArgumentName(i)
                                  << " must be a tensor of f32, i1, i32 or i64, not " << type;
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
    int64_t batch = viewAttention(kernel)->score.getQuery().getType().getDimSize(0);
    Type expected = RankedTensorType::get({batch}, IntegerType::get(kernel.getContext(), 32));
    if (first.getType() != expected)
      return kernel.emitOpError() << "argument with role '" << role << "' must be " << expected
                                  << ", not " << first.getType();
  }
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  LogicalResult viewed = viewKernel(*this); // (C4), (C5), (C6)
  if (failed(viewed) || failed(verifyRoles(*this)))
    return failure();
  return kernelSignature(*this); // (C7), (C8)
}
