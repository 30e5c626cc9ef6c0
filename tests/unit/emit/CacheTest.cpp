#include "compiler/emit/Cache.h"
#include "compiler/emit/Programs.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

using namespace heed;

namespace {

class CacheFolder : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(folder.create()); }

  std::string entry(llvm::StringRef key) { return folder.file("cache/llvmcache-" + key.str()); }

  TemporaryFolder folder;
  const std::string key = Cache::key({"kernel", "plan"}), blob = std::string("\0object\n", 8);
};

TEST(CacheKey, tellsPartsApart) {
  EXPECT_NE(Cache::key({"ab", "c"}), Cache::key({"a", "bc"}));
  EXPECT_NE(Cache::key({"a"}), Cache::key({"a", ""}));
  EXPECT_EQ(Cache::key({"a", "b"}), Cache::key({"a", "b"}));
}

TEST(CacheKey, isSha256) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(CompilerIdentity, isStableAndNamesHalide) {
  EXPECT_EQ(compilerIdentity(), compilerIdentity());
  EXPECT_NE(compilerIdentity().find("halide 21.0.0"), std::string::npos);
}

TEST_F(CacheFolder, givesBackWhatWasStored) {
  Cache cache(folder.file("cache"));
  EXPECT_EQ(cache.find(key), std::nullopt);
  cache.store(key, blob);
  EXPECT_EQ(cache.find(key), blob);
  EXPECT_EQ(cache.find(Cache::key({"other"})), std::nullopt);
  cache.store(key, "");
  EXPECT_EQ(cache.find(key), "");
}

TEST_F(CacheFolder, takesDamagedEntriesForMissing) {
  Cache cache(folder.file("cache"));
  for (const char *damage :
       {"", "short", "another checksum of the sixty-four characters that there are to be here",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adabC"}) {
    cache.store(key, blob);
    std::ofstream(entry(key)) << damage;
    EXPECT_EQ(cache.find(key), std::nullopt) << damage;
  }
  cache.store(key, blob);
  EXPECT_EQ(cache.find(key), blob);
}

TEST_F(CacheFolder, costsNothingButTimeWhereItCannotBe) {
  ASSERT_FALSE(folder.write("file", ""));
  Cache beneathAFile(folder.file("file")), none("");
  for (const Cache &cache : {beneathAFile, none}) {
    cache.store(key, blob);
    EXPECT_EQ(cache.find(key), std::nullopt);
  }
}

TEST_F(CacheFolder, servesManyWritersAtOnce) {
  Cache cache(folder.file("cache"));
  std::string large(100000, 'x');
  std::vector<std::thread> writers;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        cache.store(key, large);
        std::optional<std::string> found = cache.find(key);
        wrong += found != large;
      }
    });
  for (std::thread &writer : writers)
    writer.join();
  EXPECT_EQ(wrong, 0);
}

TEST(CacheDefault, followsXdg) {
  setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(Cache::defaultFolder(), "/somewhere/heed");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(Cache::defaultFolder(), "/home/me/.cache/heed");
}

} // namespace
