#include "compiler/emit/Phases.h"
#include "compiler/emit/OutputFiles.h"
#include "compiler/emit/Stages.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

namespace heed {
namespace {

/// A pass that runs on several kernels in turn has one file: the last run writes it whole.
class DumpAfterPass : public mlir::PassInstrumentation {
public:
  explicit DumpAfterPass(const PhaseDump &phases) : phases(phases) {}

  void runAfterPass(mlir::Pass *pass, mlir::Operation *op) override {
    if (pass->getArgument().empty()) // an adaptor that only runs others
      return;
    while (op->getParentOp())
      op = op->getParentOp();
    size_t number = 10 + numbers.insert({pass->getArgument(), numbers.size()}).first->second;
    std::string text;
    llvm::raw_string_ostream(text) << *op << "\n";
    if (llvm::Error error =
            phases.write(fmt::format("{}-after-{}.mlir", number, pass->getArgument().str()), text))
      op->emitError(llvm::toString(std::move(error)));
  }

private:
  const PhaseDump &phases;
  llvm::MapVector<llvm::StringRef, size_t> numbers;
};

} // namespace

llvm::Error PhaseDump::write(const std::string &name, llvm::StringRef text) const {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  OutputFiles file;
  if (llvm::Error error = file.add(path.str().str(), text))
    return error;
  return file.commit();
}

llvm::Error PhaseDump::writeStage(const Stage &stage, const std::string &symbol,
                                  const Halide::Module &module) const {
  auto dump = [&](const std::string &name, llvm::Expected<std::string> text) {
    return text ? write(name, *text) : text.takeError();
  };
  if (llvm::Error error = dump("30-" + symbol + ".graph.txt", graphText(stage)))
    return error;
  if (llvm::Error error = dump("40-" + symbol + ".stmt", stmtText(module)))
    return error;
  return dump("50-" + symbol + ".s", assemblyText(module));
}

void PhaseDump::watch(mlir::PassManager &passes) const {
  passes.addInstrumentation(std::make_unique<DumpAfterPass>(*this));
}

} // namespace heed
