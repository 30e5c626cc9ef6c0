#include "compiler/emit/Programs.h"

#include "llvm/Support/FileSystem.h"

#include <gmock/gmock.h>

using namespace heed;
using ::testing::HasSubstr;

namespace {

TEST(TemporaryFolder, goesWithItsFiles) {
  std::string file;
  {
    TemporaryFolder folder;
    ASSERT_FALSE(folder.create());
    ASSERT_FALSE(folder.write("x", "text"));
    EXPECT_EQ(*folder.read("x"), "text");
    file = folder.file("x");
    EXPECT_TRUE(llvm::sys::fs::exists(file));
    EXPECT_THAT(llvm::toString(folder.read("y").takeError()), HasSubstr("cannot read "));
  }
  EXPECT_FALSE(llvm::sys::fs::exists(file));
}

TEST(TemporaryFolder, saysSoWhenItCannotBe) {
  TemporaryFolder folder;
  setenv("TMPDIR", "/nowhere/at/all", 1);
  std::string message = llvm::toString(folder.create());
  unsetenv("TMPDIR");
  EXPECT_THAT(message, HasSubstr("cannot create a temporary folder: "));
  EXPECT_THAT(message, HasSubstr("set TMPDIR to a folder that can be written"));
}

TEST(RunProgram, takesTheFirstThatIsThere) {
  TemporaryFolder folder;
  ASSERT_FALSE(folder.create());
  EXPECT_FALSE(runProgram({"no-such-program", "true"}, "coreutils", {}, folder));
}

TEST(RunProgram, namesThePackageOfWhatIsMissing) {
  TemporaryFolder folder;
  ASSERT_FALSE(folder.create());
  EXPECT_EQ(llvm::toString(runProgram({"no-such-linker", "nor-this"}, "binutils", {}, folder)),
            "this needs one of no-such-linker, nor-this on the PATH: install binutils");
}

TEST(RunProgram, repeatsWhatAFailureSaid) {
  TemporaryFolder folder;
  ASSERT_FALSE(folder.create());
  std::string message = llvm::toString(
      runProgram({"sh"}, "dash", {"-c", "echo out; echo wrong >&2; exit 3"}, folder));
  EXPECT_THAT(message, HasSubstr("/sh failed: out\nwrong"));
}

} // namespace
