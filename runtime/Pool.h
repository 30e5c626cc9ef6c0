// Heed's own threads. A worker that runs out of work spins a while before it sleeps: the layers of
// a model follow each other within microseconds, and waking a thread costs more than such a gap.
// (Halide's stock pool sleeps at once and loses a third of the speed at two threads.)
#pragma once

#include <heed/heed.h>

#include <atomic>
#include <pthread.h>

namespace heed {

/// Where threads wait until something that other threads change is as they want it.
class Parking {
public:
  /// Returns when ready() is true: after spinning up to `spinMicroseconds`, asleep.
  template <typename Ready> void wait(Ready ready, int spinMicroseconds);

  /// To be called after a (sequentially consistent) change that may make someone ready.
  void wake();

private:
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  std::atomic<int> sleepers{0};
};

/// A loop being run: whoever comes takes the next index.
struct SharedLoop {
  heed_loop_body body;
  void *data;
  int64_t count;
  unsigned floatMode = 0; ///< the caller's rounding and denormals, which workers adopt
  alignas(64) std::atomic<int64_t> next{0};

  void work() {
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;)
      body(data, int(i));
  }
};

/// Workers that help the threads that run loops. Each of those holds a place; where several do, the
/// workers spread over them. The caller always works on its own loop, so none can wait for another.
class Pool {
public:
  static constexpr int maxThreads = 256, places = 8;

  /// The threads a loop may use, the caller's included; 0 where nobody has said.
  int threads() const { return most; }

  /// Says so where nobody has.
  void suggest(int threads);

  /// Says so, and ends the workers beyond when they are done with their loops.
  void limit(int threads);

  /// Runs the loop on up to `threads` threads, the caller's among them.
  void run(SharedLoop &loop, int threads);

private:
  struct alignas(64) Place {
    std::atomic<bool> taken{false};
    std::atomic<SharedLoop *> loop{nullptr};
    std::atomic<int> helpers{0};
  };

  struct Worker {
    Pool *pool = nullptr;
    int index = 0;
    pthread_t thread = {};
  };

  Place *takePlace();
  void grow(int workers);
  void work(int index);
  static void *enter(void *worker);

  Place place[places];
  Parking idle, finished;
  std::atomic<unsigned> published{0}; ///< loops so far: tells idle workers that there is a new one
  std::atomic<int> most{0};           ///< threads, as threads() says
  std::atomic<int> wanted{0};         ///< workers; those from here on end
  std::atomic<int> running{0};        ///< workers that have been started and not been joined

  /// Guards the workers, and the three numbers above against changes from elsewhere.
  pthread_mutex_t resizing = PTHREAD_MUTEX_INITIALIZER;
  Worker workers[maxThreads - 1];
};

/// The cores this process may run on.
int availableCores();

} // namespace heed
