// Compiled objects, kept between runs and shared by everything that compiles kernels.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace heed {

/// A folder of blobs by key. Several processes may use one folder: an entry appears by rename,
/// carries a checksum, and one that does not match its checksum counts as missing. Entries unused
/// for a month, and the oldest ones beyond 1 GB, are removed now and then. A folder that cannot be
/// read or written only costs time: it never fails a compilation.
class Cache {
public:
  /// An empty folder name means no cache.
  explicit Cache(std::string folder) : folder(std::move(folder)) {}

  /// ${XDG_CACHE_HOME:-~/.cache}/heed; empty where there is no home.
  static std::string defaultFolder();

  /// SHA-256 over the parts, which say all that the blob depends on.
  static std::string key(llvm::ArrayRef<llvm::StringRef> parts);

  std::optional<std::string> find(llvm::StringRef key) const;
  void store(llvm::StringRef key, llvm::StringRef blob) const;

private:
  std::string path(llvm::StringRef key) const;
  std::string folder;
};

/// In hexadecimal.
std::string sha256(llvm::StringRef bytes);

/// Changes whenever heedc or the Halide it uses does: a hash of this executable and Halide's
/// version.
std::string compilerIdentity();

} // namespace heed
