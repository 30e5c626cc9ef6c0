#include "compiler/emit/DeviceFigures.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Programs.h"
#include "compiler/emit/Stages.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Program.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <map>
#include <regex>

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

/// HL_CUDA_JIT_MAX_REGISTERS, unless set.
constexpr int mostRegisters = 64;
/// Ampere, Hopper, Blackwell.
constexpr const char *architectures[] = {"sm_80", "sm_90", "sm_100"};

/// The parts of `text` that begin with a match of `begin`, by what its first group is.
std::map<std::string, std::string> partsOf(const std::string &text, const std::regex &begin) {
  std::map<std::string, std::string> parts;
  for (std::sregex_iterator match(text.begin(), text.end(), begin), end; match != end;) {
    std::smatch here = *match++;
    size_t last = match == end ? text.size() : size_t(match->position());
    parts[here[1]] = text.substr(size_t(here.position()), last - size_t(here.position()));
  }
  return parts;
}

/// How often each instruction stands in a kernel's PTX.
std::map<std::string, int> instructionsOf(llvm::StringRef ptx) {
  std::map<std::string, int> counts;
  llvm::SmallVector<llvm::StringRef> lines;
  ptx.split(lines, '\n');
  for (llvm::StringRef line : lines) {
    line = line.ltrim();
    if (line.consume_front("@")) // a predicate
      line = line.drop_until([](char c) { return c == ' ' || c == '\t'; }).ltrim();
    llvm::StringRef name =
        line.take_until([](char c) { return c == ' ' || c == '\t' || c == ';'; });
    bool isOne = !name.empty() && llvm::isLower(name.front()) && line.contains(';');
    if (isOne)
      counts[name.str()]++;
  }
  return counts;
}

int numberIn(const std::string &text, const char *pattern) {
  int sum = 0;
  std::regex wanted(pattern);
  for (std::sregex_iterator match(text.begin(), text.end(), wanted), end; match != end; ++match)
    sum += std::stoi((*match)[1]);
  return sum;
}

/// What `program` says; whether it succeeded goes to `isGood`.
llvm::Expected<std::string> said(llvm::StringRef program, std::vector<llvm::StringRef> arguments,
                                 const TemporaryFolder &folder, bool &isGood) {
  arguments.insert(arguments.begin(), program);
  std::string file = folder.file("said.txt"), why;
  int status =
      llvm::sys::ExecuteAndWait(program, arguments, /*Env=*/std::nullopt,
                                {llvm::StringRef(""), llvm::StringRef(file), llvm::StringRef(file)},
                                /*SecondsToWait=*/0, /*MemoryLimit=*/0, &why);
  if (status < 0)
    return userError(program + " cannot be run: " + why +
                     "; HEED_PTXAS names CUDA's assembler, or is empty for none");
  isGood = status == 0;
  return folder.read("said.txt");
}

/// By kernel.
llvm::Expected<std::map<std::string, Json>> assemble(const std::string &ptx,
                                                     llvm::StringRef ptxas) {
  TemporaryFolder folder;
  if (llvm::Error error = folder.create())
    return std::move(error);
  if (llvm::Error error = folder.write("kernel.ptx", ptx))
    return std::move(error);
  std::string source = folder.file("kernel.ptx");
  std::string limit = fmt::format("-maxrregcount={}", mostRegisters);
  std::map<std::string, Json> figures;
  for (std::string architecture : architectures) {
    bool isGood = false;
    std::string flag = "-arch=" + architecture;
    llvm::Expected<std::string> text =
        said(ptxas, {flag, limit, "-v", source, "-o", "/dev/null"}, folder, isGood);
    if (!text)
      return text.takeError();
    if (!isGood && text->find("gpu-name") != std::string::npos)
      continue;
    if (!isGood)
      return userError(ptxas + " refuses a kernel for " + architecture + ": " +
                       llvm::StringRef(*text).rtrim());
    for (auto &[kernel, part] : partsOf(*text, std::regex("Compiling entry function '([^']*)'")))
      figures[kernel][architecture] = {
          {"registers", numberIn(part, "Used ([0-9]+) registers")},
          {"spilled_bytes", numberIn(part, "([0-9]+) bytes spill")},
          {"stack_bytes", numberIn(part, "([0-9]+) bytes stack frame")}};
  }
  return figures;
}

} // namespace

std::vector<Launch> launchesOf(const Halide::Module &module) {
  struct Finder : Halide::Internal::IRVisitor {
    using IRVisitor::visit;
    // (context, name, 3 numbers of blocks, 3 of threads, bytes of shared memory, ...)
    void visit(const Halide::Internal::Call *call) override {
      if (call->name == "halide_cuda_run" || call->name == "halide_opencl_run") {
        auto number = [&](const Halide::Expr &e) {
          auto constant = Halide::Internal::as_const_int(Halide::Internal::simplify(e));
          return constant ? int64_t(*constant) : INT64_MAX;
        };
        const std::vector<Halide::Expr> &a = call->args;
        const auto *name = a[1].as<Halide::Internal::StringImm>();
        found.push_back({name ? name->value : "", number(a[5] * a[6] * a[7]), number(a[8])});
      }
      IRVisitor::visit(call);
    }
    std::vector<Launch> found;
  } finder;
  for (const Halide::Internal::LoweredFunc &function : module.functions())
    function.body.accept(&finder);
  return finder.found;
}

std::string ptxasProgram() {
  if (const char *named = std::getenv("HEED_PTXAS"))
    return named;
  auto found = llvm::sys::findProgramByName("ptxas");
  return found ? *found : "";
}

llvm::Expected<std::string> ptxasVersion(llvm::StringRef ptxas) {
  if (ptxas.empty())
    return std::string();
  TemporaryFolder folder;
  if (llvm::Error error = folder.create())
    return std::move(error);
  bool isGood = false;
  return said(ptxas, {"--version"}, folder, isGood);
}

llvm::Expected<Json> deviceFigures(const Halide::Module &module, llvm::StringRef ptxas) {
  llvm::Expected<std::string> text = deviceText(module);
  if (!text)
    return text.takeError();
  std::map<std::string, Json> assembled;
  bool isPtx = module.target().has_feature(Halide::Target::CUDA);
  if (isPtx && !ptxas.empty()) {
    llvm::Expected<std::map<std::string, Json>> figures = assemble(*text, ptxas);
    if (!figures)
      return figures.takeError();
    assembled = std::move(*figures);
  }
  std::map<std::string, std::string> kernels =
      partsOf(*text, std::regex("\\.visible \\.entry (\\w+)"));
  Json all = Json::array();
  for (const Launch &launch : launchesOf(module)) {
    Json kernel = {{"kernel", launch.kernel},
                   {"threads", launch.threads},
                   {"shared_bytes", launch.sharedBytes}};
    if (isPtx)
      kernel["instructions"] = instructionsOf(kernels[launch.kernel]);
    if (auto found = assembled.find(launch.kernel); found != assembled.end())
      kernel["ptxas"] = found->second;
    all.push_back(kernel);
  }
  return all;
}

} // namespace heed
