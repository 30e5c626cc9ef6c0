// That all is read, by as many threads, and what is said of it: no figure of time.
#include "tools/measure/ReadLoop.h"
#include "tools/measure/Tensor.h"

#include <gtest/gtest.h>

#include <sys/mman.h>

using namespace heed;
using namespace heed::measure;

namespace {

TEST(ReadLoop, CountsItsBytes) {
  Tensor large(ElementType::F32, {1000}, {0}), small(ElementType::I8, {100}, {0});
  ReadLoop loop({{large.data(), large.bytes()}, {small.data(), small.bytes()}}, 1);
  EXPECT_EQ(loop.bytes(), 4100u);
  loop.run();
}

/// Pages that are not there yet come in when they are touched.
TEST(ReadLoop, TouchesEveryPage) {
  constexpr size_t page = 4096, pages = 37, bytes = page * pages;
  for (int threads : {1, 3}) {
    void *memory = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    ReadLoop loop({{memory, bytes}}, threads);
    for (int pass = 0; pass < 3; ++pass)
      loop.run();
    std::vector<unsigned char> isHere(pages);
    // The shared page of zeros counts as resident where it was mapped by a read.
    ASSERT_EQ(mincore(memory, bytes, isHere.data()), 0);
    for (size_t i = 0; i < pages; ++i)
      EXPECT_TRUE(isHere[i] & 1) << "page " << i << " of " << threads << " threads";
    munmap(memory, bytes);
  }
}

TEST(ReadLoop, MayBeMovedAndNeverRun) {
  Tensor tensor(ElementType::F32, {1000}, {0});
  ReadLoop loop({{tensor.data(), tensor.bytes()}}, 2);
  ReadLoop moved = std::move(loop);
  EXPECT_EQ(moved.bytes(), 4000u);
}

} // namespace
