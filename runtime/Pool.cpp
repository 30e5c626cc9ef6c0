#include "runtime/Pool.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <sched.h>
#include <unistd.h>

using namespace heed;

namespace {

/// Longer than the gaps between a model's kernels, shorter than anyone notices.
constexpr int spinMicroseconds = 200;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#if defined(__x86_64__)
unsigned floatMode() { return __builtin_ia32_stmxcsr(); }
void setFloatMode(unsigned mode) { __builtin_ia32_ldmxcsr(mode); }
#else
unsigned floatMode() { return 0; }
void setFloatMode(unsigned) {}
#endif

int64_t nowMicroseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

class Lock {
public:
  explicit Lock(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }

private:
  pthread_mutex_t &mutex;
};

} // namespace

int heed::availableCores() {
  static std::atomic<int> cached{0};
  int cores = cached.load(std::memory_order_relaxed);
  if (!cores) {
    cpu_set_t allowed;
    bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
    cores = known ? CPU_COUNT(&allowed) : int(sysconf(_SC_NPROCESSORS_ONLN));
    cached.store(cores, std::memory_order_relaxed);
  }
  return cores;
}

template <typename Ready> void Parking::wait(Ready ready, int spinMicroseconds) {
  if (ready())
    return;
  for (int64_t end = nowMicroseconds() + spinMicroseconds; nowMicroseconds() < end;)
    for (int i = 0; i < 64; ++i, relax())
      if (ready())
        return;
  Lock lock(mutex);
  ++sleepers;
  while (!ready())
    pthread_cond_wait(&changed, &mutex);
  --sleepers;
}

void Parking::wake() {
  if (!sleepers)
    return;
  Lock lock(mutex);
  pthread_cond_broadcast(&changed);
}

void Pool::suggest(int threads) {
  int nothing = 0;
  most.compare_exchange_strong(nothing, threads);
}

void Pool::run(SharedLoop &loop, int threads) {
  grow(threads - 1);
  Place *mine = takePlace();
  if (!mine)
    return loop.work();
  loop.floatMode = floatMode();
  mine->loop = &loop;
  ++published;
  idle.wake();
  loop.work();
  mine->loop = nullptr;
  // Whoever found the loop in its place counts among the helpers until it has left it.
  finished.wait([&] { return mine->helpers == 0; }, spinMicroseconds);
  mine->taken = false;
}

Pool::Place *Pool::takePlace() {
  for (Place &candidate : place)
    if (!candidate.taken.exchange(true))
      return &candidate;
  return nullptr;
}

void Pool::work(int index) {
  int spin = index + 1 < availableCores() ? spinMicroseconds : 0;
  while (index < wanted) {
    unsigned seen = published;
    for (int i = 0; i < places; ++i) {
      Place &candidate = place[(index + i) % places];
      if (!candidate.loop)
        continue;
      ++candidate.helpers;
      if (SharedLoop *loop = candidate.loop) {
        setFloatMode(loop->floatMode);
        loop->work();
      }
      if (--candidate.helpers == 0)
        finished.wake();
    }
    idle.wait([&] { return published != seen || index >= wanted; }, spin);
  }
}

void *Pool::enter(void *worker) {
  Worker &self = *static_cast<Worker *>(worker);
  self.pool->work(self.index);
  return nullptr;
}

/// Threads start on first use; where the system gives no more, the others do the work.
void Pool::grow(int count) {
  if (running >= count)
    return;
  Lock lock(resizing);
  count = std::min(count, most - 1);
  sigset_t all, before; // the host's signal handlers run on the host's threads
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int index = running; index < count; ++index) {
    Worker &worker = workers[index] = {this, index, {}};
    wanted = index + 1;
    if (pthread_create(&worker.thread, nullptr, enter, &worker)) {
      wanted = index;
      break;
    }
    running = index + 1;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Pool::limit(int threads) {
  Lock lock(resizing);
  most = threads;
  if (running < threads)
    return;
  wanted = threads - 1;
  idle.wake();
  while (running >= threads)
    pthread_join(workers[--running].thread, nullptr);
}
