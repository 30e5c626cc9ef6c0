#include "tools/heed-bench/Bench.h"
#include "compiler/emit/Errors.h"
#include "tools/heed-bench/Check.h"
#include "tools/heed-bench/Measure.h"
#include "tools/heed-bench/Pairs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

#include <numeric>

namespace heed::bench {
namespace {

/// A case in one layout, ready to be called.
struct Job {
  const Kernel *kernel = nullptr;
  std::vector<Tensor> tensors;
  std::vector<DLTensor> views;
  std::vector<const DLTensor *> arguments;
  Result result = {}; ///< without the times
};

/// Makes the data, runs the kernel once and compares what comes out.
llvm::Error prepare(Job &job, const KernelLibrary &library, const Case &c, Layout layout) {
  auto tensors = makeTensors(c, job.kernel->signature, layout);
  if (!tensors)
    return tensors.takeError();
  job.tensors = std::move(*tensors);
  for (Tensor &tensor : job.tensors)
    job.views.push_back(tensor.view());
  for (DLTensor &view : job.views)
    job.arguments.push_back(&view);
  if (llvm::Error error = library.call(*job.kernel, job.arguments))
    return error;

  std::vector<Array> inputs;
  for (const Tensor &tensor : llvm::ArrayRef(job.tensors).drop_back())
    inputs.push_back(tensor.toArray());
  auto accuracy = checkOutput(*job.kernel, inputs, job.tensors.back().toArray());
  if (!accuracy)
    return accuracy.takeError();
  mlir::FailureOr<int64_t> pairs = countPairs(job.kernel->compilation(), inputs);
  if (failed(pairs))
    return llvm::make_error<Reported>();
  auto addBytes = [](double sum, const Tensor &tensor) { return sum + tensor.bytes(); };
  job.result = {.problem = c,
                .layout = layoutName(layout).str(),
                .kernel = job.kernel->signature.name,
                .operations = 4.0 * *pairs * c.dim,
                .bytes = std::accumulate(job.tensors.begin(), job.tensors.end(), 0.0, addBytes),
                .minSeconds = 0,
                .medianSeconds = 0,
                .maxError = accuracy->maxError,
                .errorOfBound = accuracy->ofBound};
  return llvm::Error::success();
}

llvm::Expected<std::vector<Job>> prepareAll(const CommandLine &line, const KernelLibrary &library,
                                            llvm::ArrayRef<Case> cases, Progress &progress) {
  std::vector<Job> jobs;
  for (const Case &c : cases)
    for (Layout layout : line.layouts) {
      std::string name = c.name + " " + layoutName(layout).str();
      progress.step("checking " + name);
      Job &job = jobs.emplace_back();
      job.kernel = &library.kernelOf(c);
      if (llvm::Error error = prepare(job, library, c, layout))
        return error.isA<OurBug>() || error.isA<Reported>()
                   ? std::move(error)
                   : userError(name + ": " + llvm::toString(std::move(error)));
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

llvm::Expected<std::vector<Case>> chooseCases(const CommandLine &line) {
  if (line.shape.empty())
    return selectCases(line.cases);
  llvm::Expected<Case> c = parseShape(line.shape, line.preset);
  if (!c)
    return c.takeError();
  return std::vector<Case>{*c};
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
    std::string preset = c.components.empty() ? "" : "  --preset " + llvm::join(c.components, ",");
    text += fmt::format("{:<11} --shape {}{}\n", c.name, shapeText(c), preset);
  }
  return text;
}

llvm::Expected<std::string> run(const CommandLine &line) {
  auto cases = chooseCases(line);
  if (!cases)
    return cases.takeError();
  auto target = chooseTarget(line.target);
  if (!target)
    return target.takeError();
  llvm::Expected<PlanFile> plans = line.plan.empty() ? PlanFile() : PlanFile::read(line.plan);
  if (!plans)
    return plans.takeError();

  Progress progress;
  mlir::DialectRegistry registry;
  registry.insert<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto library = KernelLibrary::build(context, *cases, *target, *plans, progress);
  if (!library)
    return library.takeError();
  library->setThreads(line.threads);
  auto jobs = prepareAll(line, *library, *cases, progress);
  if (!jobs)
    return jobs.takeError();

  Peak peak(line.threads);
  std::vector<Call> calls;
  for (const Job &job : *jobs)
    calls.push_back([&] { return library->call(*job.kernel, job.arguments); });
  auto timings = measure(calls, line.rounds, peak, progress);
  if (!timings)
    return timings.takeError();
  std::vector<Result> results;
  for (auto [job, timing] : llvm::zip(*jobs, *timings)) {
    results.push_back(job.result);
    results.back().minSeconds = timing.least;
    results.back().medianSeconds = timing.median;
  }
  Setting setting{cpuName(), target->name, line.threads, line.rounds, peak.best(), peak.widest()};
  return report(line.format, setting, results);
}

} // namespace heed::bench
