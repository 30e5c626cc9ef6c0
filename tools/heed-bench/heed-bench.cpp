// heed-bench: measures attention kernels; docs/benchmarks.md is for its users.
#include "compiler/emit/Errors.h"
#include "tools/heed-bench/Bench.h"

namespace heed::bench {
namespace {

llvm::Error print(llvm::StringRef text) {
  llvm::raw_fd_ostream &out = llvm::outs();
  out << text;
  out.flush();
  std::error_code why = out.error();
  out.clear_error();
  return why ? userError("cannot write to standard output: " + why.message())
             : llvm::Error::success();
}

llvm::Error work(const CommandLine &line) {
  if (line.list)
    return print(listCases());
  llvm::Expected<std::string> text = line.machine ? runMachine(line) : run(line);
  return text ? print(*text) : text.takeError();
}

int exitStatus(llvm::Error error) {
  int status = error ? 1 : 0;
  llvm::handleAllErrors(
      std::move(error), [](const Reported &) {},
      [&](const OurBug &bug) {
        llvm::errs() << "heed-bench: internal error: " << bug.message()
                     << "\nThis is a bug in Heed: please report it.\n";
        status = 2;
      },
      [](const llvm::ErrorInfoBase &mistake) {
        llvm::errs() << "heed-bench: error: " << mistake.message() << "\n";
      });
  return status;
}

} // namespace
} // namespace heed::bench

int main(int argc, char **argv) {
  heed::bench::CommandLine line;
  if (std::optional<int> status = heed::bench::parseCommandLine(argc, argv, line))
    return *status;
  try {
    return heed::bench::exitStatus(heed::bench::work(line));
  } catch (const std::bad_alloc &) {
    llvm::errs()
        << "heed-bench: error: not enough memory for these shapes: choose fewer or smaller ones\n";
    return 1;
  }
}
