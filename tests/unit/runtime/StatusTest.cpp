#include "tests/unit/runtime/FakeKernel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

namespace heed::test {
namespace {

TEST(Status, EveryStatusHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int status = HEED_OK; status <= HEED_FULL; ++status)
    names.insert(heed_status_name(heed_status(status)));
  EXPECT_EQ(names.size(), HEED_FULL + 1u);
  EXPECT_EQ(names.count("unknown status"), 0u);
  EXPECT_STREQ(heed_status_name(heed_status(-1)), "unknown status");
  EXPECT_STREQ(heed_status_name(heed_status(1000)), "unknown status");
}

TEST(Status, LastErrorBelongsToTheThread) {
  EXPECT_EQ(heed_call(nullptr, nullptr), HEED_NULL_ARGUMENT);
  std::string fresh = "unset", own;
  std::thread([&] {
    fresh = heed_last_error();
    AttentionCall call;
    call.tensors[Query]->data = nullptr;
    call.run();
    own = heed_last_error();
  }).join();
  EXPECT_EQ(fresh, "");
  EXPECT_NE(own.find("data is NULL"), std::string::npos) << own;
  EXPECT_STREQ(heed_last_error(), "heed_call: the kernel is NULL");
}

TEST(Status, LongNamesAreCut) {
  AttentionCall call;
  std::string name(5000, 'x');
  call.arguments[Query].name = name.c_str();
  call.tensors[Query]->data = nullptr;
  EXPECT_EQ(call.run(), HEED_NULL_ARGUMENT);
  EXPECT_EQ(std::string(heed_last_error()).rfind("attention: argument 'xxx", 0), 0u);
  EXPECT_LT(strlen(heed_last_error()), 1024u);
}

} // namespace
} // namespace heed::test
