#include "tools/heed-tune/Autoscheduled.h"
#include "compiler/emit/EntryObject.h"
#include "compiler/emit/SelfContained.h"
#include "compiler/emit/Stages.h"
#include "compiler/graph/AttentionProgram.h"
#include "compiler/graph/Online.h"
#include "schedules/families/StageOf.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>

namespace heed::tune {
namespace {

/// Halide's plugins lie beside libHalide.so.
std::string pluginFile(const std::string &autoscheduler) {
  Dl_info halide{};
  dladdr(reinterpret_cast<void *>(&Halide::load_plugin), &halide);
  llvm::SmallString<128> file(llvm::sys::path::parent_path(halide.dli_fname));
  llvm::sys::path::append(file,
                          "libautoschedule_" + llvm::StringRef(autoscheduler).lower() + ".so");
  return file.str().str();
}

/// The graph as the online form has it, without a schedule and walked by whole tiles, and with
/// tiles counted from the first query: from the last it would need a pass that stores rows so.
llvm::Expected<Stage> bareStage(const Case &c, const OnlinePlan &plan) {
  mlir::FailureOr<AttentionView> view = viewAttention(c.kernel->compiled);
  if (failed(view))
    return llvm::createStringError("this is no attention");
  const Signature &signature = c.kernel->signature;
  Operands operands(signature);
  mlir::FailureOr<PairProgram> program = readAttention(*view, operands);
  if (failed(program))
    return llvm::createStringError("the kernel cannot be read");
  OnlinePlan whole = plan;
  whole.edgeVectors = whole.queryVectors = 1;
  OnlineStages stages =
      buildOnline(*program, whole, /*lanes=*/plan.queryTile, /*wantLogSumExp=*/false);
  llvm::ArrayRef<measure::Tensor> tensors = c.calls.front().data.tensors();
  for (auto [i, parameter] : llvm::enumerate(operands.buffers()))
    for (size_t d = 0, rank = tensors[i].shape().size(); d < rank; ++d)
      Halide::ImageParam(parameter).dim(int(d)).set_estimate(0,
                                                             int(tensors[i].shape()[rank - 1 - d]));
  Halide::Func output = stages.output;
  llvm::ArrayRef<int64_t> shape = tensors.back().shape();
  for (size_t d = 0; d < shape.size(); ++d)
    output.set_estimate(output.args()[d], 0, int(shape[shape.size() - 1 - d]));
  Stage stage = stageOf(Halide::Pipeline(output), operands, c.conditions.target);
  stage.arguments.push_back(unsigned(operands.buffers().size()));
  return stage;
}

} // namespace

llvm::Expected<std::string> compileAutoscheduled(const Case &c, const OnlinePlan &plan,
                                                 const Autoscheduler &autoscheduler) {
  llvm::Expected<Stage> stage = bareStage(c, plan);
  if (!stage)
    return stage.takeError();
  try {
    Halide::load_plugin(pluginFile(autoscheduler.name));
    Halide::AutoschedulerParams parameters(autoscheduler.name);
    parameters.extra["parallelism"] = std::to_string(c.conditions.threads);
    if (autoscheduler.beamSize > 0)
      parameters.extra["beam_size"] = std::to_string(autoscheduler.beamSize);
    stage->pipeline.apply_autoscheduler(stage->target, parameters);
  } catch (const Halide::Error &error) {
    return llvm::createStringError(error.what());
  }
  std::string symbol = c.kernel->signature.name + "__autoscheduled";
  llvm::Expected<Halide::Module> module = lowerStage(*stage, symbol);
  if (!module)
    return module.takeError();
  llvm::Expected<std::string> object = objectCode(*module);
  if (!object)
    return object.takeError();
  CompiledVariant variant{c.conditions.target, {}, {{symbol, stage->arguments, *object}}};
  Library library{"autoscheduled", "", {{c.kernel->signature, {variant}}}};
  auto objects = libraryObjects(library);
  llvm::Expected<std::string> runtime = findRuntime();
  if (!objects || !runtime)
    return llvm::joinErrors(objects.takeError(), runtime.takeError());
  return emitSharedLibrary(library, *objects, *runtime);
}

} // namespace heed::tune
