// heed-tune: searches for fast plans; docs/tuning.md is for its users.
#include "compiler/emit/Errors.h"
#include "tools/ModuleFile.h"
#include "tools/heed-tune/Bandwidth.h"
#include "tools/heed-tune/CommandLine.h"
#include "tools/heed-tune/Compare.h"
#include "tools/heed-tune/Files.h"
#include "tools/heed-tune/Page.h"
#include "tools/heed-tune/Summary.h"
#include "tools/heed-tune/Tune.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"

namespace heed::tune {
namespace {

llvm::Expected<TargetInfo> chooseTarget(const std::string &name) {
  llvm::Expected<TargetInfo> host = findTarget("host"), target = findTarget(name);
  if (!host || !target)
    return userError("--target: " +
                     llvm::toString(llvm::joinErrors(host.takeError(), target.takeError())));
  if (!runsHere(*target))
    return userError("--target: this CPU cannot run " + target->name + "; the best it runs is " +
                     host->name);
  return target;
}

/// `file`, or the table's name with another extension.
std::string besideTable(const std::string &file, llvm::StringRef table, const char *extension) {
  if (!file.empty())
    return file;
  table.consume_back(".json");
  return (table + extension).str();
}

/// The extents of a call. A preset's head size may stand among them, as d.
llvm::Expected<measure::Extents> extentsOf(const std::string &shape, CommandLine &line) {
  auto extents = measure::parseExtents(shape);
  if (!extents)
    return extents.takeError();
  auto size = extents->extract("d");
  if (size.empty())
    return extents;
  if (line.preset.components.empty())
    return userError("--shape: d is the head size of a preset; a file's kernels have theirs");
  if (line.isSized && size.mapped() != line.preset.headDim)
    return userError("--shape: d differs from another --shape's: one run tunes one kernel");
  line.preset.headDim = size.mapped();
  line.isSized = true;
  return extents;
}

llvm::Expected<Request> requestOf(CommandLine &line) {
  auto target = chooseTarget(line.target);
  if (!target)
    return target.takeError();
  Request request{
      .conditions = {*target, line.layouts, line.threads},
      .budget = line.budget,
      .effort = {
          .search = line.search, .seed = line.seed, .jobs = line.jobs, .raceLimit = line.patience}};
  for (const std::string &shape : line.shapes) {
    auto extents = extentsOf(shape, line);
    if (!extents)
      return extents.takeError();
    request.shapes.push_back(std::move(*extents));
  }
  request.table = line.table.empty() ? "tuned-" + target->name + ".json" : line.table;
  request.log = besideTable(line.log, request.table, ".log");
  return request;
}

llvm::Error run(CommandLine &line) {
  auto request = requestOf(line);
  if (!request)
    return request.takeError();
  mlir::DialectRegistry registry;
  registry.insert<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  auto module = line.preset.components.empty() ? readModule(line.input, context, sources)
                                               : buildPreset(context, line.preset);
  if (!module)
    return module.takeError();
  Display display(/*isOn=*/true);
  if (line.compare) {
    auto table = compareSearches(**module, *request, display);
    if (table)
      llvm::outs() << *table;
    return table.takeError();
  }
  auto outcomes = tuneModule(**module, *request, display);
  if (!outcomes)
    return outcomes.takeError();
  std::string page = besideTable(line.page, request->table, ".html");
  if (llvm::Error error = replaceFile(
          page, pageOf(*outcomes, request->conditions,
                       request->conditions.target.isDevice() ? 0 : readBandwidth(line.threads))))
    return error;
  llvm::outs() << summaryOf(*outcomes) << "\ntable " << request->table << "\nlog   " << request->log
               << "\npage  " << page << "\n";
  return llvm::Error::success();
}

int exitStatus(llvm::Error error) {
  int status = error ? 1 : 0;
  llvm::handleAllErrors(
      std::move(error), [](const Reported &) {},
      [&](const OurBug &bug) {
        llvm::errs() << "heed-tune: internal error: " << bug.message()
                     << "\nThis is a bug in Heed: please report it.\n";
        status = 2;
      },
      [](const llvm::ErrorInfoBase &mistake) {
        llvm::errs() << "heed-tune: error: " << mistake.message() << "\n";
      });
  return status;
}

} // namespace
} // namespace heed::tune

int main(int argc, char **argv) try {
  heed::tune::CommandLine line;
  if (std::optional<int> status = heed::tune::parseCommandLine(argc, argv, line))
    return *status;
  return heed::tune::exitStatus(heed::tune::run(line));
} catch (const std::bad_alloc &) {
  llvm::errs()
      << "heed-tune: error: not enough memory for these shapes: choose fewer or smaller ones\n";
  return 1;
}
