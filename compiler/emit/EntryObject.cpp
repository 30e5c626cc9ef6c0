#include "compiler/emit/EntryObject.h"
#include "compiler/emit/NativeCode.h"
#include "compiler/emit/Ranges.h"

#include <heed/kernel.h>

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace heed {
namespace {

using Constants = std::vector<llvm::Constant *>;

uint8_t typeCode(ElementType type) {
  switch (type) {
  case ElementType::F16:
  case ElementType::F32:
  case ElementType::F64:
    return kDLFloat;
  case ElementType::BF16:
    return kDLBfloat;
  case ElementType::I8:
  case ElementType::I32:
  case ElementType::I64:
    return kDLInt;
  case ElementType::U8:
    return kDLUInt;
  }
  llvm_unreachable("an element type");
}

uint8_t typeBits(ElementType type) {
  switch (type) {
  case ElementType::F16:
  case ElementType::BF16:
    return 16;
  case ElementType::F32:
  case ElementType::I32:
    return 32;
  case ElementType::F64:
  case ElementType::I64:
    return 64;
  case ElementType::I8:
  case ElementType::U8:
    return 8;
  }
  llvm_unreachable("an element type");
}

uint8_t roleCode(Role role) {
  switch (role) {
  case Role::Input:
    return HEED_ROLE_INPUT;
  case Role::Output:
    return HEED_ROLE_OUTPUT;
  case Role::KeyLengths:
    return HEED_ROLE_KEY_LENGTHS;
  case Role::QueryLengths:
    return HEED_ROLE_QUERY_LENGTHS;
  case Role::QueryOffsets:
    return HEED_ROLE_QUERY_OFFSETS;
  case Role::Index:
    return HEED_ROLE_INDEX;
  case Role::Segments:
    return HEED_ROLE_SEGMENTS;
  }
  llvm_unreachable("a role");
}

/// Writes the structures of heed/kernel.h as private constants. A struct's literal type has the
/// layout C gives it, because its fields are listed in order with C's types; tests/unit/emit reads
/// them back through the header.
class TableWriter {
public:
  explicit TableWriter(llvm::Module &module)
      : module(module), pointer(llvm::PointerType::getUnqual(module.getContext())) {}

  llvm::Constant *kernel(const LibraryEntry &entry) {
    const Signature &signature = entry.signature;
    Constants arguments, symbols, multiples, sums, variants;
    for (const SignatureArgument &a : signature.arguments)
      arguments.push_back(argument(a));
    for (const std::string &s : signature.symbols)
      symbols.push_back(string(s));
    for (auto [first, second] : signature.multiples)
      multiples.push_back(structure({i64(first), i64(second)}));
    for (const DerivedExtent &d : signature.derived)
      sums.push_back(derived(d));
    for (const CompiledVariant &v : entry.variants)
      variants.push_back(variant(v, signature));
    return constant(structure({i32(HEED_ABI_VERSION), string(signature.name), i32(arguments.size()),
                               array(arguments), i32(symbols.size()), array(symbols),
                               i32(multiples.size()), array(multiples), i32(sums.size()),
                               array(sums), i32(variants.size()), array(variants)}));
  }

private:
  llvm::Constant *argument(const SignatureArgument &a) {
    Constants shape;
    for (Extent extent : a.shape)
      shape.push_back(i64(extent));
    return structure({string(a.name), i8(typeCode(a.type)), i8(typeBits(a.type)), i8(shape.size()),
                      i8(roleCode(a.role)), array(shape), i64(a.limit), i8(a.innerContiguous),
                      i8(a.nonEmptyAxes)});
  }

  llvm::Constant *derived(const DerivedExtent &d) {
    Constants terms;
    for (auto [extent, factor] : d.terms)
      terms.push_back(structure({i64(extent), i64(factor)}));
    return structure({i32(-d.symbol - 1), i32(terms.size()), array(terms)});
  }

  llvm::Constant *range(const ExtentRange &r, const Signature &signature) {
    BoundedExtent extent = *findExtent(signature, r.extent); // planKernels has looked
    return structure({i64(extent.first), i64(extent.second), i64(r.low), i64(r.high)});
  }

  llvm::Constant *variant(const CompiledVariant &v, const Signature &signature) {
    Constants stages, ranges;
    for (const ExtentRange &r : v.choice.when)
      ranges.push_back(range(r, signature));
    for (const CompiledStage &s : v.stages)
      stages.push_back(stage(s));
    return structure({string(v.target.name), i32(v.target.device), i64(v.target.features),
                      i32(ranges.size()), array(ranges), i32(stages.size()), array(stages)});
  }

  llvm::Constant *stage(const CompiledStage &s) {
    Constants indices;
    for (unsigned index : s.arguments)
      indices.push_back(i8(index));
    auto *type =
        llvm::FunctionType::get(llvm::Type::getInt32Ty(module.getContext()), {pointer}, false);
    auto call = module.getOrInsertFunction(s.symbol + "_argv", type);
    return structure(
        {llvm::cast<llvm::Constant>(call.getCallee()), i32(indices.size()), array(indices)});
  }

  llvm::Constant *integer(unsigned bits, int64_t value) {
    auto *type = llvm::IntegerType::get(module.getContext(), bits);
    return llvm::ConstantInt::get(type, value, /*IsSigned=*/false, /*ImplicitTrunc=*/true);
  }
  llvm::Constant *i8(int64_t value) { return integer(8, value); }
  llvm::Constant *i32(int64_t value) { return integer(32, value); }
  llvm::Constant *i64(int64_t value) { return integer(64, value); }

  llvm::Constant *structure(llvm::ArrayRef<llvm::Constant *> fields) {
    return llvm::ConstantStruct::getAnon(fields);
  }

  llvm::Constant *string(llvm::StringRef text) {
    return constant(llvm::ConstantDataArray::getString(module.getContext(), text));
  }

  /// A pointer to the elements, NULL where there are none.
  llvm::Constant *array(const Constants &elements) {
    if (elements.empty())
      return llvm::ConstantPointerNull::get(pointer);
    auto *type = llvm::ArrayType::get(elements.front()->getType(), elements.size());
    return constant(llvm::ConstantArray::get(type, elements));
  }

  llvm::Constant *constant(llvm::Constant *value) {
    auto *global = new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                            llvm::GlobalValue::PrivateLinkage, value, "table");
    global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return global;
  }

  llvm::Module &module;
  llvm::PointerType *pointer;
};

void emitFunction(llvm::Module &module, const LibraryEntry &entry, llvm::Constant *table) {
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::getUnqual(context);
  auto *status = llvm::Type::getInt32Ty(context);
  llvm::SmallVector<llvm::Type *> parameters(entry.signature.arguments.size(), pointer);
  auto *function =
      llvm::Function::Create(llvm::FunctionType::get(status, parameters, false),
                             llvm::GlobalValue::ExternalLinkage, entry.signature.name, module);
  function->setUWTableKind(llvm::UWTableKind::Default);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", function));
  auto *tensors = builder.CreateAlloca(llvm::ArrayType::get(pointer, parameters.size()));
  for (llvm::Argument &tensor : function->args())
    builder.CreateStore(&tensor,
                        builder.CreateConstInBoundsGEP1_32(pointer, tensors, tensor.getArgNo()));
  auto call = module.getOrInsertFunction(
      "heed_call", llvm::FunctionType::get(status, {pointer, pointer}, false));
  builder.CreateRet(builder.CreateCall(call, {table, tensors}));
}

} // namespace

llvm::Expected<std::string> emitEntryObject(const Library &library) {
  auto machine = x86Machine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Module module("the entry object", context);
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  module.setPICLevel(llvm::PICLevel::BigPIC);
  TableWriter tables(module);
  for (const LibraryEntry &entry : library.entries)
    emitFunction(module, entry, tables.kernel(entry));
  return machineCode(**machine, module, llvm::CodeGenFileType::ObjectFile);
}

} // namespace heed
