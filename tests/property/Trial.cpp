#include "tests/property/Trial.h"

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Pipeline.h"
#include "tests/property/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstring>
#include <deque>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace heed::property {
namespace {

mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text, mlir::MLIRContext &context) {
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

attn::KernelOp kernelOf(mlir::ModuleOp module) { return *module.getOps<attn::KernelOp>().begin(); }

// What tries one description.
struct Kernels {
  Kernel kernel;
  std::optional<Kernel> merge; ///< where there are parts
  /// Stand for what is right; `finish` where the kernel is partial, but merges nothing.
  mlir::OwningOpRef<mlir::ModuleOp> reference, finish;
};

mlir::FailureOr<Kernel> compile(const std::string &text, const Plan &plan, bool extended,
                                mlir::MLIRContext &context) {
  auto module = parse(text, context);
  if (!module)
    return mlir::failure();
  mlir::PassManager passes(&context);
  buildPipeline(passes);
  if (failed(passes.run(*module)))
    return mlir::failure();
  return Kernel::compile(kernelOf(*module), plan, extended);
}

mlir::FailureOr<Kernels> kernelsOf(const Case &c, mlir::MLIRContext &context) {
  const Description &d = c.description;
  mlir::FailureOr<Kernel> kernel = compile(d.text(), c.plan, c.extended, context);
  if (failed(kernel))
    return mlir::failure();
  Kernels kernels{std::move(*kernel), {}, parse(d.referenceText(), context), {}};
  if (d.part) {
    mlir::FailureOr<Kernel> merge = compile(d.finishText(), c.merge, c.extended, context);
    if (failed(merge))
      return mlir::failure();
    kernels.merge = std::move(*merge);
  } else if (d.isPartial) {
    kernels.finish = parse(d.finishText(), context);
  }
  if (!kernels.reference || (d.isPartial && !d.part && !kernels.finish))
    return mlir::failure();
  return kernels;
}

std::vector<Array> arraysOf(const std::vector<std::unique_ptr<Tensor>> &tensors) {
  std::vector<Array> arrays;
  for (const auto &tensor : tensors)
    arrays.push_back(tensor->toArray());
  return arrays;
}

mlir::FailureOr<Reference> referenceFor(const Description &d, attn::KernelOp kernel,
                                        const std::vector<Array> &inputs) {
  AttentionView view = *viewAttention(kernel);
  mlir::FailureOr<heed::Tensors> tensors = withOperands(view, heed::Tensors(kernel, inputs));
  mlir::FailureOr<std::vector<Array>> results = interpret(kernel, inputs);
  if (failed(tensors) || failed(results))
    return mlir::failure();
  Reference reference{(*tensors)[view.query],
                      (*tensors)[view.key],
                      (*tensors)[view.value],
                      results->front(),
                      (*results)[1],
                      {},
                      Array()};
  auto stages = results->begin() + 2;
  reference.stages.assign(stages, stages + d.stages());
  if (d.normalizer.hasLogSumExp)
    reference.logSumExp = results->back();
  return reference;
}

// A partial state's output in its place.
mlir::LogicalResult finishPartial(const Description &d, attn::KernelOp finish,
                                  const std::vector<Array> &inputs, std::vector<Array> &got) {
  std::vector<Array> arguments = {got.front()};
  size_t captures = d.arguments().size() - d.normalizer.component.captures.size();
  for (size_t i = captures; i < d.arguments().size(); i++)
    arguments.push_back(inputs[i]);
  mlir::FailureOr<std::vector<Array>> finished = interpret(finish, arguments);
  if (failed(finished))
    return mlir::failure();
  got = std::move(*finished);
  return mlir::success();
}

std::string run(Kernel &kernel, const property::Tensors &tensors) {
  if (std::string message = kernel.call(tensors); !message.empty())
    return "the runtime refuses the call: " + message;
  for (const auto &output : tensors.outputs)
    if (!output->gapsAreIntact())
      return "something was written between the elements of a result";
  return "";
}

// For the keys before a place, and for those from it on; then what the two give is merged.
std::string runInParts(const Description &d, const Call &call, Kernels &kernels,
                       property::Tensors &tensors) {
  property::Tensors rest = makeTensors(d, call);
  setPart(d, tensors, 0, call.cut()), setPart(d, rest, call.cut(), call.keys);
  for (auto *part : {&tensors, &rest})
    if (std::string problem = run(kernels.kernel, *part); !problem.empty())
      return problem;
  tensors = makeMergeTensors(d, call, std::move(tensors), std::move(rest));
  return run(*kernels.merge, tensors);
}

// What happened to a call, or "".
std::string makeCall(const Case &c, const Call &call, Kernels &kernels, Worst &worst) {
  const Description &d = c.description;
  property::Tensors tensors = makeTensors(d, call);
  std::vector<Array> inputs = arraysOf(tensors.inputs);
  mlir::FailureOr<Reference> reference = referenceFor(d, kernelOf(*kernels.reference), inputs);
  if (failed(reference))
    return "the reference refuses the inputs";
  std::vector<int64_t> keyLengths(size_t(call.batch), call.keys);
  for (size_t i = 0; tensors.keyLengths && i < keyLengths.size(); i++)
    keyLengths[i] = int64_t(tensors.keyLengths->get({int64_t(i)}));
  std::string problem =
      d.part ? runInParts(d, call, kernels, tensors) : run(kernels.kernel, tensors);
  if (!problem.empty())
    return problem;
  std::vector<Array> got = arraysOf(tensors.outputs);
  if (kernels.finish && failed(finishPartial(d, kernelOf(*kernels.finish), inputs, got)))
    return "the reference refuses the state";
  return judge(d, call, keyLengths, got, *reference, worst);
}

struct Child {
  pid_t pid;
  int pipe;
  volatile int *progress;
};

// Of CPU time: other work on the machine fails no case. What only waits is ended by the clock.
constexpr rlim_t secondsPerCase = 300;
constexpr unsigned secondsOfWaiting = 3000;

Child launch(const Case &c) {
  int ends[2];
  void *shared =
      mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED || pipe(ends) != 0)
    throw std::bad_alloc();
  auto *progress = new (shared) int(0);
  fflush(nullptr);
  pid_t pid = fork();
  if (pid != 0) {
    close(ends[1]);
    return {pid, ends[0], progress};
  }
  rlimit limit{secondsPerCase, secondsPerCase};
  setrlimit(RLIMIT_CPU, &limit);
  alarm(secondsOfWaiting);
  Outcome outcome = tryHere(c, *progress);
  std::string text = nlohmann::json{{"failure", outcome.failure}, {"worst", outcome.worst}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
  bool written = write(ends[1], text.data(), text.size()) == ssize_t(text.size());
  _exit(written ? 0 : 1);
}

bool isTime(int signal) { return signal == SIGALRM || signal == SIGXCPU || signal == SIGKILL; }

Outcome await(const Child &child) {
  std::string text;
  char bytes[4096];
  for (ssize_t n; (n = read(child.pipe, bytes, sizeof bytes)) > 0;)
    text.append(bytes, size_t(n));
  close(child.pipe);
  int status = 0;
  waitpid(child.pid, &status, 0);
  Outcome outcome;
  outcome.call = *child.progress;
  munmap(const_cast<int *>(child.progress), sizeof(int));
  if (WIFSIGNALED(status)) {
    outcome.failure = isTime(WTERMSIG(status))
                          ? fmt::format("still running after {} s", secondsPerCase)
                          : fmt::format("crashed: {}", strsignal(WTERMSIG(status)));
    return outcome;
  }
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    outcome.failure = "ended without a result";
    return outcome;
  }
  outcome.failure = json["failure"];
  outcome.worst = json["worst"];
  return outcome;
}

} // namespace

Outcome tryHere(const Case &c, volatile int &progress) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  std::string said;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) { said += diagnostic.str() + "\n"; });
  mlir::FailureOr<Kernels> kernels = kernelsOf(c, context);
  if (failed(kernels))
    return {"not compiled: " + said};
  Outcome outcome;
  for (size_t i = 0; i < c.calls.size(); i++) {
    progress = int(i);
    outcome.failure = makeCall(c, c.calls[i], *kernels, outcome.worst);
    if (!outcome.failure.empty()) {
      outcome.failure += said.empty() ? "" : ": " + said;
      return outcome;
    }
  }
  return outcome;
}

Outcome tryInChild(const Case &c) { return await(launch(c)); }

void tryAll(const std::vector<Case> &cases,
            const std::function<bool(const Case &, const Outcome &)> &visit) {
  size_t atOnce = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
  std::deque<Child> children;
  size_t next = 0, done = 0;
  bool more = true;
  while (done < cases.size() && (more || !children.empty())) {
    while (more && next < cases.size() && children.size() < atOnce)
      children.push_back(launch(cases[next++]));
    Outcome outcome = await(children.front());
    children.pop_front();
    if (more && !visit(cases[done], outcome)) {
      more = false;
      for (const Child &child : children)
        kill(child.pid, SIGKILL);
    }
    done++;
  }
}

} // namespace heed::property
