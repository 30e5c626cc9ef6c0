#include "runtime/Workspace.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <pthread.h>

namespace {

constexpr size_t alignment = 64;
constexpr int keptBlocks = 8;           // of a thread
constexpr size_t keptBytes = 64u << 20; // of a thread

/// In front of the data. A block is in one of its thread's two lists: in use or kept.
struct alignas(alignment) Block {
  Block *newer, *older;
  size_t bytes; // of data

  void *data() { return this + 1; }
};

struct List {
  Block *newest, *oldest;
  size_t bytes;
  int count;

  void push(Block *block) {
    block->newer = nullptr;
    block->older = newest;
    (newest ? newest->newer : oldest) = block;
    newest = block;
    bytes += block->bytes;
    ++count;
  }

  Block *take(Block *block) {
    (block->newer ? block->newer->older : newest) = block->older;
    (block->older ? block->older->newer : oldest) = block->newer;
    bytes -= block->bytes;
    --count;
    return block;
  }
};

thread_local List inUse, kept;

void releaseKept(void *) {
  while (kept.newest)
    free(kept.take(kept.newest));
}

/// Its destructor releases a thread's kept blocks. A C++ destructor would do the same, but need
/// libstdc++.
pthread_key_t exitKey;
pthread_once_t exitKeyOnce = PTHREAD_ONCE_INIT;
bool haveExitKey;

void releaseAtThreadExit() {
  pthread_once(&exitKeyOnce, [] { haveExitKey = !pthread_key_create(&exitKey, releaseKept); });
  if (haveExitKey)
    pthread_setspecific(exitKey, &kept);
}

/// The smallest kept block of `bytes` or more; none where even that is wastefully large.
Block *findKept(size_t bytes) {
  Block *best = nullptr;
  for (Block *block = kept.newest; block; block = block->older)
    if (block->bytes >= bytes && block->bytes / 4 <= bytes && (!best || block->bytes < best->bytes))
      best = block;
  return best;
}

} // namespace

void *heed::allocateWorkspace(size_t bytes) {
  if (bytes > SIZE_MAX / 2)
    return nullptr;
  bytes = std::max((bytes + alignment - 1) / alignment * alignment, alignment);
  Block *block = findKept(bytes);
  if (block) {
    kept.take(block);
  } else {
    block = static_cast<Block *>(aligned_alloc(alignment, sizeof(Block) + bytes + alignment));
    if (!block)
      return nullptr;
    block->bytes = bytes;
  }
  inUse.push(block);
  return block->data();
}

void heed::freeWorkspace(void *data) {
  if (!data)
    return;
  if (!kept.count)
    releaseAtThreadExit();
  kept.push(inUse.take(static_cast<Block *>(data) - 1));
  while (kept.count > keptBlocks || kept.bytes > keptBytes)
    free(kept.take(kept.oldest));
}

const void *heed::newestWorkspace() { return inUse.newest; }

void heed::freeWorkspaceSince(const void *newest) {
  while (inUse.newest != newest)
    freeWorkspace(inUse.newest->data());
}

void heed::closeWorkspaces() {
  releaseKept(nullptr);
  if (haveExitKey)
    pthread_key_delete(exitKey);
  haveExitKey = false;
}
