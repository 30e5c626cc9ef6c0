// A library with the runtime inside, as `heedc --emit shared` makes them: loaded and unloaded by
// UnloadTest.
#include "tests/unit/runtime/FakeKernel.h"

#include <HalideRuntime.h>

#include <atomic>

/// A call whose kernel loops over three threads, all of which use workspace memory; the number of
/// tasks done.
extern "C" [[gnu::visibility("default")]] int runPlugin() {
  std::atomic<int> tasks{0};
  heed::test::AttentionCall call;
  call.stage = [&](void **) {
    return halide_do_par_for(
        nullptr,
        [](void *, int, uint8_t *data) {
          halide_free(nullptr, halide_malloc(nullptr, 100000));
          return ++*reinterpret_cast<std::atomic<int> *>(data), 0;
        },
        0, 64, reinterpret_cast<uint8_t *>(&tasks));
  };
  heed_set_threads(3);
  return call.run() == HEED_OK ? tasks.load() : -1;
}
