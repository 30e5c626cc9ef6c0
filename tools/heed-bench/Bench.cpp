#include "tools/heed-bench/Bench.h"
#include "compiler/emit/Errors.h"
#include "tools/heed-bench/Source.h"
#include "tools/measure/Data.h"
#include "tools/measure/Library.h"
#include "tools/measure/Peak.h"
#include "tools/measure/ReadLoop.h"
#include "tools/measure/Reference.h"
#include "tools/measure/Rounds.h"
#include "tools/measure/Work.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heed::bench {
namespace {

/// A case in one layout, ready to be called.
struct Job {
  std::string kernel;
  measure::Data data;
  Result result; ///< without the times

  /// A loop that reads what the kernel reads.
  measure::ReadLoop readLoop(int threads) const {
    std::vector<measure::ReadLoop::Piece> pieces;
    for (const measure::Tensor &tensor : data.inputTensors())
      pieces.push_back({tensor.data(), tensor.bytes()});
    return measure::ReadLoop(std::move(pieces), threads);
  }
};

/// Makes the data, runs the kernel once and compares what comes out.
llvm::Expected<Job> prepare(const Case &c, const measure::Kernel &kernel,
                            const measure::LoadedLibrary &library, measure::Layout layout) {
  auto shapes = measure::Shapes::resolve(kernel.signature, c.extents);
  if (!shapes)
    return shapes.takeError();
  Job job{kernel.signature.name,
          measure::Data::make(kernel.signature, *shapes, layout, c.deviation),
          {}};
  if (llvm::Error error = library.call(job.kernel, job.data.arguments()))
    return std::move(error);
  std::vector<Array> inputs = job.data.inputs();
  auto reference = measure::Reference::compute(kernel, inputs);
  if (!reference)
    return reference.takeError();
  auto accuracy = reference->check(job.data.outputs());
  if (!accuracy)
    return accuracy.takeError();
  mlir::FailureOr<measure::Work> work = measure::workOf(kernel, inputs);
  if (failed(work))
    return llvm::make_error<Reported>();
  job.result = {.problem = c,
                .layout = layoutName(layout).str(),
                .kernel = job.kernel,
                .work = *work,
                .bytes = job.data.bytes(),
                .readBytes = double(job.readLoop(1).bytes()),
                .accuracy = *accuracy,
                .timing = {},
                .reading = {}};
  return job;
}

llvm::Expected<std::vector<Job>> prepareAll(const CommandLine &line,
                                            const measure::Kernels &kernels,
                                            const measure::LoadedLibrary &library,
                                            llvm::ArrayRef<Case> cases,
                                            measure::Progress &progress) {
  std::vector<Job> jobs;
  for (const Case &c : cases)
    for (measure::Layout layout : line.layouts) {
      std::string name = c.name + " " + layoutName(layout).str();
      progress.step("checking " + name);
      llvm::Expected<Job> job = prepare(c, kernels.named(kernelName(c)), library, layout);
      if (llvm::Error error = job.takeError())
        return error.isA<OurBug>() || error.isA<Reported>()
                   ? std::move(error)
                   : userError(name + ": " + llvm::toString(std::move(error)));
      jobs.push_back(std::move(*job));
    }
  return jobs;
}

llvm::Expected<TargetInfo> chooseTarget(const std::string &name) {
  llvm::Expected<TargetInfo> host = findTarget("host"), target = findTarget(name);
  if (!host || !target)
    return userError("--target: " +
                     llvm::toString(llvm::joinErrors(host.takeError(), target.takeError())));
  if (llvm::Error error = checkRuns(*target, *host))
    return std::move(error);
  return target;
}

/// What is to be measured.
struct Problems {
  std::vector<Case> cases;
  measure::Kernels kernels;
};

llvm::Expected<Problems> problemsOf(const std::string &file, llvm::StringRef shape,
                                    mlir::MLIRContext &context, llvm::SourceMgr &sources) {
  auto extents = measure::parseExtents(shape);
  if (!extents)
    return extents.takeError();
  auto kernels = kernelsOf(file, context, sources);
  if (!kernels)
    return kernels.takeError();
  std::vector<Case> cases = casesOf(file, *kernels, *extents);
  return Problems{std::move(cases), std::move(*kernels)};
}

llvm::Expected<Problems> problemsOf(llvm::Expected<std::vector<Case>> cases,
                                    mlir::MLIRContext &context) {
  if (!cases)
    return cases.takeError();
  auto kernels = kernelsOf(*cases, context);
  if (!kernels)
    return kernels.takeError();
  return Problems{std::move(*cases), std::move(*kernels)};
}

llvm::Expected<Problems> chooseProblems(const CommandLine &line, mlir::MLIRContext &context,
                                        llvm::SourceMgr &sources) {
  llvm::Expected<Problems> problems =
      !line.file.empty()   ? problemsOf(line.file, line.shape, context, sources)
      : line.shape.empty() ? problemsOf(selectCases(line.cases), context)
                           : problemsOf(presetCase(line.shape, line.preset, line.dtype), context);
  if (problems)
    if (llvm::Error error = completeExtents(problems->cases, problems->kernels))
      return std::move(error);
  return problems;
}

measure::Call callOf(measure::ReadLoop &loop) {
  return [&loop] {
    loop.run();
    return llvm::Error::success();
  };
}

/// Memory that no cache holds.
measure::Tensor farMemory() { return measure::Tensor(ElementType::U8, {int64_t(256) << 20}, {0}); }

/// Kernels, loops that read their inputs, and one that reads memory, taking turns.
llvm::Expected<std::string> measureAll(const CommandLine &line, const TargetInfo &target,
                                       std::vector<Job> jobs, const measure::LoadedLibrary &library,
                                       const nlohmann::json &peers, measure::Progress &progress) {
  measure::Peak peak(line.threads);
  measure::Tensor memory = farMemory();
  std::vector<measure::ReadLoop> loops;
  for (const Job &job : jobs)
    loops.push_back(job.readLoop(line.threads));
  loops.emplace_back(std::vector<measure::ReadLoop::Piece>{{memory.data(), memory.bytes()}},
                     line.threads);
  std::vector<measure::Call> calls;
  for (const Job &job : jobs)
    calls.push_back([&] { return library.call(job.kernel, job.data.arguments()); });
  for (measure::ReadLoop &loop : loops)
    calls.push_back(callOf(loop));
  auto timings = measure::measureRounds(calls, line.rounds, peak, progress);
  if (!timings)
    return timings.takeError();
  std::vector<Result> results;
  for (auto [i, job] : llvm::enumerate(jobs)) {
    results.push_back(std::move(job.result));
    results.back().timing = (*timings)[i];
    results.back().reading = (*timings)[jobs.size() + i];
  }
  Setting setting{.cpu = cpuName(),
                  .target = target.name,
                  .threads = line.threads,
                  .rounds = line.rounds,
                  .peak = peak.best(),
                  .peakName = peak.widest(),
                  .memory = double(memory.bytes()) / timings->back().least,
                  .plan = line.plan};
  return report(line.format, setting, results, peers);
}

} // namespace

llvm::Error checkRuns(const TargetInfo &target, const TargetInfo &host) {
  if ((target.features & ~host.features) == 0)
    return llvm::Error::success();
  return userError("--target: this CPU cannot run " + target.name + "; the best it runs is " +
                   host.name);
}

std::string listCases() {
  std::string text;
  for (const Case &c : allCases()) {
    Case custom = c;
    custom.name = "custom";
    text += fmt::format("{:<13} {}\n", c.name, optionsFor(custom));
  }
  return text;
}

llvm::Expected<std::string> runMachine(const CommandLine &line) {
  measure::Peak peak(line.threads);
  measure::Progress progress("heed-bench");
  measure::Tensor memory(ElementType::U8, {line.bytes}, {0});
  measure::ReadLoop loop({{memory.data(), memory.bytes()}}, line.threads);
  auto timings = measure::measureRounds({callOf(loop)}, line.rounds, peak, progress);
  if (!timings)
    return timings.takeError();
  Setting setting{.cpu = cpuName(),
                  .target = {},
                  .threads = line.threads,
                  .rounds = line.rounds,
                  .peak = peak.best(),
                  .peakName = peak.widest(),
                  .memory = 0,
                  .plan = {}};
  return reportMachine(line.format, setting, double(memory.bytes()), timings->front());
}

llvm::Expected<std::string> run(const CommandLine &line) {
  auto target = chooseTarget(line.target);
  if (!target)
    return target.takeError();
  llvm::Expected<PlanSources> plans = loadPlanSources(line.plan, /*tableFile=*/"");
  if (!plans)
    return plans.takeError();

  llvm::Expected<nlohmann::json> peers =
      line.peers.empty() ? nlohmann::json() : readComparison(line.peers);
  if (!peers)
    return peers.takeError();

  measure::Progress progress("heed-bench");
  mlir::DialectRegistry registry;
  registry.insert<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  auto problems = chooseProblems(line, context, sources);
  if (!problems)
    return problems.takeError();
  auto shared = measure::compileShared(problems->kernels.compiled(), *target, *plans, progress);
  if (!shared)
    return shared.takeError();
  auto library = measure::LoadedLibrary::load(*shared);
  if (!library)
    return library.takeError();
  library->setThreads(line.threads);
  auto jobs = prepareAll(line, problems->kernels, *library, problems->cases, progress);
  if (!jobs)
    return jobs.takeError();
  return measureAll(line, *target, std::move(*jobs), *library, *peers, progress);
}

} // namespace heed::bench
