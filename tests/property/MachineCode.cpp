#include "tests/property/MachineCode.h"
#include "compiler/emit/Stages.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

namespace heed::property {

llvm::Expected<MachineCode> MachineCode::of(const Stage &stage, const Surroundings &surroundings) {
  auto module = lowerStage(stage, "stage");
  if (!module)
    return module.takeError();
  auto object = objectCode(*module);
  if (!object)
    return object.takeError();
  LLVMInitializeX86AsmParser(); // JITLink asks for one
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto symbol = [&](auto *function) {
    return llvm::orc::ExecutorSymbolDef(llvm::orc::ExecutorAddr::fromPtr(function),
                                        llvm::JITSymbolFlags::Exported);
  };
  llvm::Error error = (*jit)->getMainJITDylib().define(llvm::orc::absoluteSymbols(
      {{(*jit)->mangleAndIntern("halide_malloc"), symbol(surroundings.halide_malloc)},
       {(*jit)->mangleAndIntern("halide_free"), symbol(surroundings.halide_free)},
       {(*jit)->mangleAndIntern("halide_do_par_for"), symbol(surroundings.halide_do_par_for)}}));
  if (error)
    return std::move(error);
  if (llvm::Error e = (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(*object)))
    return std::move(e);
  auto entry = (*jit)->lookup("stage_argv");
  if (!entry)
    return entry.takeError();
  MachineCode code;
  code.call = entry->toPtr<decltype(heed_stage::call)>();
  code.loaded = std::move(*jit);
  return code;
}

} // namespace heed::property
