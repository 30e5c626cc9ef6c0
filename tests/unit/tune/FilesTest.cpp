#include "tools/heed-tune/Files.h"
#include "compiler/emit/Programs.h"
#include "tests/unit/table/Entries.h"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace heed;
using namespace heed::tune;
using ::testing::HasSubstr;

namespace {

class TableFiles : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(folder.create());
    file = folder.file("t.json");
  }
  std::string update(std::vector<TableEntry> entries, const char *target = "x86-64-avx2") {
    return llvm::toString(updateTable(file, target, entries));
  }

  TemporaryFolder folder;
  std::string file;
};

TEST_F(TableFiles, mergeWhatIsThere) {
  EXPECT_EQ(update({entryAt(128, 128, onlinePlan(32))}), "");
  EXPECT_EQ(update({entryAt(256, 128, onlinePlan(64)), entryAt(128, 128, onlinePlan(96))}), "");
  Table table = llvm::cantFail(readTable(file));
  ASSERT_EQ(table.entries.size(), 2u);
  EXPECT_EQ(table.entries[0].plan, onlinePlan(96));
  EXPECT_EQ(table.entries[1].plan, onlinePlan(64));
}

// Twelve processes, each with ten entries of its own, one after the other: none is lost.
TEST_F(TableFiles, severalTunersLoseNothing) {
  constexpr int processes = 12, each = 10;
  for (int process = 0; process < processes; ++process)
    if (fork() == 0) {
      bool good = true;
      for (int i = 0; i < each; ++i)
        good &= update({entryAt(1 + process, 1 + i, onlinePlan(32))}).empty();
      _exit(good ? 0 : 1);
    }
  for (int process = 0; process < processes; ++process) {
    int status = 0;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(llvm::cantFail(readTable(file)).entries.size(), size_t(processes * each));
}

TEST_F(TableFiles, whatCannotBeReadIsLeftAlone) {
  llvm::cantFail(folder.write("t.json", "{\"heed_table\": 1,"));
  EXPECT_THAT(update({entryAt(128, 128, onlinePlan(32))}), HasSubstr("t.json:1:"));
  EXPECT_EQ(llvm::cantFail(folder.read("t.json")), "{\"heed_table\": 1,");
}

TEST_F(TableFiles, aTableIsForOneTarget) {
  EXPECT_EQ(update({entryAt(128, 128, onlinePlan(32))}), "");
  EXPECT_THAT(update({}, "x86-64-sse41"),
              HasSubstr("t.json: error: this table is for x86-64-avx2, not x86-64-sse41: choose "
                        "another file with --table"));
}

TEST_F(TableFiles, sayWhyTheyCannotBeWritten) {
  EXPECT_THAT(llvm::toString(updateTable("/nowhere/t.json", "x86-64-avx2", {})),
              HasSubstr("cannot write /nowhere/t.json.lock: No such file or directory; choose "
                        "another place with --table"));
  EXPECT_THAT(llvm::toString(replaceFile("/dev/full/x", "")),
              HasSubstr("cannot write /dev/full/x: Not a directory"));
  EXPECT_THAT(llvm::toString(cannotWrite("t.json", ENOSPC)),
              HasSubstr("cannot write t.json: No space left on device; free some space and run "
                        "again: nothing measured so far is lost"));
}

} // namespace
