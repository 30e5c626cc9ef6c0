// heedc: compiles attention kernels. Here are the phases in their order; docs/heedc.md is for its
// users.
#include "compiler/emit/Compile.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Explain.h"
#include "compiler/emit/Stages.h"
#include "compiler/laws/Laws.h"
#include "compiler/transforms/Pipeline.h"
#include "tools/heed-tune/Summary.h"
#include "tools/heedc/CommandLine.h"
#include "tools/heedc/Input.h"
#include "tools/heedc/Output.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

#include <chrono>

namespace heed {
namespace {

/// --verbose: how long each phase took, on standard error.
class Stopwatch {
public:
  explicit Stopwatch(bool enabled) : enabled(enabled) {}
  void lap(llvm::StringRef phase) {
    auto now = std::chrono::steady_clock::now();
    if (enabled)
      llvm::errs() << llvm::format("heedc: %7.1f ms  ",
                                   std::chrono::duration<double, std::milli>(now - last).count())
                   << phase << "\n";
    last = now;
  }

private:
  bool enabled;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

/// Best first, as the runtime tries them, whatever order they were asked for in.
llvm::Expected<std::vector<TargetInfo>> chooseTargets(llvm::ArrayRef<std::string> names) {
  std::vector<TargetInfo> chosen;
  llvm::StringSet<> wanted;
  for (const std::string &name : names) {
    if (name == "all") {
      for (const TargetInfo &target : allTargets())
        wanted.insert(target.name);
      continue;
    }
    llvm::Expected<TargetInfo> target = findTarget(name);
    if (!target)
      return userError("--target: " + llvm::toString(target.takeError()));
    wanted.insert(target->name);
  }
  for (llvm::ArrayRef<TargetInfo> targets : {deviceTargets(), allTargets()})
    for (const TargetInfo &target : targets)
      if (wanted.contains(target.name))
        chosen.push_back(target);
  return chosen;
}

std::string moduleText(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream(text) << module << "\n";
  return text;
}

/// As --plan reads it: kernels' names to lists of plans.
std::string planText(llvm::ArrayRef<PlannedKernel> kernels) {
  nlohmann::ordered_json json;
  for (const PlannedKernel &planned : kernels)
    if (planned.target.extends.empty()) // it runs the plans of the target that it extends
      json[attn::KernelOp(planned.kernel).getSymName().str()].push_back(
          nlohmann::ordered_json(choiceToJson(planned.choice)));
  return json.dump(2) + "\n";
}

llvm::Expected<std::string> stageText(EmitKind kind, const Stage &stage,
                                      const std::string &symbol) {
  if (kind == EmitKind::Graph)
    return graphText(stage);
  llvm::Expected<Halide::Module> module = lowerStage(stage, symbol);
  if (!module)
    return module.takeError();
  return kind == EmitKind::Stmt     ? stmtText(*module)
         : kind == EmitKind::Device ? deviceText(*module)
                                    : assemblyText(*module);
}

llvm::Expected<std::string> stageTexts(EmitKind kind, llvm::ArrayRef<PlannedKernel> kernels) {
  std::string text;
  llvm::StringSet<> seen; // variants of one plan share a stage
  for (const PlannedKernel &planned : kernels)
    for (const Entry &entry : planned.entries)
      for (const Stage &stage : entry.stages) {
        std::string symbol = stageSymbol(planned, entry, stage);
        if (!seen.insert(symbol).second)
          continue;
        llvm::Expected<std::string> one = stageText(kind, stage, symbol);
        if (!one)
          return one.takeError();
        text += (kind == EmitKind::Assembly ? "# " : "// ") + symbol + "\n" + *one + "\n";
      }
  return text;
}

llvm::Error runPasses(mlir::ModuleOp module, const PhaseDump *phases) {
  mlir::PassManager passes(module->getName());
  buildPipeline(passes);
  if (phases) {
    if (llvm::Error error = phases->write("00-input.mlir", moduleText(module)))
      return error;
    phases->watch(passes);
  }
  if (failed(passes.run(module)))
    return llvm::make_error<Reported>();
  return llvm::Error::success();
}

/// Where there is no -o: the file's name, or that of the presets' kernel.
std::string libraryName(const CommandLine &line, attn::KernelOp first) {
  bool file = !line.input.empty() && line.input != "-";
  return file ? llvm::sys::path::stem(line.input).str() : first.getSymName().str();
}

/// Empty for none.
std::string cacheFolder(const CommandLine &line) {
  return line.noCache ? "" : line.cacheFolder.empty() ? Cache::defaultFolder() : line.cacheFolder;
}

/// Everything after the IR has its final form.
llvm::Error compile(const CommandLine &line, mlir::ModuleOp module,
                    llvm::ArrayRef<TargetInfo> targets, PlanSources &sources,
                    const PhaseDump *phases, Stopwatch &watch) {
  auto kernels = planKernels(module, targets, sources);
  if (!kernels)
    return kernels.takeError();
  watch.lap("plans and graphs");
  if (phases)
    if (llvm::Error error = phases->write("20-plan.json", planText(*kernels)))
      return error;
  if (line.explain)
    if (llvm::Error error = print(explain(*kernels)))
      return error;
  if (line.emit == EmitKind::Plan)
    return writeText(line, planText(*kernels));
  if (line.emit != EmitKind::Library && line.emit != EmitKind::Shared) {
    llvm::Expected<std::string> text = stageTexts(line.emit, *kernels);
    return text ? writeText(line, *text) : text.takeError();
  }
  Cache cache(cacheFolder(line));
  llvm::Expected<Library> library = compileLibrary(*kernels, cache, phases);
  if (!library)
    return library.takeError();
  watch.lap("kernels' objects");
  library->source = sourceName(line);
  llvm::Error error =
      writeLibrary(line, std::move(*library), libraryName(line, kernels->front().kernel));
  watch.lap("library");
  return error;
}

llvm::Error checkLaws(const CommandLine &line, mlir::ModuleOp module) {
  std::string table;
  bool hold = succeeded(checkAllLaws(module, table));
  if (llvm::Error error = writeText(line, table))
    return error;
  return hold ? llvm::Error::success() : llvm::make_error<Reported>();
}

llvm::Expected<tune::Request> tuningRequest(const CommandLine &line,
                                            llvm::ArrayRef<TargetInfo> targets) {
  TargetInfo host = llvm::cantFail(findTarget("host"));
  auto *target = llvm::find_if(targets, runsHere);
  if (target == targets.end())
    return userError("--tune: this CPU can run none of --target; the best it runs is " + host.name);
  tune::Request request{.conditions = {.target = *target, .threads = line.threads},
                        .budget = line.tuneSeconds,
                        .table = line.table};
  std::string folder = cacheFolder(line);
  if (!folder.empty())
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      return userError("--tune: cannot make " + folder + ": " + error.message());
  request.log = folder.empty() ? "heed-tune.log" : folder + "/tune.log";
  for (const std::string &shape : line.shapes) {
    auto extents = measure::parseExtents(shape);
    if (!extents)
      return extents.takeError();
    request.shapes.push_back(std::move(*extents));
  }
  return request;
}

/// --tune: what was found, as a table. The log lies in the cache, so that the next build goes on
/// where this one ended.
llvm::Expected<Table> tuneFirst(const CommandLine &line, mlir::ModuleOp module,
                                llvm::ArrayRef<TargetInfo> targets) {
  Table table{.file = "--tune", .target = {}, .entries = {}};
  if (line.tuneSeconds == 0)
    return table;
  llvm::Expected<tune::Request> request = tuningRequest(line, targets);
  if (!request)
    return request.takeError();
  tune::Display display(/*isOn=*/true);
  auto outcomes = tune::tuneModule(module, *request, display);
  if (!outcomes)
    return outcomes.takeError();
  llvm::errs() << tune::summaryOf(*outcomes);
  table.target = request->conditions.target.name;
  for (const tune::Tuned &tuned : outcomes->tuned)
    insert(table, tuned.entry);
  return table;
}

llvm::Error run(const CommandLine &line) {
  if (line.listPresets)
    return print(presetList());
  Stopwatch watch(line.verbose);
  auto targets = chooseTargets(line.targets);
  if (!targets)
    return targets.takeError();
  mlir::DialectRegistry registry;
  registry.insert<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  auto module = loadModule(line, context, sources);
  if (!module)
    return module.takeError();
  watch.lap("input");
  if (line.checkLaws)
    return checkLaws(line, **module);
  auto tuned = tuneFirst(line, **module, *targets);
  if (!tuned)
    return tuned.takeError();
  llvm::Expected<PlanSources> plans = loadPlanSources(line.plan, line.table);
  if (!plans)
    return plans.takeError();
  if (!tuned->entries.empty())
    plans->tables.insert(plans->tables.begin(), std::move(*tuned));
  std::optional<PhaseDump> phases;
  if (!line.dumpFolder.empty())
    phases.emplace(line.dumpFolder);
  const PhaseDump *dump = phases ? &*phases : nullptr;
  if (llvm::Error error = runPasses(**module, dump))
    return error;
  watch.lap("passes");
  if (line.emit == EmitKind::Attn)
    return writeText(line, moduleText(**module));
  return compile(line, **module, *targets, *plans, dump, watch);
}

int exitStatus(llvm::Error error) {
  int status = error ? 1 : 0;
  llvm::handleAllErrors(
      std::move(error), [](const Reported &) {},
      [&](const OurBug &bug) {
        llvm::errs() << "heedc: internal error: " << bug.message()
                     << "\nThis is a bug in Heed: please report it.\n";
        status = 2;
      },
      [](const llvm::ErrorInfoBase &mistake) {
        llvm::errs() << "heedc: error: " << mistake.message() << "\n";
      });
  return status;
}

} // namespace
} // namespace heed

int main(int argc, char **argv) try {
  heed::CommandLine line;
  if (std::optional<int> status = heed::parseCommandLine(argc, argv, line))
    return *status;
  return heed::exitStatus(heed::run(line));
} catch (const std::exception &error) { // out of memory, above all
  return heed::exitStatus(heed::ourBug(error.what()));
}
