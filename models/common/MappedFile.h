// A file as read-only memory.
#pragma once

#include "models/common/Result.h"

#include <cstddef>
#include <span>
#include <string>

namespace heed {

/// Maps the whole file; pages are read when they are first touched. The file must not shrink while
/// it is mapped (the kernel would raise SIGBUS).
class MappedFile {
public:
  static Result<MappedFile> open(const std::string &path);

  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data, size}; }
  const std::string &path() const { return filePath; }

private:
  MappedFile(std::string path, const std::byte *data, size_t size);

  std::string filePath;
  const std::byte *data; ///< page aligned; null when the file is empty
  size_t size;
};

} // namespace heed
