#include "tools/heed-tune/Files.h"
#include "compiler/emit/Errors.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace heed::tune {
namespace {

/// A file descriptor that is closed when this goes.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0)
      ::close(value);
  }
};

/// Every byte and then the disk; 0 or errno.
int writeAll(int file, llvm::StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0)
      return errno;
    bytes = bytes.drop_front(written);
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

} // namespace

FileLock::FileLock(int file) : file(file) {
  while (::flock(file, LOCK_EX) != 0 && errno == EINTR) {
  }
}

FileLock::~FileLock() { ::flock(file, LOCK_UN); }

llvm::Error cannotWrite(const std::string &file, int why) {
  const char *remedy = "";
  if (why == ENOSPC || why == EDQUOT || why == EFBIG)
    remedy = "; free some space and run again: nothing measured so far is lost";
  else if (why == EACCES || why == EROFS || why == EPERM || why == ENOENT || why == EISDIR)
    remedy = "; choose another place with --table";
  return userError("cannot write " + file + ": " + std::strerror(why) + remedy);
}

llvm::Error replaceFile(const std::string &file, llvm::StringRef contents) {
  std::string temporary = file + ".new";
  Descriptor out{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (out.value < 0)
    return cannotWrite(file, errno);
  int why = writeAll(out.value, contents);
  if (why == 0 && ::rename(temporary.c_str(), file.c_str()) != 0)
    why = errno;
  if (why != 0) {
    ::unlink(temporary.c_str());
    return cannotWrite(file, why);
  }
  llvm::StringRef folder = llvm::sys::path::parent_path(file);
  Descriptor parent{
      ::open(folder.empty() ? "." : folder.str().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  ::fsync(parent.value); // the rename
  return llvm::Error::success();
}

llvm::Error updateTable(const std::string &file, const std::string &target,
                        llvm::ArrayRef<TableEntry> entries) {
  std::string lockName = file + ".lock";
  Descriptor lockFile{::open(lockName.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
  if (lockFile.value < 0)
    return cannotWrite(lockName, errno);
  FileLock lock(lockFile.value);
  Table table{file, target, {}};
  if (llvm::sys::fs::exists(file)) {
    llvm::Expected<Table> read = readTable(file);
    if (!read)
      return userError(llvm::toString(read.takeError()));
    if (read->target != target)
      return userError(file + ": error: this table is for " + read->target + ", not " + target +
                       ": choose another file with --table");
    table = std::move(*read);
  }
  for (const TableEntry &entry : entries)
    insert(table, entry);
  return replaceFile(file, toText(table));
}

} // namespace heed::tune
