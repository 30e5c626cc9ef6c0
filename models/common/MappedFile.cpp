#include "models/common/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heed {

namespace {

/// Closes the descriptor when the scope ends; the mapping outlives it.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
};

Error systemError(const std::string &path, const char *action) {
  return {HEED_BAD_FILE, path + ": cannot " + action + ": " + std::strerror(errno)};
}

} // namespace

Result<MappedFile> MappedFile::open(const std::string &path) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0)
    return systemError(path, "open");
  struct stat info;
  if (::fstat(file.fd, &info) != 0)
    return systemError(path, "read its size");
  if (!S_ISREG(info.st_mode))
    return Error{HEED_BAD_FILE, path + ": not a regular file"};
  size_t size = static_cast<size_t>(info.st_size);
  if (size == 0) // mmap refuses a length of 0
    return MappedFile(path, nullptr, 0);
  void *data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED)
    return systemError(path, "map into memory");
  return MappedFile(path, static_cast<const std::byte *>(data), size);
}

MappedFile::MappedFile(std::string path, const std::byte *data, size_t size)
    : filePath(std::move(path)), data(data), size(size) {}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : filePath(std::move(other.filePath)), data(std::exchange(other.data, nullptr)),
      size(std::exchange(other.size, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(filePath, other.filePath);
  std::swap(data, other.data);
  std::swap(size, other.size);
  return *this;
}

MappedFile::~MappedFile() {
  if (data)
    ::munmap(const_cast<std::byte *>(data), size);
}

} // namespace heed
