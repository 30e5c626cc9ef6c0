// Values that lead out of the tensors: a message before any memory is touched. Queries, keys,
// values and the output of these calls lie in pages that nobody may read or write.
#include "tests/forms/Run.h"

#include <gmock/gmock.h>

#include <climits>

using namespace heed;
using namespace heed::test;
using testing::HasSubstr;

namespace {

constexpr int64_t batch = 2, queries = 6, pages = 3, pageSize = 4, pool = 8;

/// Of a paged cache, padded batches and packed documents: every integer that a kernel takes.
class BadValues : public testing::Test {
protected:
  std::vector<double> table = {7, 0, 3, 1, 2, 5}, keyLengths = {12, 5}, queryLengths = {6, 0},
                      starts = {0, 2, 2, 6}, offsets = {INT_MIN, INT_MAX};

  std::string said(const Plan &plan = smallPlans()[0]) {
    static std::map<std::string, Compiled> kernels;
    auto known = kernels.find(formName(plan));
    if (known == kernels.end())
      known = kernels.try_emplace(formName(plan), text(), plan).first;
    return known->second.callUntouched(
        {Array({batch, queries, 2, 8}), Array({pool, pageSize, 1, 8}),
         Array({pool, pageSize, 1, 8}), Array({batch, pages}, table), Array({batch}, keyLengths),
         Array({batch}, queryLengths), Array({batch}, offsets),
         Array({int64_t(starts.size())}, starts)});
  }

  /// `said`, of every form, is `message`.
  void expectEverywhere(const std::string &message) {
    for (const Plan &plan : smallPlans())
      EXPECT_THAT(said(plan), HasSubstr(message)) << formName(plan);
  }

private:
  static std::string text() {
    Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = 8});
    a.paged(pageSize, "table");
    a.keyLengths("key_lengths"), a.queryLengths("query_lengths"), a.queryOffsets("offsets");
    Segments documents = a.segments("starts");
    a.mask([&](Position p) {
      return documents.begin(p.query) <= p.key && p.key < documents.end(p.query);
    });
    return a.text();
  }
};

using BadValuesDeathTest = BadValues;

} // namespace

TEST_F(BadValues, OfBlockTables) {
  for (double page : {-1.0, double(pool), double(INT_MAX), double(INT_MIN)}) {
    table[4] = page;
    expectEverywhere("argument 'table': element (1, 1) is " + std::to_string(int(page)) +
                     ", expected 0 to 7");
  }
}

TEST_F(BadValues, OfKeyLengths) {
  for (double length : {13.0, -1.0, double(INT_MAX)}) {
    keyLengths[1] = length;
    expectEverywhere("argument 'key_lengths': element (1) is " + std::to_string(int(length)) +
                     ", expected 0 to 12");
  }
}

TEST_F(BadValues, OfQueryLengths) {
  for (double length : {7.0, -1.0}) {
    queryLengths[0] = length;
    expectEverywhere("argument 'query_lengths': element (0) is " + std::to_string(int(length)) +
                     ", expected 0 to 6");
  }
}

TEST_F(BadValues, OfCumulativeLengths) {
  starts = {0, 4, 2, 6};
  expectEverywhere("argument 'starts': element (2) is 2, less than the one before it (4): "
                   "cumulative lengths never decrease");
  starts = {-2, 0, 2, 6};
  expectEverywhere("argument 'starts': element (0) is -2, expected 0 to ");
  starts = {0, 2, 2, INT_MAX};
  expectEverywhere("argument 'starts': element (3) is 2147483647, expected 0 to ");
}

// Else the tests above would show nothing.
TEST_F(BadValuesDeathTest, WithGoodOnesTheMemoryIsTouched) {
  EXPECT_EXIT(said(), testing::KilledBySignal(SIGSEGV), "");
}
