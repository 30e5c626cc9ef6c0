#include "compiler/emit/NativeCode.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/MultiplyAdds.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/RuntimeLibcallInfo.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/CodeGen/CodeGenTargetMachineImpl.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"

namespace heed {

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> x86Machine() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string why;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, why);
  if (!target)
    return ourBug("this LLVM cannot generate code for x86-64: " + why);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.FunctionSections = true;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, "x86-64", /*Features=*/"", options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

/// What LLVM 22's addPassesToEmitFile does for x86, but for the machine scheduler: the schedule of
/// a kernel's loops is the order of its instructions. Before registers are allocated it moves loads
/// up and makes register tiles of the split form spill: of 128 columns' dots, 108 of the loop's
/// instructions went to the stack, 37 do (`heedc --preset dense --head-dim 128 --emit asm`).
static bool addPasses(llvm::TargetMachine &machine, llvm::legacy::PassManager &passes,
                      llvm::raw_pwrite_stream &out, llvm::CodeGenFileType type) {
  auto &generator = static_cast<llvm::CodeGenTargetMachineImpl &>(machine);
  // Without these memset is a loop over bytes.
  passes.add(new llvm::TargetLibraryInfoWrapperPass(machine.getTargetTriple()));
  passes.add(new llvm::RuntimeLibraryInfoWrapper(machine.getTargetTriple()));
  auto *functions = new llvm::MachineModuleInfoWrapperPass(&generator);
  llvm::TargetPassConfig *config = generator.createPassConfig(passes);
  config->disablePass(&llvm::MachineSchedulerID);
  passes.add(config);
  passes.add(functions);
  if (config->addISelPasses())
    return false;
  config->addMachinePasses();
  config->setInitialized();
  if (generator.addAsmPrinter(passes, out, nullptr, type, functions->getMMI().getContext()))
    return false;
  passes.add(llvm::createFreeMachineFunctionPass());
  return true;
}

llvm::Expected<std::string> machineCode(llvm::TargetMachine &machine, llvm::Module &module,
                                        llvm::CodeGenFileType type) {
  std::string why;
  llvm::raw_string_ostream complaint(why);
  if (llvm::verifyModule(module, &complaint))
    return ourBug(module.getName() + " does not verify: " + why);
  llvm::SmallString<0> code;
  llvm::raw_svector_ostream out(code);
  llvm::legacy::PassManager passes;
  if (!addPasses(machine, passes, out, type))
    return ourBug("LLVM cannot write machine code");
  passes.run(module);
  return code.str().str();
}

/// Halide says of code with AVX512_BF16 that it is for Zen 4, and LLVM would use all that one has,
/// SSE4A too, which the runtime does not ask of a CPU.
static void keepToFeatures(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (function.getFnAttribute("target-cpu").getValueAsString() == "znver4")
      function.addFnAttr("target-cpu", "skylake-avx512");
}

llvm::Expected<std::string> machineCode(const std::string &bitcode, const std::string &name,
                                        llvm::CodeGenFileType type) {
  llvm::LLVMContext context;
  auto machine = x86Machine();
  if (!machine)
    return machine.takeError();
  auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, name), context);
  if (!module)
    return ourBug(name + ": Halide's bitcode: " + llvm::toString(module.takeError()));
  (*module)->setTargetTriple((*machine)->getTargetTriple());
  (*module)->setDataLayout((*machine)->createDataLayout());
  fuseMultiplyAdds(**module);
  keepToFeatures(**module);
  return machineCode(**machine, **module, type);
}

} // namespace heed
