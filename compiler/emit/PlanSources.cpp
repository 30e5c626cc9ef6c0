#include "compiler/emit/PlanSources.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

namespace heed {
namespace {

/// Where Heed's own tables lie, a folder for each target.
std::vector<std::string> ownFolders() {
  if (const char *setting = getenv("HEED_SCHEDULES"))
    return *setting ? std::vector<std::string>{setting} : std::vector<std::string>{};
  llvm::SmallString<128> root(llvm::sys::fs::getMainExecutable(nullptr, nullptr));
  llvm::sys::path::remove_filename(root);
  llvm::sys::path::remove_filename(root);
  std::vector<std::string> folders;
  for (const char *place : {"schedules", "share/heed/schedules"})
    folders.push_back((root + "/" + place).str());
  return folders;
}

/// How many letters the name of a table shares with that of this CPU, as LLVM calls it: znver4's
/// own, then for want of one that of another znver.
size_t likeness(llvm::StringRef table, llvm::StringRef cpu) {
  llvm::StringRef name = llvm::sys::path::stem(table);
  size_t alike = 0;
  while (alike < std::min(name.size(), cpu.size()) && name[alike] == cpu[alike])
    alike++;
  return alike;
}

/// The one for `target` that was tuned on the CPU most like this one, the first by name of several;
/// empty where there is none.
std::string ownTable(const TargetInfo &target) {
  std::vector<std::string> files;
  for (const std::string &folder : ownFolders()) {
    std::error_code end;
    for (llvm::sys::fs::directory_iterator file(folder + "/" + target.name, end), last;
         !end && file != last; file.increment(end))
      if (llvm::sys::path::extension(file->path()) == ".json")
        files.push_back(file->path());
  }
  llvm::sort(files);
  llvm::StringRef cpu = llvm::sys::getHostCPUName();
  auto rank = [&](const std::string &file) {
    return std::pair(llvm::sys::path::stem(file) == cpu, likeness(file, cpu));
  };
  auto best = llvm::max_element(
      files, [&](const std::string &a, const std::string &b) { return rank(a) < rank(b); });
  return best == files.end() ? "" : *best;
}

} // namespace

llvm::Expected<PlanSources> loadPlanSources(const std::string &planFile,
                                            const std::string &tableFile) {
  PlanSources sources;
  if (!planFile.empty()) {
    llvm::Expected<PlanFile> plans = PlanFile::read(planFile);
    if (!plans)
      return plans.takeError();
    sources.file = std::move(*plans);
  }
  std::vector<std::string> files = {tableFile};
  const char *setting = getenv("HEED_TABLE");
  files.push_back(setting ? setting : "");
  for (const TargetInfo &target : allTargets())
    files.push_back(ownTable(target));
  for (const std::string &file : files) {
    if (file.empty())
      continue;
    llvm::Expected<Table> table = readTable(file);
    if (!table)
      return userError(llvm::toString(table.takeError()));
    sources.tables.push_back(std::move(*table));
  }
  return sources;
}

} // namespace heed
