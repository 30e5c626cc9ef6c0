#include "compiler/emit/Cache.h"

#include "Halide.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

namespace heed {

std::string sha256(llvm::StringRef bytes) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes)), /*LowerCase=*/true);
}

std::string Cache::defaultFolder() {
  llvm::SmallString<128> folder; // XDG_CACHE_HOME is honoured there
  if (!llvm::sys::path::cache_directory(folder))
    return "";
  llvm::sys::path::append(folder, "heed");
  return folder.str().str();
}

std::string Cache::key(llvm::ArrayRef<llvm::StringRef> parts) {
  std::string text;
  for (llvm::StringRef part : parts)
    text += fmt::format("{}:{}", part.size(), part.str());
  return sha256(text);
}

// llvm::pruneCache looks after files of this name only.
std::string Cache::path(llvm::StringRef key) const {
  llvm::SmallString<128> file(folder);
  llvm::sys::path::append(file, "llvmcache-" + key);
  return file.str().str();
}

// An entry is the blob's checksum in hexadecimal, then the blob.
static constexpr size_t checksumSize = 64;

std::optional<std::string> Cache::find(llvm::StringRef key) const {
  if (folder.empty())
    return std::nullopt;
  auto file =
      llvm::MemoryBuffer::getFile(path(key), /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return std::nullopt;
  llvm::StringRef contents = (*file)->getBuffer(),
                  blob = contents.drop_front(std::min(contents.size(), checksumSize));
  if (contents.take_front(checksumSize) != sha256(blob))
    return std::nullopt;
  return blob.str();
}

void Cache::store(llvm::StringRef key, llvm::StringRef blob) const {
  if (folder.empty() || llvm::sys::fs::create_directories(folder))
    return;
  auto file = llvm::sys::fs::TempFile::create(path(key) + ".%%%%%%%%.tmp");
  if (!file)
    return llvm::consumeError(file.takeError());
  llvm::raw_fd_ostream out(file->FD, /*shouldClose=*/false);
  out << sha256(blob) << blob;
  out.flush();
  bool written = !out.has_error();
  out.clear_error();
  llvm::consumeError(written ? file->keep(path(key)) : file->discard());

  llvm::CachePruningPolicy policy;
  policy.Interval = std::chrono::hours(1);
  policy.Expiration = std::chrono::hours(24 * 30);
  policy.MaxSizeBytes = uint64_t(1) << 30;
  llvm::pruneCache(folder, policy);
}

std::string compilerIdentity() {
  static const std::string identity = [] {
    std::string halide = fmt::format("halide {}.{}.{}", HALIDE_VERSION_MAJOR, HALIDE_VERSION_MINOR,
                                     HALIDE_VERSION_PATCH);
    auto self = llvm::MemoryBuffer::getFile(llvm::sys::fs::getMainExecutable(nullptr, nullptr),
                                            /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!self) // no /proc: two heedc of one version are then taken for the same
      return fmt::format("heed {}, {}", HEED_VERSION, halide);
    auto hash = llvm::BLAKE3::hash(llvm::arrayRefFromStringRef((*self)->getBuffer()));
    return llvm::toHex(hash, /*LowerCase=*/true) + ", " + halide;
  }();
  return identity;
}

} // namespace heed
