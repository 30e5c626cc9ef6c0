// The memory kernels work in: big blocks that a thread keeps and hands out again. Through malloc
// every tile's buffers would be mapped, faulted in and unmapped anew.
#pragma once

#include <cstddef>

namespace heed {

/// `bytes` bytes aligned to 64, with 64 readable bytes on either side, as halide_malloc promises;
/// NULL where memory is out. Belongs to the calling thread, which must also free it.
void *allocateWorkspace(size_t bytes);

/// Keeps the block for the thread's next allocation, within bounds. NULL is ignored.
void freeWorkspace(void *data);

/// The block this thread allocated last among those not freed, or NULL.
const void *newestWorkspace();

/// Frees the blocks this thread allocated after `newest` was the newest.
void freeWorkspaceSince(const void *newest);

/// Frees what the calling thread keeps; other threads' ends release nothing from here on. For when
/// the library is unloaded.
void closeWorkspaces();

} // namespace heed
