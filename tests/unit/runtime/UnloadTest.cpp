// A shared library with the runtime inside leaves nothing running when it goes.
#include "tests/unit/runtime/CountThreads.h"

#include <heed/heed.h>

#include <gtest/gtest.h>

#include <dlfcn.h>

namespace heed::test {
namespace {

TEST(Unload, NoThreadStaysBehind) {
  heed_set_threads(1); // of the tests' own runtime
  ASSERT_EQ(threadsSettlingAt(1), 1u);
  for (int round = 0; round < 10; ++round) {
    void *library = dlopen(HEED_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    auto run = reinterpret_cast<int (*)()>(dlsym(library, "runPlugin"));
    ASSERT_NE(run, nullptr) << dlerror();
    EXPECT_EQ(run(), 64);
    EXPECT_EQ(threadsSettlingAt(3), 3u);
    // A host's thread that has used the library may end after it: nothing of it may be called then.
    std::thread late([&] {
      EXPECT_EQ(run(), 64);
      dlclose(library);
    });
    late.join();
    EXPECT_EQ(dlopen(HEED_PLUGIN, RTLD_NOW | RTLD_NOLOAD), nullptr) << "still loaded";
    EXPECT_EQ(threadsSettlingAt(1), 1u);
  }
  heed_set_threads(0);
}

TEST(Unload, LibrariesKeepTheirSettingsToThemselves) {
  void *library = dlopen(HEED_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  auto run = reinterpret_cast<int (*)()>(dlsym(library, "runPlugin"));
  auto threads = reinterpret_cast<int (*)()>(dlsym(library, "heed_threads"));
  ASSERT_TRUE(run && threads) << dlerror();
  EXPECT_EQ(run(), 64);
  EXPECT_EQ(threads(), 3);
  EXPECT_EQ(dlsym(library, "halide_malloc"), nullptr)
      << "the hooks must not be visible from outside";
  dlclose(library);
}

} // namespace
} // namespace heed::test
