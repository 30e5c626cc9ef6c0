// Packed documents in every form, and with every result that has a key axis.
#include "tests/forms/Run.h"

using namespace heed;
using namespace heed::test;

namespace {

void check(const Plan &plan, bool hasResults, bool hasOffsets = false,
           const Array &starts = Array({5}, {0, 3, 3, 17, 20})) {
  SCOPED_TRACE(formName(plan));
  Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = 4});
  Segments documents = a.segments("starts");
  if (hasOffsets)
    a.queryOffsets();
  a.mask([&](Position p) {
    Integer place = hasOffsets ? p.place() : p.query;
    return documents.begin(place) <= p.key && p.key < documents.end(place);
  });
  if (hasResults)
    a.returnWeights(), a.returnScores(builder::Stage::Masked), a.returnKeySums();
  Compiled kernel(a.text(), plan);
  std::vector<Array> inputs = {wholeNumbers({1, 23, 2, 4}, 1), wholeNumbers({1, 23, 1, 4}, 2),
                               wholeNumbers({1, 23, 1, 4}, 3), starts};
  if (hasOffsets)
    inputs.push_back(Array({1}, 9));
  std::vector<Array> actual = kernel.run(inputs), expected = kernel.expected(inputs);
  for (size_t r = 0; r < actual.size(); r++) {
    SCOPED_TRACE(testing::Message() << "result " << r);
    ASSERT_NO_FATAL_FAILURE(expectNear(actual[r], expected[r]));
  }
}

} // namespace

TEST(Documents, InEveryForm) {
  for (const Plan &plan : smallPlans())
    check(plan, false);
}

TEST(Documents, WithResultsThatHaveAKeyAxis) { check(smallPlans()[1], true); }

// Where the queries stand is in memory: from the middle of the keys to past their end.
TEST(Documents, OfQueriesThatDataMoves) {
  for (const Plan &plan : smallPlans())
    check(plan, false, true);
}

// The starts are a tensor of no elements, between pages that may not be read.
TEST(Documents, WithoutASingleLength) {
  for (const Plan &plan : smallPlans())
    check(plan, false, false, Array({0}));
}
