#include "compiler/emit/Stages.h"
#include "compiler/emit/DeviceFigures.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/NarrowStores.h"
#include "compiler/emit/NativeCode.h"
#include "compiler/emit/OrderedSums.h"
#include "compiler/emit/PairProducts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fmt/format.h>

#include <sstream>
#include <sys/mman.h>
#include <unistd.h>

namespace heed {
namespace {

/// The one place where Halide's exceptions, which are no std::exception, become errors. A
/// description and a plan that passed their checks should never be refused here. `what` is being
/// worked on.
template <typename Function>
auto withHalide(const std::string &what, Function function)
    -> llvm::Expected<decltype(function())> {
  try {
    return function();
  } catch (const Halide::Error &error) {
    return ourBug(what + ": Halide: " + llvm::StringRef(error.what()).rtrim());
  }
}

template <typename T> std::string printed(const T &value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string list(const std::vector<Halide::Expr> &expressions) {
  std::string text;
  for (const Halide::Expr &e : expressions)
    text += (text.empty() ? "" : ", ") + printed(e);
  return text;
}

std::string formula(const std::string &name, const Halide::Internal::Definition &definition) {
  std::string values = list(definition.values()), where;
  if (definition.values().size() > 1)
    values = "{" + values + "}";
  for (const auto &r : definition.schedule().rvars())
    where += fmt::format("\n    for {} in [{}, {} + {})", r.var, printed(r.min), printed(r.min),
                         printed(r.extent));
  if (!Halide::Internal::is_const_one(definition.predicate()))
    where += "\n    where " + printed(definition.predicate());
  return fmt::format("{}({}) = {}{}\n", name, list(definition.args()), values, where);
}

std::string funcText(const Halide::Internal::Function &function) {
  std::string types;
  for (const Halide::Type &type : function.output_types())
    types += (types.empty() ? "" : ", ") + printed(type);
  std::string text = fmt::format("// {}: {}\n", function.name(), types);
  if (function.has_pure_definition())
    text += formula(function.name(), function.definition());
  for (const auto &update : function.updates())
    text += formula(function.name(), update);
  return text + "\n";
}

/// A driver would refuse the launch.
llvm::Error checkLaunches(const Halide::Module &module, const std::string &symbol) {
  for (const Launch &launch : launchesOf(module))
    if (launch.sharedBytes > mostSharedBytes)
      return userError(
          fmt::format("{}: a block of threads needs {} bytes of shared memory, and has "
                      "{}: a plan with smaller tiles needs less",
                      symbol, launch.sharedBytes, mostSharedBytes));
  return llvm::Error::success();
}

} // namespace

llvm::Expected<std::string> graphText(const Stage &stage) {
  return withHalide("the graph", [&] {
    std::vector<Halide::Internal::Function> outputs;
    for (const Halide::Func &output : stage.pipeline.outputs())
      outputs.push_back(output.function());
    auto functions = Halide::Internal::called_funcs_in_order_found(outputs);
    std::string text;
    for (const auto &function : llvm::reverse(functions))
      text += funcText(function);
    return text;
  });
}

llvm::Expected<Halide::Module> lowerStage(const Stage &stage, const std::string &symbol) {
  auto module = withHalide(symbol, [&] {
    Halide::Pipeline pipeline = stage.pipeline;
    const bool isNative = !stage.target.has_gpu_feature();
    if (isNative) {
      pipeline.add_custom_lowering_pass(
          new OrderedSums(stage.target.has_feature(Halide::Target::FMA)));
      pipeline.add_custom_lowering_pass(
          new PairProducts(stage.target.has_feature(Halide::Target::AVX512_Zen4)));
      pipeline.add_custom_lowering_pass(new NarrowStores);
    }
    Halide::Module module = pipeline.compile_to_module(stage.inputs, symbol, stage.target,
                                                       Halide::LinkageType::ExternalPlusArgv);
    if (isNative)
      module.set_any_strict_float(true);
    return module;
  });
  if (module)
    if (llvm::Error error = checkLaunches(*module, symbol))
      return std::move(error);
  return module;
}

llvm::Expected<std::string> stmtText(const Halide::Module &module) {
  return withHalide(module.name(), [&] { return printed(module); });
}

// One in memory cannot meet a full disk, at which Halide's LLVM would abort.
llvm::Expected<std::string>
writtenByHalide(const std::string &what, llvm::function_ref<void(const std::string &path)> write) {
  int file = memfd_create("heed", MFD_CLOEXEC);
  if (file < 0)
    return ourBug("memfd_create failed");
  std::string path = "/proc/self/fd/" + std::to_string(file);
  auto text = withHalide(what, [&] {
    write(path);
    auto contents = llvm::MemoryBuffer::getFile(path);
    return contents ? (*contents)->getBuffer().str() : std::string();
  });
  close(file);
  return text;
}

/// By our LLVM; of kernels for devices, the host's part by Halide's.
static llvm::Expected<std::string> codeOf(const Halide::Module &module, llvm::CodeGenFileType type,
                                          Halide::OutputFileType halideType) {
  bool isNative = !module.target().has_gpu_feature();
  auto written = writtenByHalide(module.name(), [&](const std::string &path) {
    module.compile({{isNative ? Halide::OutputFileType::bitcode : halideType, path}});
  });
  return written && isNative ? machineCode(*written, module.name(), type) : std::move(written);
}

llvm::Expected<std::string> assemblyText(const Halide::Module &module) {
  return codeOf(module, llvm::CodeGenFileType::AssemblyFile, Halide::OutputFileType::assembly);
}

llvm::Expected<std::string> deviceText(const Halide::Module &module) {
  std::string launches;
  for (const Launch &launch : launchesOf(module))
    launches += fmt::format("// a block: {} threads, {} bytes of shared memory\n", launch.threads,
                            launch.sharedBytes);
  auto text = writtenByHalide(module.name(), [&](const std::string &path) {
    if (module.target().has_gpu_feature())
      module.compile({{Halide::OutputFileType::device_code, path}});
  });
  if (text)
    text->insert(0, launches);
  return text;
}

llvm::Expected<std::string> objectCode(const Halide::Module &module) {
  return codeOf(module, llvm::CodeGenFileType::ObjectFile, Halide::OutputFileType::object);
}

} // namespace heed
