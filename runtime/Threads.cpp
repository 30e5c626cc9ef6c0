#include "runtime/Threads.h"

#include "runtime/Pool.h"
#include "runtime/Workspace.h"

#include <algorithm>
#include <cstdlib>
#include <new>

using namespace heed;

namespace {

constinit Pool pool;

struct {
  heed_run_loop run;
  void *context;
} hostLoop;

/// Whether this thread is in a loop's body.
thread_local bool insideLoop = false;

/// HEED_NUM_THREADS where it is a positive number, else one thread a core.
int defaultThreads() {
  const char *setting = getenv("HEED_NUM_THREADS");
  long threads = setting ? strtol(setting, nullptr, 10) : 0;
  return int(std::clamp<long>(threads > 0 ? threads : availableCores(), 1, Pool::maxThreads));
}

struct MarkedLoop {
  heed_loop_body body;
  void *data;
};

void runMarked(void *data, int i) {
  MarkedLoop &loop = *static_cast<MarkedLoop *>(data);
  bool outer = insideLoop;
  insideLoop = true;
  loop.body(loop.data, i);
  insideLoop = outer;
}

/// A forked child has none of its parent's threads: it starts with a fresh pool.
void startAfreshInChild() {
  int threads = heed_threads();
  new (&pool) Pool;
  pool.suggest(threads);
}

[[gnu::constructor]] void watchForks() { pthread_atfork(nullptr, nullptr, startAfreshInChild); }

/// At exit, and before a library that holds the runtime is unloaded: no thread may be left in it,
/// and none that ends later may call it. The workers go first: their ends still release their
/// memory.
[[gnu::destructor]] void closeRuntime() {
  pool.limit(1);
  closeWorkspaces();
}

} // namespace

void heed::runLoop(heed_loop_body body, void *data, int count) {
  int threads = std::min(heed_threads(), count);
  if (insideLoop || count < 2 || (threads < 2 && !hostLoop.run)) {
    for (int i = 0; i < count; ++i)
      body(data, i);
    return;
  }
  MarkedLoop marked{body, data};
  if (hostLoop.run)
    return hostLoop.run(hostLoop.context, runMarked, &marked, count);
  SharedLoop loop{runMarked, &marked, count};
  pool.run(loop, threads);
}

void heed_set_threads(int n) {
  pool.limit(n < 1 ? defaultThreads() : std::min(n, Pool::maxThreads));
}

int heed_threads(void) {
  if (!pool.threads())
    pool.suggest(defaultThreads());
  return pool.threads();
}

void heed_set_run_loop(heed_run_loop run, void *context) { hostLoop = {run, context}; }
