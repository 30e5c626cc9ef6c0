#include "compiler/emit/OutputFiles.h"
#include "compiler/emit/Programs.h"

#include "llvm/ADT/SmallString.h"

#include <gmock/gmock.h>

#include <csignal>
#include <sys/resource.h>

using namespace heed;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

class OutputFolder : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(folder.create()); }

  std::vector<std::string> listing(const std::string &name = "") {
    std::vector<std::string> names;
    std::error_code error;
    for (llvm::sys::fs::directory_iterator i(folder.file(name), error), end; i != end && !error;
         i.increment(error))
      names.push_back(i->path().substr(folder.file(name).size()));
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder;
};

TEST_F(OutputFolder, appearAtCommitWithTheirFolders) {
  OutputFiles files;
  ASSERT_FALSE(files.add(folder.file("new/deep/x.h"), "header"));
  ASSERT_FALSE(files.add(folder.file("new/deep/x.a"), "archive"));
  ASSERT_FALSE(files.commit());
  EXPECT_THAT(listing("new/deep/"), ElementsAre("x.a", "x.h"));
  EXPECT_EQ(*folder.read("new/deep/x.h"), "header");
}

TEST_F(OutputFolder, replaceOlderFiles) {
  ASSERT_FALSE(folder.write("x.h", "a longer, older text"));
  OutputFiles files;
  ASSERT_FALSE(files.add(folder.file("x.h"), "new"));
  EXPECT_EQ(*folder.read("x.h"), "a longer, older text");
  ASSERT_FALSE(files.commit());
  EXPECT_EQ(*folder.read("x.h"), "new");
}

TEST_F(OutputFolder, leaveNothingWithoutCommit) {
  {
    OutputFiles files;
    ASSERT_FALSE(files.add(folder.file("x.h"), "text"));
  }
  EXPECT_THAT(listing(), IsEmpty());
}

TEST_F(OutputFolder, refuseAFolderInTheirPlace) {
  ASSERT_FALSE(llvm::sys::fs::create_directory(folder.file("x.h")));
  OutputFiles files;
  EXPECT_THAT(
      llvm::toString(files.add(folder.file("x.h"), "text")),
      HasSubstr(
          "x.h: something that is no regular file stands there; choose another place with -o"));
}

TEST_F(OutputFolder, saySoWhenAFolderCannotBe) {
  ASSERT_FALSE(folder.write("file", ""));
  OutputFiles files;
  EXPECT_THAT(llvm::toString(files.add(folder.file("file/x.h"), "text")),
              HasSubstr("file/x.h: Not a directory"));
}

// A limit on the size of files stands in for a full disk: write() fails in the same place.
TEST_F(OutputFolder, saySoWhenTheDiskIsFull) {
  auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = {1000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  {
    OutputFiles files;
    message = llvm::toString(files.add(folder.file("x.a"), std::string(100000, 'x')));
  }
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, before);
  EXPECT_THAT(message, HasSubstr("x.a: File too large; free some space and run again"));
  EXPECT_THAT(listing(), IsEmpty());
}

} // namespace
