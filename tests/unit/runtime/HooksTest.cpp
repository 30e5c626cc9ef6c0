// What generated code calls: memory, parallel loops, and how it is left when one of them fails.
#include "runtime/Workspace.h"
#include "tests/unit/runtime/FakeKernel.h"

#include <HalideRuntime.h>
#include <gmock/gmock.h>

#include <atomic>
#include <cstring>
#include <malloc.h>
#include <thread>

namespace heed::test {
namespace {

constexpr size_t hopeless = SIZE_MAX / 4, absurd = SIZE_MAX - 3;

struct Hooks : testing::Test {
  Hooks() { heed_set_threads(3); }
  ~Hooks() override {
    EXPECT_EQ(newestWorkspace(), nullptr) << "a block is still in use";
    heed_set_threads(0);
  }
  AttentionCall call;
};

TEST_F(Hooks, MemoryIsAlignedAndPadded) {
  for (size_t bytes : {0, 1, 63, 64, 65, 1000, 1 << 20}) {
    auto *data = static_cast<volatile char *>(halide_malloc(nullptr, bytes));
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(uintptr_t(data) % 64, 0u);
    for (size_t i = 0; i < bytes; ++i)
      data[i] = 1;
    (void)data[-8], (void)data[bytes + 7]; // Halide reads that far; the sanitizer looks on
    halide_free(nullptr, const_cast<char *>(data));
  }
}

TEST_F(Hooks, FreeingNothingIsFine) { halide_free(nullptr, nullptr); }

TEST_F(Hooks, BlocksComeBack) {
  void *big = halide_malloc(nullptr, 300000), *small = halide_malloc(nullptr, 1000);
  halide_free(nullptr, big);
  halide_free(nullptr, small);
  EXPECT_EQ(halide_malloc(nullptr, 900), small);
  EXPECT_EQ(halide_malloc(nullptr, 290000), big);
  void *tiny = halide_malloc(nullptr, 64);
  halide_free(nullptr, big);
  EXPECT_NE(tiny, big);
  void *other = halide_malloc(nullptr, 64);
  EXPECT_NE(other, big) << "a small request must not take a big block";
  for (void *data : {small, tiny, other})
    halide_free(nullptr, data);
}

/// Bytes that malloc has given out.
size_t bytesInUse() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct HooksMemory : Hooks {
  void SetUp() override {
    if (!bytesInUse())
      GTEST_SKIP() << "this malloc does not count (a sanitizer's)";
  }
};

TEST_F(HooksMemory, KeptBytesAreBounded) {
  std::vector<void *> blocks;
  size_t before = bytesInUse();
  for (int i = 0; i < 40; ++i)
    blocks.push_back(halide_malloc(nullptr, 20 << 20));
  EXPECT_GE(bytesInUse(), before + (800 << 20));
  for (void *block : blocks)
    halide_free(nullptr, block);
  EXPECT_LE(bytesInUse(), before + (64 << 20));
}

TEST_F(HooksMemory, KeptBytesGoWithTheirThread) {
  size_t before = bytesInUse(), during = 0;
  std::thread([&] {
    halide_free(nullptr, halide_malloc(nullptr, 20 << 20));
    during = bytesInUse();
  }).join();
  EXPECT_GE(during, before + (20 << 20));
  EXPECT_LT(bytesInUse(), before + (20 << 20));
}

TEST_F(Hooks, NoMemoryOutsideACall) {
  EXPECT_EQ(halide_malloc(nullptr, hopeless), nullptr);
  EXPECT_EQ(halide_malloc(nullptr, absurd), nullptr);
}

TEST_F(Hooks, NoMemoryLeavesTheStage) {
  for (size_t bytes : {hopeless, absurd}) {
    bool wentOn = false;
    call.stage = [&](void **) {
      halide_malloc(nullptr, 5000);
      memset(halide_malloc(nullptr, bytes), 0, bytes); // as generated code does, unchecked
      wentOn = true;
      return 0;
    };
    EXPECT_EQ(outcome(call.run()),
              "out of memory: attention: no memory for the kernel's workspace");
    EXPECT_FALSE(wentOn);
  }
}

/// A loop of `count` tasks as generated code runs it.
template <typename Task> int parallelLoop(int first, int count, Task &task) {
  return halide_do_par_for(
      nullptr, [](void *, int i, uint8_t *data) { return (*reinterpret_cast<Task *>(data))(i); },
      first, count, reinterpret_cast<uint8_t *>(&task));
}

TEST_F(Hooks, LoopsStartAnywhere) {
  std::atomic<int> sum{0};
  auto task = [&](int i) { return sum += i, 0; };
  EXPECT_EQ(parallelLoop(-3, 10, task), 0);
  EXPECT_EQ(sum, 15);
}

TEST_F(Hooks, FailingTasksLeaveTheStage) {
  std::atomic<int> tasks{0};
  bool wentOn = false;
  auto task = [&](int i) { return ++tasks, i == 2 ? -5 : 0; };
  call.stage = [&](void **) {
    halide_malloc(nullptr, 5000);
    parallelLoop(0, 1000, task);
    wentOn = true;
    return 0;
  };
  EXPECT_EQ(outcome(call.run()),
            "internal error: attention: stage 0 of x86-64-sse41 failed with Halide's error -5");
  EXPECT_FALSE(wentOn);
  EXPECT_LT(tasks, 1000) << "tasks after the failing one are skipped";
}

TEST_F(Hooks, NoMemoryInATaskEndsTheCallAndTheNextOneWorks) {
  for (int round = 0; round < 20; ++round) {
    auto inner = [&](int i) {
      void *first = halide_malloc(nullptr, 3000);
      void *second = halide_malloc(nullptr, i == 1 ? hopeless : 64);
      return halide_free(nullptr, second), halide_free(nullptr, first), 0;
    };
    auto outer = [&](int) {
      void *data = halide_malloc(nullptr, 7000);
      parallelLoop(0, 4, inner);
      return halide_free(nullptr, data), 0;
    };
    auto alone = [&](int) { return parallelLoop(0, 4, inner); };
    call.stage = [&](void **) { return parallelLoop(0, 1, alone), parallelLoop(0, 8, outer); };
    EXPECT_EQ(call.run(), HEED_OUT_OF_MEMORY);
    call.stage = [&](void **) { return parallelLoop(0, 8, outer); };
    EXPECT_EQ(call.run(), HEED_OUT_OF_MEMORY);
    EXPECT_EQ(newestWorkspace(), nullptr);
    auto good = [&](int) { return halide_free(nullptr, halide_malloc(nullptr, 7000)), 0; };
    call.stage = [&](void **) { return parallelLoop(0, 8, good); };
    EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  }
}

/// Sums of rows in a fixed order: what a kernel does, with temporaries and a loop over threads.
std::vector<float> rowSums() {
  AttentionCall call(2, 33, 5, 4, 2);
  for (int i = 0; i < 2 * 33 * 4 * 8; ++i)
    call.tensors[Query].elements<float>()[i] = 1.0f / (i + 1);
  call.stage = [&](void **) {
    auto task = [&](int row) {
      auto *copy = static_cast<float *>(halide_malloc(nullptr, 32 * sizeof(float)));
      memcpy(copy, call.tensors[Query].elements<float>() + row * 32, 32 * sizeof(float));
      float sum = 0;
      for (int i = 0; i < 32; ++i)
        call.tensors[Output].elements<float>()[row * 32 + i] = sum += copy[i];
      halide_free(nullptr, copy);
      return 0;
    };
    return parallelLoop(0, 2 * 33, task);
  };
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  float *output = call.tensors[Output].elements<float>();
  return {output, output + 2 * 33 * 32};
}

TEST_F(Hooks, SameBitsForAnyNumberOfThreads) {
  heed_set_threads(1);
  std::vector<float> expected = rowSums();
  EXPECT_GT(expected.back(), 0);
  for (int threads : {2, 3, 8}) {
    heed_set_threads(threads);
    EXPECT_EQ(rowSums(), expected) << threads << " threads";
  }
}

TEST_F(Hooks, CallsFromManyThreads) {
  std::vector<float> expected = rowSums();
  std::atomic<int> wrong{0};
  std::vector<std::thread> hosts;
  for (int i = 0; i < 12; ++i)
    hosts.emplace_back([&] {
      for (int round = 0; round < 30; ++round)
        wrong += rowSums() != expected;
    });
  for (std::thread &host : hosts)
    host.join();
  EXPECT_EQ(wrong, 0);
}

} // namespace
} // namespace heed::test
