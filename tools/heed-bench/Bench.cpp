#include "tools/heed-bench/Bench.h"
#include "compiler/emit/Errors.h"
#include "tools/heed-bench/Source.h"
#include "tools/measure/Data.h"
#include "tools/measure/Library.h"
#include "tools/measure/Reference.h"
#include "tools/measure/Rounds.h"
#include "tools/measure/Work.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

namespace heed::bench {
namespace {

/// A case in one layout, ready to be called.
struct Job {
  std::string kernel;
  measure::Data data;
  Result result; ///< without the times
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
                .accuracy = *accuracy,
                .timing = {}};
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

llvm::Expected<std::string> measureAll(const CommandLine &line, const TargetInfo &target,
                                       std::vector<Job> jobs, const measure::LoadedLibrary &library,
                                       measure::Progress &progress) {
  measure::Peak peak(line.threads);
  std::vector<measure::Call> calls;
  for (const Job &job : jobs)
    calls.push_back([&] { return library.call(job.kernel, job.data.arguments()); });
  auto timings = measure::measureRounds(calls, line.rounds, peak, progress);
  if (!timings)
    return timings.takeError();
  std::vector<Result> results;
  for (auto [job, timing] : llvm::zip(jobs, *timings)) {
    results.push_back(std::move(job.result));
    results.back().timing = timing;
  }
  Setting setting{cpuName(), target.name, line.threads, line.rounds, peak.best(), peak.widest()};
  return report(line.format, setting, results);
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

llvm::Expected<std::string> run(const CommandLine &line) {
  auto target = chooseTarget(line.target);
  if (!target)
    return target.takeError();
  llvm::Expected<PlanFile> plans = line.plan.empty() ? PlanFile() : PlanFile::read(line.plan);
  if (!plans)
    return plans.takeError();

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
  return measureAll(line, *target, std::move(*jobs), *library, progress);
}

} // namespace heed::bench
