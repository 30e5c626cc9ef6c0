#include "compiler/emit/Compile.h"
#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/emit/DeviceFigures.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/KeyOf.h"
#include "compiler/emit/Names.h"
#include "compiler/emit/Ranges.h"
#include "compiler/emit/Stages.h"
#include "schedules/table/Choose.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

namespace heed {

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

namespace {

/// CUDA's assembler, which only looks at kernels.
struct Assembler {
  std::string program, version; ///< empty where there is none
  /// What figures depend on.
  std::string known() const { return program.empty() ? "" : "ptxas " + version; }
};

llvm::Expected<Assembler> assemblerFor(llvm::ArrayRef<PlannedKernel> kernels) {
  Assembler assembler;
  if (llvm::none_of(kernels, [](const PlannedKernel &k) { return k.target.device == kDLCUDA; }))
    return assembler;
  assembler.program = ptxasProgram();
  llvm::Expected<std::string> version = ptxasVersion(assembler.program);
  if (!version)
    return version.takeError();
  assembler.version = *version;
  return assembler;
}

llvm::Expected<CompiledStage> compileStage(const PlannedKernel &planned, const Stage &stage,
                                           const std::string &symbol, const Cache &cache,
                                           const PhaseDump *phases, const Assembler &assembler) {
  std::string key = Cache::key({canonicalText(planned.kernel), toJson(planned.choice.plan).dump(),
                                symbol, stage.target.to_string(), compilerIdentity()});
  std::string figuresKey = Cache::key({key, "figures", assembler.known()});
  bool onDevice = planned.target.isDevice();
  if (!phases) {
    std::optional<std::string> object = cache.find(key), figures = "";
    if (object && onDevice)
      figures = cache.find(figuresKey);
    if (object && figures)
      return CompiledStage{symbol, stage.arguments, std::move(*object), std::move(*figures)};
  }
  llvm::Expected<Halide::Module> module = lowerStage(stage, symbol);
  if (!module)
    return module.takeError();
  if (phases)
    if (llvm::Error error = phases->writeStage(stage, symbol, *module))
      return std::move(error);
  llvm::Expected<std::string> object = objectCode(*module);
  if (!object)
    return object.takeError();
  cache.store(key, *object);
  CompiledStage compiled{symbol, stage.arguments, std::move(*object)};
  if (!onDevice)
    return compiled;
  llvm::Expected<nlohmann::ordered_json> figures = deviceFigures(*module, assembler.program);
  if (!figures)
    return figures.takeError();
  compiled.figures = figures->dump();
  cache.store(figuresKey, compiled.figures);
  return compiled;
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

/// A plan that might serve, and whether the user asked for it.
struct Offer {
  PlanChoice choice;
  bool isRequired;
};

/// What all sources have for `kernel` and `target`, in the order they are asked; the last serves
/// every shape.
mlir::FailureOr<std::vector<Offer>> gatherOffers(attn::KernelOp kernel, const TargetInfo &target,
                                                 const Signature &signature, PlanSources &sources) {
  mlir::FailureOr<std::vector<PlanChoice>> defaults = defaultPlans(kernel, target);
  mlir::FailureOr<KernelKey> key = keyOf(kernel);
  if (failed(defaults) || failed(key))
    return mlir::failure();
  std::vector<Offer> offers;
  for (PlanChoice &choice : sources.file.choose(kernel.getSymName(), defaults->back().plan)) {
    for (const ExtentRange &range : choice.when)
      if (!findExtent(signature, range.extent))
        return kernel.emitError("has no extent '")
               << range.extent << "' that the plan in " << choice.from
               << " could depend on; it has: " << extentNames(signature);
    offers.push_back({std::move(choice), true});
  }
  for (PlanChoice &choice : chooseFromTables(sources.tables, *key, target.planName(), *defaults))
    offers.push_back({std::move(choice), false});
  for (PlanChoice &choice : *defaults)
    offers.push_back({std::move(choice), true});
  return offers;
}

/// `buildEntries`, silently where the plan is not required.
mlir::FailureOr<std::vector<Entry>> build(attn::KernelOp kernel, const Offer &offer,
                                          const TargetInfo &target) {
  mlir::ScopedDiagnosticHandler silence(
      kernel.getContext(), [&](mlir::Diagnostic &) { return mlir::success(!offer.isRequired); });
  return buildEntries(kernel, offer.choice.plan, target);
}

/// Plans that are the same share a number; the one that serves every shape has 0.
void number(llvm::MutableArrayRef<PlannedKernel> variants) {
  std::vector<const Plan *> plans = {&variants.back().choice.plan};
  for (PlannedKernel &variant : variants) {
    const Plan &plan = variant.choice.plan;
    auto same = llvm::find_if(plans, [&](const Plan *known) { return *known == plan; });
    variant.number = int(same - plans.begin());
    if (same == plans.end())
      plans.push_back(&plan);
  }
}

/// Adds the kernel's variants for one target, or an extension.
mlir::LogicalResult planKernel(attn::KernelOp kernel, const TargetInfo &target,
                               PlanSources &sources, std::vector<PlannedKernel> &all) {
  mlir::FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return mlir::failure();
  mlir::FailureOr<std::vector<Offer>> offers = gatherOffers(kernel, target, *signature, sources);
  if (failed(offers))
    return mlir::failure();
  std::vector<PlannedKernel> variants;
  for (Offer &offer : *offers) {
    std::optional<std::vector<ExtentRange>> when = undecided(*signature, offer.choice.when);
    if (!when)
      continue;
    mlir::FailureOr<std::vector<Entry>> entries = build(kernel, offer, target);
    if (failed(entries) && offer.isRequired)
      return mlir::failure();
    if (failed(entries))
      continue;
    offer.choice.when = std::move(*when);
    variants.push_back({kernel, target, std::move(offer.choice), 0, std::move(*entries)});
    if (variants.back().choice.when.empty())
      break;
  }
  number(variants);
  llvm::move(variants, std::back_inserter(all));
  return mlir::success();
}

/// Whether an entry's calls can be told apart by the variant's ranges: those of a linear layer's
/// packing have no rows.
bool serves(const PlannedKernel &planned, const Entry &entry) {
  return llvm::all_of(planned.choice.when, [&](const ExtentRange &range) {
    return findExtent(entry.signature, range.extent).has_value();
  });
}

/// The stage that an earlier variant has under this symbol.
const CompiledStage *findStage(const LibraryEntry &entry, const std::string &symbol) {
  for (const CompiledVariant &variant : entry.variants)
    for (const CompiledStage &stage : variant.stages)
      if (stage.symbol == symbol)
        return &stage;
  return nullptr;
}

LibraryEntry &entryOf(Library &library, const Signature &signature) {
  for (LibraryEntry &entry : library.entries)
    if (entry.signature.name == signature.name)
      return entry;
  return library.entries.emplace_back(LibraryEntry{signature, {}});
}

} // namespace

llvm::Expected<std::vector<PlannedKernel>>
planKernels(mlir::ModuleOp module, llvm::ArrayRef<TargetInfo> targets, PlanSources &sources) {
  std::vector<PlannedKernel> kernels;
  std::vector<std::string> names;
  for (auto kernel : module.getOps<attn::KernelOp>()) {
    if (failed(checkSizes(kernel)))
      return llvm::make_error<Reported>();
    for (const TargetInfo &target : targets) {
      mlir::FailureOr<std::vector<TargetInfo>> codes = codeTargets(kernel, target);
      if (failed(codes))
        return llvm::make_error<Reported>();
      for (const TargetInfo &code : *codes)
        if (failed(planKernel(kernel, code, sources, kernels)))
          return llvm::make_error<Reported>();
    }
    for (const Entry &entry : kernels.back().entries)
      names.push_back(entry.signature.name);
  }
  if (kernels.empty())
    return userError("there is no attn.kernel in the input");
  if (llvm::Error error = checkEntryNames(names))
    return error;
  if (llvm::Error error = sources.file.checkAllUsed())
    return error;
  return kernels;
}

std::string stageSymbol(const PlannedKernel &planned, const Entry &entry, const Stage &stage) {
  std::string target = planned.target.name;
  std::replace(target.begin(), target.end(), '-', '_');
  std::string number = planned.number ? "_" + std::to_string(planned.number) : "";
  return entry.signature.name + "__" + target + number + stage.suffix;
}

llvm::Expected<Library> compileLibrary(llvm::ArrayRef<PlannedKernel> kernels, const Cache &cache,
                                       const PhaseDump *phases,
                                       llvm::function_ref<void(const PlannedKernel &)> announce) {
  llvm::Expected<Assembler> assembler = assemblerFor(kernels);
  if (!assembler)
    return assembler.takeError();
  Library library;
  for (const PlannedKernel &planned : kernels) {
    if (announce)
      announce(planned);
    for (const Entry &entry : planned.entries) {
      if (!serves(planned, entry))
        continue;
      LibraryEntry &known = entryOf(library, entry.signature);
      CompiledVariant variant{planned.target, planned.choice, {}};
      for (const Stage &stage : entry.stages) {
        std::string symbol = stageSymbol(planned, entry, stage);
        if (const CompiledStage *compiled = findStage(known, symbol)) {
          variant.stages.push_back(*compiled);
          continue;
        }
        llvm::Expected<CompiledStage> compiled =
            compileStage(planned, stage, symbol, cache, phases, *assembler);
        if (!compiled)
          return compiled.takeError();
        variant.stages.push_back(std::move(*compiled));
      }
      known.variants.push_back(std::move(variant));
    }
  }
  return library;
}

} // namespace heed
