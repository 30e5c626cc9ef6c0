// Files that several tuners share.
#pragma once

#include "schedules/table/Table.h"

namespace heed::tune {

/// Held until this goes: other processes that lock the same open file wait.
class FileLock {
public:
  explicit FileLock(int file);
  FileLock(const FileLock &) = delete;
  ~FileLock();

private:
  int file;
};

/// "cannot write FILE: No space left on device; free some space and run again: nothing measured so
/// far is lost".
llvm::Error cannotWrite(const std::string &file, int why);

/// Puts `entries` into the table at `file`, made if it is not there, beside what others have put in
/// meanwhile: under a lock (FILE.lock), and replaced as a whole, so that a reader or a process that
/// dies sees the old or the new one. Of two entries for one kernel and shape the later stays. A
/// table that cannot be read, or is for another target, is left as it is.
llvm::Error updateTable(const std::string &file, const std::string &target,
                        llvm::ArrayRef<TableEntry> entries);

/// Replaces a file as a whole; on the disk when it returns.
llvm::Error replaceFile(const std::string &file, llvm::StringRef contents);

} // namespace heed::tune
