#include "compiler/emit/OutputFiles.h"
#include "compiler/emit/Errors.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace heed {

static llvm::Error cannotWrite(llvm::StringRef path, std::error_code why) {
  llvm::StringRef remedy = "";
  if (why == std::errc::permission_denied || why == std::errc::read_only_file_system)
    remedy = "; choose another place with -o or make the folder writable";
  else if (why == std::errc::no_space_on_device || why == std::errc::file_too_large)
    remedy = "; free some space and run again";
  return userError("cannot write " + path + ": " + why.message() + remedy);
}

OutputFiles::~OutputFiles() {
  for (Pending &p : pending)
    llvm::consumeError(p.file.discard());
}

llvm::Error OutputFiles::add(const std::string &path, llvm::StringRef contents) {
  namespace fs = llvm::sys::fs;
  fs::file_status status;
  if (!fs::status(path, status) && !fs::is_regular_file(status))
    return userError("cannot write " + path +
                     ": something that is no regular file stands there; choose "
                     "another place with -o");
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  if (!folder.empty())
    if (std::error_code error =
            fs::create_directories(folder, /*IgnoreExisting=*/true, fs::all_all))
      return cannotWrite(folder, error);
  llvm::Expected<fs::TempFile> file = fs::TempFile::create(path + ".%%%%%%%%.tmp");
  if (!file)
    return cannotWrite(path, llvm::errorToErrorCode(file.takeError()));
  pending.push_back({std::move(*file), path});
  llvm::raw_fd_ostream out(pending.back().file.FD, /*shouldClose=*/false);
  out << contents;
  out.flush();
  if (out.has_error()) {
    std::error_code error = out.error();
    out.clear_error();
    return cannotWrite(path, error);
  }
  return llvm::Error::success();
}

llvm::Error OutputFiles::commit() {
  for (Pending &p : pending)
    if (llvm::Error error = p.file.keep(p.path))
      return cannotWrite(p.path, llvm::errorToErrorCode(std::move(error)));
  pending.clear();
  return llvm::Error::success();
}

} // namespace heed
