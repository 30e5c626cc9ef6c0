// The three functions that kernels compiled with no_runtime, no_asserts and no_bounds_query call;
// everything else they need is in libm. Weak, so that a program may also hold Halide's own runtime.
// Halide would check none of their results (an allocation's, a loop's): failures leave the kernel.

#include "runtime/HalideHooks.h"
#include "runtime/Guard.h"
#include "runtime/Status.h"
#include "runtime/Threads.h"
#include "runtime/Workspace.h"

#include <HalideRuntime.h>

#include <atomic>

using namespace heed;

namespace {

struct Loop {
  halide_task_t task;
  uint8_t *closure;
  int first;
  std::atomic<int> error{0};
};

/// Task i of the loop, unless one has failed already.
void runTask(void *data, int i) {
  Loop &loop = *static_cast<Loop *>(data);
  if (loop.error.load(std::memory_order_relaxed))
    return;
  if (int error = guarded([&] { return loop.task(nullptr, loop.first + i, loop.closure); }))
    loop.error.store(error, std::memory_order_relaxed);
}

} // namespace

void *heed::halideAllocate(void *, size_t bytes) {
  void *data = allocateWorkspace(bytes);
  if (!data)
    leave(halide_error_code_out_of_memory);
  return data;
}

void heed::halideFree(void *, void *data) { freeWorkspace(data); }

int heed::runHalideLoop(void *, halide_task_t task, int first, int count, uint8_t *closure) {
  Loop loop{task, closure, first};
  runLoop(runTask, &loop, count);
  int error = loop.error.load(std::memory_order_relaxed);
  if (error)
    leave(error);
  return error;
}

extern "C" {

[[gnu::weak]] void *halide_malloc(void *context, size_t bytes) {
  return halideAllocate(context, bytes);
}

[[gnu::weak]] void halide_free(void *context, void *data) { halideFree(context, data); }

[[gnu::weak]] int halide_do_par_for(void *context, halide_task_t task, int first, int count,
                                    uint8_t *closure) {
  return runHalideLoop(context, task, first, count, closure);
}
}
