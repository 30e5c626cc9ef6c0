// Files that appear together, whole, or not at all.
#pragma once

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <string>
#include <vector>

namespace heed {

/// Collects files under temporary names beside their places; commit() renames them. Without it, and
/// when the process is killed, nothing stays.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  ~OutputFiles();

  /// Writes `contents` for `path`; creates the folders above it. A failure names the path, the
  /// reason and what to do.
  llvm::Error add(const std::string &path, llvm::StringRef contents);
  llvm::Error commit();

private:
  struct Pending {
    llvm::sys::fs::TempFile file;
    std::string path;
  };
  std::vector<Pending> pending;
};

} // namespace heed
