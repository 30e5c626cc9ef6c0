#include "compiler/emit/Compile.h"
#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Names.h"
#include "compiler/emit/Stages.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

namespace heed {
namespace {

/// The kernel without names and places of its source, and the normalizers it names: what a compiled
/// object depends on.
std::string canonicalText(attn::KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto flags = mlir::OpPrintingFlags().printGenericOpForm().useLocalScope();
  kernel->print(out, flags);
  kernel.walk([&](mlir::Operation *op) {
    if (llvm::isa<attn::NormalizeOp, attn::MergeOp, attn::FinishOp>(op))
      normalizerOf(op)->op()->print(out, flags); // the kernel verifies, so there is one
  });
  return text;
}

llvm::Expected<std::string> compileStage(const PlannedKernel &planned, const Stage &stage,
                                         const std::string &symbol, const Cache &cache,
                                         const PhaseDump *phases) {
  std::string key = Cache::key({canonicalText(planned.kernel), toJson(planned.plan).dump(), symbol,
                                stage.target.to_string(), compilerIdentity()});
  if (!phases)
    if (std::optional<std::string> object = cache.find(key))
      return std::move(*object);
  llvm::Expected<Halide::Module> module = lowerStage(stage, symbol);
  if (!module)
    return module.takeError();
  if (phases)
    if (llvm::Error error = phases->writeStage(stage, symbol, *module))
      return error;
  llvm::Expected<std::string> object = objectCode(*module);
  if (object)
    cache.store(key, *object);
  return object;
}

/// The runtime counts a tensor's elements in 32 bits: fixed extents beyond that could never be
/// called, and sizes in the generated code would overflow.
mlir::LogicalResult checkSizes(attn::KernelOp kernel) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  for (const SignatureArgument &argument : signature->arguments) {
    int64_t elements = 1;
    for (Extent extent : argument.shape)
      if (extent >= 0 && (extent > INT32_MAX || (elements *= extent) > INT32_MAX))
        return kernel.emitError("'") << argument.name << "' has more than 2^31 - 1 elements";
  }
  return mlir::success();
}

mlir::FailureOr<PlannedKernel> planKernel(attn::KernelOp kernel, const TargetInfo &target,
                                          PlanFile &plans) {
  mlir::FailureOr<Plan> plan = defaultPlan(kernel, target);
  if (failed(plan))
    return mlir::failure();
  bool given = plans.choose(kernel.getSymName(), *plan);
  mlir::FailureOr<std::vector<Entry>> entries = buildEntries(kernel, *plan);
  if (failed(entries))
    return mlir::failure();
  return PlannedKernel{kernel, target, *plan, given ? plans.name() : "default",
                       std::move(*entries)};
}

} // namespace

llvm::Expected<std::vector<PlannedKernel>>
planKernels(mlir::ModuleOp module, llvm::ArrayRef<TargetInfo> targets, PlanFile &plans) {
  std::vector<PlannedKernel> kernels;
  std::vector<std::string> names;
  for (auto kernel : module.getOps<attn::KernelOp>()) {
    if (failed(checkSizes(kernel)))
      return llvm::make_error<Reported>();
    for (const TargetInfo &target : targets) {
      mlir::FailureOr<PlannedKernel> planned = planKernel(kernel, target, plans);
      if (failed(planned))
        return llvm::make_error<Reported>();
      kernels.push_back(std::move(*planned));
    }
    for (const Entry &entry : kernels.back().entries)
      names.push_back(entry.signature.name);
  }
  if (kernels.empty())
    return userError("there is no attn.kernel in the input");
  if (llvm::Error error = checkEntryNames(names))
    return error;
  if (llvm::Error error = plans.checkAllUsed())
    return error;
  return kernels;
}

std::string stageSymbol(const PlannedKernel &planned, const Entry &entry, const Stage &stage) {
  std::string target = planned.target.name;
  std::replace(target.begin(), target.end(), '-', '_');
  return entry.signature.name + "__" + target + stage.suffix;
}

llvm::Expected<Library> compileLibrary(llvm::ArrayRef<PlannedKernel> kernels, const Cache &cache,
                                       const PhaseDump *phases) {
  Library library;
  for (const PlannedKernel &planned : kernels)
    for (const Entry &entry : planned.entries) {
      CompiledVariant variant{planned.target, planned.plan, planned.planOrigin, {}};
      for (const Stage &stage : entry.stages) {
        std::string symbol = stageSymbol(planned, entry, stage);
        llvm::Expected<std::string> object = compileStage(planned, stage, symbol, cache, phases);
        if (!object)
          return object.takeError();
        variant.stages.push_back({symbol, stage.arguments, std::move(*object)});
      }
      auto same = [&](const LibraryEntry &e) { return e.signature.name == entry.signature.name; };
      auto known = llvm::find_if(library.entries, same);
      if (known == library.entries.end())
        known = library.entries.insert(known, {entry.signature, {}});
      known->variants.push_back(std::move(variant));
    }
  return library;
}

} // namespace heed
