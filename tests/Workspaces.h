// Memory for what kernels allocate while they run.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace heed::test {

/// Workspaces end at a page that may not be touched, and start out as NaN. Freed ones are used
/// again. Safe to call from several threads.
class Workspaces {
public:
  void *allocate(size_t bytes) {
    std::lock_guard lock(mutex);
    size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    std::vector<std::byte *> &free = freeOfSize[rounded];
    if (free.empty())
      free.push_back(map(rounded));
    std::byte *memory = free.back();
    free.pop_back();
    std::memset(memory, 0xff, rounded);
    sizeOf[memory] = rounded;
    return memory;
  }
  void release(void *memory) {
    std::lock_guard lock(mutex);
    freeOfSize[sizeOf.at(memory)].push_back(static_cast<std::byte *>(memory));
  }

private:
  static constexpr size_t alignment = 64, page = 4096;
  std::mutex mutex;
  std::map<size_t, std::vector<std::byte *>> freeOfSize;
  std::map<void *, size_t> sizeOf;

  static std::byte *map(size_t bytes) {
    size_t used = (bytes + page - 1) / page * page;
    void *mapping =
        mmap(nullptr, used + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
      throw std::bad_alloc();
    auto *memory = static_cast<std::byte *>(mapping);
    mprotect(memory + used, page, PROT_NONE);
    return memory + used - bytes;
  }
};

} // namespace heed::test
