#include "tools/heed-tune/Children.h"

#include <gmock/gmock.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace heed::tune;
using ::testing::HasSubstr;

namespace {

Ending endingOf(std::function<std::string()> work, double limit = 60) {
  Child child(std::move(work), limit);
  while (!child.wait(1))
    ;
  return child.ending();
}

TEST(Children, handBackText) {
  std::string large(1 << 20, 'x'); // more than a pipe holds
  Ending ending = endingOf([&] { return large; });
  EXPECT_EQ(ending.how, Ending::Done);
  EXPECT_EQ(ending.text, large);
}

TEST(Children, mayCrash) {
  Ending ending = endingOf([]() -> std::string { std::raise(SIGSEGV), _exit(0); });
  EXPECT_EQ(ending.how, Ending::Crashed);
  EXPECT_THAT(ending.text, HasSubstr("killed by signal 11 (Segmentation fault)"));
  ending = endingOf([]() -> std::string { _exit(3); });
  EXPECT_EQ(ending.how, Ending::Crashed);
  EXPECT_EQ(ending.text, "exit status 3");
}

TEST(Children, mayHang) {
  Ending ending = endingOf(
      []() -> std::string {
        for (;;)
          pause();
      },
      1);
  EXPECT_EQ(ending.how, Ending::Hung);
  EXPECT_EQ(ending.text, "no answer within 1 s");
}

TEST(Children, timeSpentPausedDoesNotCount) {
  Child child([] { return std::string("done"); }, 1);
  child.pause();
  EXPECT_FALSE(child.wait(1.5));
  child.resume();
  while (!child.wait(1))
    ;
  EXPECT_EQ(child.ending().how, Ending::Done);
}

TEST(Children, endWithTheirObject) {
  {
    Child child(
        []() -> std::string {
          for (;;)
            pause();
        },
        60);
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

// A tuner that is killed leaves no compilers and kernels running.
TEST(Children, dieWithTheirParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  pid_t parent = fork();
  if (parent == 0) {
    Child child(
        [&]() -> std::string {
          pid_t self = getpid();
          (void)!write(ends[1], &self, sizeof self);
          for (;;)
            pause();
        },
        60);
    for (;;)
      pause();
  }
  pid_t grandchild = 0;
  ASSERT_EQ(read(ends[0], &grandchild, sizeof grandchild), ssize_t(sizeof grandchild));
  close(ends[1]); // the grandchild has the other
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  char nothing;
  EXPECT_EQ(read(ends[0], &nothing, 1), 0) << "returns when the last holder of the pipe is gone";
}

} // namespace
