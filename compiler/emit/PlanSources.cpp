#include "compiler/emit/PlanSources.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

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

/// Those for `target`, in the order of their names.
std::vector<std::string> ownTables(const TargetInfo &target) {
  std::vector<std::string> files;
  for (const std::string &folder : ownFolders()) {
    std::error_code end;
    for (llvm::sys::fs::directory_iterator file(folder + "/" + target.name, end), last;
         !end && file != last; file.increment(end))
      if (llvm::sys::path::extension(file->path()) == ".json")
        files.push_back(file->path());
  }
  llvm::sort(files);
  return files;
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
    llvm::append_range(files, ownTables(target));
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
