// Loops on our threads and on the host's.
#include "runtime/Threads.h"
#include "runtime/Pool.h"
#include "tests/unit/runtime/CountThreads.h"
#include "tests/unit/runtime/FakeKernel.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace heed::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <typename Body> void loop(int count, Body body) {
  runLoop([](void *data, int i) { (*static_cast<Body *>(data))(i); }, &body, count);
}

/// How often a loop of `count` calls each index.
std::vector<int> visits(int count) {
  std::vector<std::atomic<int>> visited(count);
  loop(count, [&](int i) { ++visited[i]; });
  return {visited.begin(), visited.end()};
}

/// Lets `count` threads meet; false where they don't within half a minute.
class Meeting {
public:
  explicit Meeting(int count) : missing(count) {}
  bool arrive() {
    std::unique_lock lock(mutex);
    if (--missing == 0)
      all.notify_all();
    return all.wait_for(lock, seconds(30), [&] { return missing <= 0; });
  }

private:
  std::mutex mutex;
  std::condition_variable all;
  int missing;
};

struct Threads : testing::Test {
  ~Threads() override {
    unsetenv("HEED_NUM_THREADS");
    heed_set_run_loop(nullptr, nullptr);
    heed_set_threads(0);
  }
};

TEST_F(Threads, EveryIndexOnce) {
  for (int threads = 1; threads <= 5; ++threads)
    for (int count : {0, 1, 2, 3, 7, 1000}) {
      heed_set_threads(threads);
      EXPECT_EQ(visits(count), std::vector(count, 1)) << threads << " threads, " << count;
    }
}

TEST_F(Threads, WorkIsSpreadOverThem) {
  heed_set_threads(3);
  Meeting meeting(3);
  std::atomic<int> met{0};
  loop(3, [&](int) { met += meeting.arrive(); });
  EXPECT_EQ(met, 3);
}

TEST_F(Threads, SleepingWorkersWakeUp) {
  heed_set_threads(2);
  for (int pause : {0, 20}) {
    std::this_thread::sleep_for(milliseconds(pause)); // longer than they spin
    Meeting meeting(2);
    std::atomic<int> met{0};
    loop(2, [&](int) { met += meeting.arrive(); });
    EXPECT_EQ(met, 2) << "after " << pause << " ms";
  }
}

TEST_F(Threads, CallerWaitsForTheLastTask) {
  heed_set_threads(2);
  std::atomic<int> done{0};
  Meeting meeting(2);
  loop(2, [&](int i) {
    meeting.arrive();
    std::this_thread::sleep_for(milliseconds(i * 20)); // past the caller's spinning
    ++done;
  });
  EXPECT_EQ(done, 2);
}

#if defined(__x86_64__)
TEST_F(Threads, WorkersTreatDenormalsAsTheCallerDoes) {
  heed_set_threads(2);
  unsigned before = __builtin_ia32_stmxcsr();
  for (unsigned flushToZero : {0u, 0x8000u, 0u}) {
    __builtin_ia32_ldmxcsr((before & ~0x8000u) | flushToZero);
    float products[2];
    Meeting meeting(2);
    loop(2, [&](int i) {
      meeting.arrive();
      volatile float tiny = 1e-30f;
      products[i] = tiny * 1e-10f;
    });
    __builtin_ia32_ldmxcsr(before);
    EXPECT_EQ(products[0] == 0, flushToZero != 0);
    EXPECT_EQ(products[0], products[1]);
  }
}
#endif

TEST_F(Threads, OneThreadIsTheCaller) {
  heed_set_threads(1);
  std::vector<int> order;
  loop(5, [&](int i) { order.push_back(i); });
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(Threads, LoopsInsideLoopsStayOnTheirThread) {
  heed_set_threads(3);
  std::atomic<int> inner{0}, elsewhere{0};
  loop(8, [&](int) {
    auto self = std::this_thread::get_id();
    loop(8, [&](int) {
      ++inner;
      elsewhere += std::this_thread::get_id() != self;
    });
  });
  EXPECT_EQ(inner, 64);
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(Threads, ManyCallersWhileTheNumberChanges) {
  constexpr int callers = Pool::places + 4, rounds = 200, count = 50;
  std::atomic<int64_t> sum{0};
  std::atomic<bool> done{false};
  std::thread changer([&] {
    for (int n = 0; !done; ++n) {
      heed_set_threads(1 + n % 4);
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller)
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round)
        loop(count, [&](int i) { sum += i; });
    });
  for (std::thread &thread : threads)
    thread.join();
  done = true;
  changer.join();
  EXPECT_EQ(sum, int64_t(callers) * rounds * count * (count - 1) / 2);
}

TEST_F(Threads, NumberIsKept) {
  heed_set_threads(3);
  EXPECT_EQ(heed_threads(), 3);
  heed_set_threads(1 << 30);
  EXPECT_EQ(heed_threads(), Pool::maxThreads);
  heed_set_threads(-5);
  EXPECT_EQ(heed_threads(), std::min(availableCores(), Pool::maxThreads));
}

TEST_F(Threads, NumberFromTheEnvironment) {
  setenv("HEED_NUM_THREADS", "7", 1);
  heed_set_threads(0);
  EXPECT_EQ(heed_threads(), 7);
  for (const char *useless : {"", "0", "-3", "many"}) {
    setenv("HEED_NUM_THREADS", useless, 1);
    heed_set_threads(0);
    EXPECT_EQ(heed_threads(), availableCores()) << "'" << useless << "'";
  }
}

TEST_F(Threads, SurplusWorkersEnd) {
  heed_set_threads(1);
  ASSERT_EQ(threadsSettlingAt(1), 1u);
  heed_set_threads(4);
  visits(100);
  EXPECT_EQ(threadsSettlingAt(4), 4u);
  heed_set_threads(1);
  EXPECT_EQ(threadsSettlingAt(1), 1u);
}

/// A host's pool that runs each index on a thread of its own, the last one first.
struct Host {
  int loops = 0;

  static void run(void *context, heed_loop_body body, void *data, int count) {
    ++static_cast<Host *>(context)->loops;
    std::vector<std::thread> threads;
    for (int i = count; i-- > 0;)
      threads.emplace_back([=] { body(data, i); });
    for (std::thread &thread : threads)
      thread.join();
  }
};

TEST_F(Threads, LoopsOfTheHost) {
  Host host;
  heed_set_threads(1);
  heed_set_run_loop(Host::run, &host);
  EXPECT_EQ(visits(9), std::vector(9, 1));
  std::atomic<int> inner{0};
  loop(3, [&](int) { loop(4, [&](int) { ++inner; }); });
  EXPECT_EQ(inner, 12);
  EXPECT_EQ(host.loops, 2) << "inner loops must not come back to the host";
  heed_set_run_loop(nullptr, nullptr);
  EXPECT_EQ(visits(9), std::vector(9, 1));
  EXPECT_EQ(host.loops, 2);
}

TEST_F(Threads, ForkedChildrenHaveThreadsOfTheirOwn) {
  heed_set_threads(3);
  visits(100);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);
    Meeting meeting(3);
    std::atomic<int> met{0};
    loop(3, [&](int) { met += meeting.arrive(); });
    exit(met == 3 && heed_threads() == 3 ? 0 : 1); // runs the destructors, too
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  EXPECT_EQ(visits(100), std::vector(100, 1));
}

} // namespace
} // namespace heed::test
