#include "compiler/emit/Programs.h"
#include "tests/unit/tune/Trials.h"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace heed;
using namespace heed::tune;
using ::testing::HasSubstr;

namespace {

class Logs : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(folder.create());
    file = folder.file("t.log");
  }
  std::string text() const { return llvm::cantFail(folder.read("t.log")); }
  void write(const std::string &text) { llvm::cantFail(folder.write("t.log", text)); }

  TemporaryFolder folder;
  std::string file;
};

TEST_F(Logs, keepWhatWasAppended) {
  Trial failed = trialOf(32, 0, 0, Outcome::Crashed);
  failed.note = "killed by \"signal\" 11\n\xff";
  {
    Log log;
    ASSERT_FALSE(log.open(file));
    EXPECT_TRUE(log.trials().empty());
    EXPECT_FALSE(log.append(trialOf(64, 0.5)));
    EXPECT_FALSE(log.append(failed));
    EXPECT_EQ(log.trials().size(), 2u);
  }
  Log again;
  ASSERT_FALSE(again.open(file));
  ASSERT_EQ(again.trials().size(), 2u);
  const Trial &first = again.trials()[0], &second = again.trials()[1];
  EXPECT_EQ(first.setting, someSetting());
  EXPECT_EQ(first.plan, planOf(64));
  EXPECT_EQ(first.seconds, 0.5);
  EXPECT_EQ(first.peak, 1e11);
  EXPECT_EQ(first.search, "guided");
  EXPECT_EQ(second.outcome, Outcome::Crashed);
  EXPECT_THAT(second.note, HasSubstr("killed by \"signal\" 11\n"));
  EXPECT_FALSE(again.firstIgnored);
}

TEST_F(Logs, tellSettingsApart) {
  Log log;
  ASSERT_FALSE(log.open(file));
  ASSERT_FALSE(log.append(trialOf(64, 0.5)));
  for (std::string Setting::*field : {&Setting::machine, &Setting::compiler, &Setting::kernel,
                                      &Setting::target, &Setting::extents, &Setting::layouts}) {
    Setting other = someSetting();
    other.*field += "x";
    EXPECT_TRUE(log.of(other).empty());
  }
  Setting threads = someSetting();
  threads.threads = 2;
  EXPECT_TRUE(log.of(threads).empty());
  EXPECT_EQ(log.of(someSetting()).size(), 1u);
}

// Wherever a process dies while it writes, only the line it was writing is lost, and the log goes
// on.
TEST_F(Logs, cutShortAtAnyByteLoseTheLastLineAlone) {
  {
    Log log;
    ASSERT_FALSE(log.open(file));
    for (int keyTile : {32, 64, 96})
      ASSERT_FALSE(log.append(trialOf(keyTile, 0.5)));
  }
  const std::string whole = text();
  for (size_t length = 0; length <= whole.size(); ++length) {
    write(whole.substr(0, length));
    size_t lines = std::count(whole.begin(), whole.begin() + long(length), '\n');
    Log log;
    ASSERT_FALSE(log.open(file));
    ASSERT_EQ(log.trials().size(), lines) << "cut at " << length;
    ASSERT_FALSE(log.firstIgnored);
    ASSERT_FALSE(log.append(trialOf(128, 0.25)));
    Log again;
    ASSERT_FALSE(again.open(file));
    ASSERT_EQ(again.trials().size(), lines + 1) << "cut at " << length;
    ASSERT_EQ(again.trials().back().plan, planOf(128));
  }
}

TEST_F(Logs, passOverLinesThatHoldNoTrial) {
  {
    Log log;
    ASSERT_FALSE(log.open(file));
    ASSERT_FALSE(log.append(trialOf(32, 0.5)));
  }
  std::string good = text(), illegal = good;
  illegal.replace(illegal.find("\"key_tile\":32"), 13, "\"key_tile\":31");
  write(good + "\n{}\n[1]\nnonsense \xff\n" + illegal + good);
  Log log;
  ASSERT_FALSE(log.open(file));
  EXPECT_EQ(log.trials().size(), 2u);
  EXPECT_EQ(log.firstIgnored, 2u);
}

TEST_F(Logs, sayWhyTheyCannotBeWritten) {
  Log log;
  EXPECT_THAT(llvm::toString(log.open("/nowhere/t.log")),
              HasSubstr("cannot write /nowhere/t.log: No such file or directory; choose another "
                        "place with --table"));
  Log folderLog;
  EXPECT_THAT(llvm::toString(folderLog.open("/tmp")),
              HasSubstr("cannot write /tmp: Is a directory"));
}

// A disk that is full in the middle of a line: what was there stays, and can be gone on with.
TEST_F(Logs, aFullDiskLosesNothingThatWasWritten) {
  pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    Log log;
    bool good = !log.open(file) && !log.append(trialOf(32, 0.5));
    struct stat status;
    stat(file.c_str(), &status);
    rlimit limit{rlim_t(status.st_size) + 40, rlim_t(status.st_size) + 40};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string why = llvm::toString(log.append(trialOf(64, 0.5)));
    good &= why.find("free some space and run again: nothing measured so far is lost") !=
            std::string::npos;
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  Log log;
  ASSERT_FALSE(log.open(file));
  EXPECT_EQ(log.trials().size(), 1u);
  std::string left = text();
  EXPECT_EQ(std::count(left.begin(), left.end(), '\n'), 1);
}

} // namespace
