// Every rule and message of heed/cache.h; CacheRandomTest holds what caches hold.
#include "tests/unit/runtime/FailingMemory.h"
#include "tests/unit/runtime/FakeKernel.h"

#include <heed/cache.h>

#include <gmock/gmock.h>

#include <memory>

namespace heed::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr int64_t heads = 2, dim = 4;

/// 4 slots of 6 tokens, or 5 pages of 2 tokens.
heed_cache_options options(heed_cache_layout layout) {
  bool paged = layout == HEED_CACHE_PAGED;
  return {layout, float32, heads, dim, dim, 0, 4, paged ? 2 : 6, paged ? 5 : 0};
}

struct Cache {
  explicit Cache(heed_cache_layout layout) : Cache(options(layout)) {}
  explicit Cache(const heed_cache_options &options) {
    EXPECT_EQ(heed_cache_create(&options, &cache), HEED_OK) << heed_last_error();
  }
  ~Cache() {
    heed_view_release(&view);
    heed_cache_destroy(cache);
  }

  int32_t add() {
    int32_t id = -1;
    EXPECT_EQ(heed_cache_add(cache, &id), HEED_OK) << heed_last_error();
    return id;
  }
  /// Tokens 0, 1, ... whose keys are all `mark` + their number.
  heed_status append(std::vector<int32_t> ids, int64_t count, float mark = 0) {
    TestTensor keys(float32, {int64_t(ids.size()), count, heads, dim}), values = like(keys);
    for (int64_t i = 0; i < int64_t(ids.size()) * count * heads * dim; ++i)
      keys.elements<float>()[i] = mark + float(i / (heads * dim) % count);
    heed_cache_tokens tokens = {&keys.get(), &values.get(), nullptr, nullptr};
    return heed_cache_append(cache, ids.data(), int64_t(ids.size()), &tokens);
  }
  static TestTensor like(const TestTensor &tensor) { return TestTensor(float32, tensor.shape); }
  std::string look(std::vector<int32_t> ids, int64_t queries = 1) {
    heed_status status = heed_cache_view(cache, ids.data(), int64_t(ids.size()), queries, &view);
    return status ? outcome(status) : "";
  }
  std::vector<int32_t> numbers(const DLTensor &tensor) const {
    int64_t count = 1;
    for (int i = 0; i < tensor.ndim; ++i)
      count *= tensor.shape[i];
    auto *data = static_cast<const int32_t *>(tensor.data);
    return {data, data + count};
  }
  /// The first number of a token's key.
  float key(int64_t block, int64_t row) const {
    return static_cast<const float *>(
        view.keys.data)[block * view.keys.strides[0] + row * view.keys.strides[1]];
  }
  int64_t freePages() {
    int64_t sequences, pages;
    EXPECT_EQ(heed_cache_room(cache, &sequences, &pages), HEED_OK);
    return pages;
  }

  heed_cache *cache = nullptr;
  heed_view view = {};
};

std::vector<int64_t> shape(const DLTensor &tensor) {
  return {tensor.shape, tensor.shape + tensor.ndim};
}

std::string creationFailure(const heed_cache_options &options) {
  heed_cache *cache = nullptr;
  std::string text = outcome(heed_cache_create(&options, &cache));
  EXPECT_EQ(cache, nullptr);
  return text;
}

TEST(CacheCreate, Options) {
  const heed_cache_options good = options(HEED_CACHE_PAGED);
  struct {
    int64_t heed_cache_options::*field;
    int64_t value;
    const char *expected;
  } wrong[] = {
      {&heed_cache_options::heads, 0, "heads is 0, expected 1 to 2147483647"},
      {&heed_cache_options::key_dim, -1, "key_dim is -1, expected 1 to 2147483647"},
      {&heed_cache_options::value_dim, -1, "value_dim is -1, expected 0 to 2147483647"},
      {&heed_cache_options::scales, INT64_MAX,
       "scales is 9223372036854775807, expected 0 to 2147483647"},
      {&heed_cache_options::sequences, 0, "sequences is 0, expected 1 to 2147483647"},
      {&heed_cache_options::tokens, 0, "tokens is 0, expected 1 to 2147483647"},
      {&heed_cache_options::pages, 0, "pages is 0, expected 1 to 2147483647"},
  };
  for (const auto &[field, value, expected] : wrong) {
    heed_cache_options bad = good;
    bad.*field = value;
    EXPECT_EQ(creationFailure(bad), std::string("wrong value: heed_cache_create: ") + expected);
  }
  heed_cache_options bad = options(HEED_CACHE_RING);
  bad.pages = 3;
  EXPECT_EQ(creationFailure(bad), "wrong value: heed_cache_create: pages is 3, expected 0 to 0");
  bad.layout = heed_cache_layout(3);
  EXPECT_EQ(creationFailure(bad), "wrong value: heed_cache_create: layout is 3, expected 0 to 2");
}

TEST(CacheCreate, Types) {
  heed_cache_options bad = options(HEED_CACHE_RING);
  for (DLDataType type : {int32, uint8, {kDLFloat, 8, 1}, {kDLBfloat, 16, 2}}) {
    bad.type = type;
    EXPECT_THAT(creationFailure(bad), HasSubstr("is none of float32, float64, float16, bfloat16, "
                                                "int8"));
  }
  bad.type = {kDLInt, 64, 1};
  EXPECT_EQ(creationFailure(bad),
            "wrong type: heed_cache_create: the elements' type (code 0, 64 bits, 1 lanes) is none "
            "of float32, float64, float16, bfloat16, int8");
}

TEST(CacheCreate, Size) {
  heed_cache_options bad = options(HEED_CACHE_PAGED);
  bad.pages = INT32_MAX;
  EXPECT_EQ(creationFailure(bad), "too large: heed_cache_create: keys of 2147483647 blocks of 2 "
                                  "tokens are past 2^31 - 1 elements");
  bad = options(HEED_CACHE_CONTIGUOUS);
  bad.value_dim = INT32_MAX;
  EXPECT_EQ(creationFailure(bad), "too large: heed_cache_create: values of 4 blocks of 6 tokens "
                                  "are past 2^31 - 1 elements");
  bad.value_dim = 0;
  bad.scales = INT32_MAX;
  EXPECT_THAT(creationFailure(bad), HasSubstr("key_scales of 4 blocks of 6 tokens"));
}

TEST(CacheCreate, Memory) {
  FailingMemory none;
  EXPECT_THAT(creationFailure(options(HEED_CACHE_RING)),
              MatchesRegex("out of memory: heed_cache_create: no memory for [0-9]+ bytes"));
}

TEST(CacheCreate, Null) {
  heed_cache_options good = options(HEED_CACHE_RING);
  heed_cache *cache;
  EXPECT_EQ(outcome(heed_cache_create(nullptr, &cache)),
            "null argument: heed_cache_create: options is NULL");
  EXPECT_EQ(outcome(heed_cache_create(&good, nullptr)),
            "null argument: heed_cache_create: cache is NULL");
  heed_cache_destroy(nullptr);
  heed_view_release(nullptr);
}

TEST(CacheSequences, TakeTheLowestFreeId) {
  Cache c(HEED_CACHE_RING);
  for (int32_t id = 0; id < 4; ++id)
    EXPECT_EQ(c.add(), id);
  int32_t id = 77;
  EXPECT_EQ(outcome(heed_cache_add(c.cache, &id)),
            "full: heed_cache_add: all 4 sequences are in use");
  EXPECT_EQ(outcome(heed_cache_fork(c.cache, 0, &id)),
            "full: heed_cache_fork: all 4 sequences are in use");
  EXPECT_EQ(id, 77);
  EXPECT_EQ(heed_cache_remove(c.cache, 2), HEED_OK);
  EXPECT_EQ(heed_cache_remove(c.cache, 1), HEED_OK);
  EXPECT_EQ(c.add(), 1);
  EXPECT_EQ(c.add(), 2);
}

TEST(CacheSequences, UnknownIds) {
  Cache c(HEED_CACHE_PAGED);
  c.add();
  int64_t number;
  for (int32_t id : {1, 4, -1, INT32_MIN, INT32_MAX}) {
    std::string what = ": there is no sequence " + std::to_string(id);
    int32_t fork;
    EXPECT_EQ(outcome(heed_cache_fork(c.cache, id, &fork)), "wrong value: heed_cache_fork" + what);
    EXPECT_EQ(outcome(heed_cache_remove(c.cache, id)), "wrong value: heed_cache_remove" + what);
    EXPECT_EQ(outcome(heed_cache_truncate(c.cache, id, 0)),
              "wrong value: heed_cache_truncate" + what);
    EXPECT_EQ(outcome(heed_cache_evict(c.cache, id, 0)), "wrong value: heed_cache_evict" + what);
    EXPECT_EQ(outcome(heed_cache_span(c.cache, id, &number, &number)),
              "wrong value: heed_cache_span" + what);
    EXPECT_EQ(outcome(c.append({0, id}, 1)), "wrong value: heed_cache_append" + what);
    EXPECT_EQ(c.look({0, id}), "wrong value: heed_cache_view" + what);
  }
}

TEST(CacheSequences, Null) {
  Cache c(HEED_CACHE_PAGED);
  int32_t id = c.add();
  int64_t number;
  heed_cache_tokens tokens = {};
  heed_view view = {};
  auto expect = [](heed_status status, const char *message) {
    EXPECT_EQ(outcome(status), std::string("null argument: ") + message);
  };
  expect(heed_cache_add(nullptr, &id), "heed_cache_add: cache is NULL");
  expect(heed_cache_fork(nullptr, id, &id), "heed_cache_fork: cache is NULL");
  expect(heed_cache_remove(nullptr, id), "heed_cache_remove: cache is NULL");
  expect(heed_cache_truncate(nullptr, id, 0), "heed_cache_truncate: cache is NULL");
  expect(heed_cache_evict(nullptr, id, 0), "heed_cache_evict: cache is NULL");
  expect(heed_cache_span(nullptr, id, &number, &number), "heed_cache_span: cache is NULL");
  expect(heed_cache_room(nullptr, &number, &number), "heed_cache_room: cache is NULL");
  expect(heed_cache_append(nullptr, &id, 1, &tokens), "heed_cache_append: cache is NULL");
  expect(heed_cache_view(nullptr, &id, 1, 1, &view), "heed_cache_view: cache is NULL");
  expect(heed_cache_add(c.cache, nullptr), "heed_cache_add: the result is NULL");
  expect(heed_cache_fork(c.cache, id, nullptr), "heed_cache_fork: the result is NULL");
  expect(heed_cache_span(c.cache, id, nullptr, &number), "heed_cache_span: first is NULL");
  expect(heed_cache_span(c.cache, id, &number, nullptr), "heed_cache_span: end is NULL");
  expect(heed_cache_room(c.cache, nullptr, &number), "heed_cache_room: sequences is NULL");
  expect(heed_cache_room(c.cache, &number, nullptr), "heed_cache_room: pages is NULL");
  expect(heed_cache_append(c.cache, nullptr, 1, &tokens), "heed_cache_append: ids is NULL");
  expect(heed_cache_append(c.cache, &id, 1, nullptr), "heed_cache_append: tokens is NULL");
  expect(heed_cache_view(c.cache, nullptr, 1, 1, &view), "heed_cache_view: ids is NULL");
  expect(heed_cache_view(c.cache, &id, 1, 1, nullptr), "heed_cache_view: view is NULL");
}

TEST(CacheSequences, DropOnlyWhatTheyHold) {
  Cache c(HEED_CACHE_PAGED);
  int32_t id = c.add();
  ASSERT_EQ(c.append({id}, 5), HEED_OK) << heed_last_error();
  ASSERT_EQ(heed_cache_evict(c.cache, id, 3), HEED_OK) << heed_last_error();
  EXPECT_EQ(
      outcome(heed_cache_truncate(c.cache, id, 4)),
      "wrong value: heed_cache_truncate: tokens is 4, expected 0 to 3, what sequence 0 holds");
  EXPECT_EQ(outcome(heed_cache_evict(c.cache, id, -1)),
            "wrong value: heed_cache_evict: tokens is -1, expected 0 to 3, what sequence 0 holds");
  EXPECT_EQ(heed_cache_truncate(c.cache, id, 3), HEED_OK) << heed_last_error();
}

TEST(CacheSequences, ContiguousOnesKeepTheirBeginning) {
  Cache c(HEED_CACHE_CONTIGUOUS);
  EXPECT_EQ(outcome(heed_cache_evict(c.cache, c.add(), 0)),
            "wrong value: heed_cache_evict: a contiguous slot begins with position 0; rings and "
            "pages can drop their oldest tokens");
}

struct CacheAppend : testing::Test {
  Cache c{HEED_CACHE_CONTIGUOUS};
  int32_t ids[2] = {c.add(), c.add()};
  TestTensor keys{float32, {2, 3, heads, dim}}, values{float32, {2, 3, heads, dim}},
      scales{float32, {2, 3, 1}};
  heed_cache_tokens tokens = {&keys.get(), &values.get(), nullptr, nullptr};

  std::string append(int64_t count = 2) {
    std::string text = outcome(heed_cache_append(c.cache, ids, count, &tokens));
    int64_t first = -1, end = -1;
    EXPECT_EQ(heed_cache_span(c.cache, 0, &first, &end), HEED_OK);
    EXPECT_EQ(end, 0) << "a failed append changed something";
    return text;
  }
};

TEST_F(CacheAppend, ChecksTensorsAsCallsDo) {
  tokens.values = nullptr;
  EXPECT_EQ(append(), "null argument: heed_cache_append: argument 'values': the tensor is NULL, "
                      "expected float32 (2, tokens, 2, 4)");
  tokens.values = &values.get();
  values->dtype = {kDLFloat, 16, 1};
  EXPECT_EQ(append(), "wrong type: heed_cache_append: argument 'values': elements are float16, "
                      "expected float32");
  values->dtype = float32;
  values.shape[1] = 2;
  EXPECT_EQ(append(), "wrong shape: heed_cache_append: argument 'values': extent 1 (tokens) is 2, "
                      "but 'keys' has 3");
  values.shape[1] = 3;
  keys.shape[0] = 1;
  EXPECT_EQ(append(), "wrong shape: heed_cache_append: argument 'keys': extent 0 is 1, expected 2: "
                      "float32 (2, tokens, 2, 4)");
  keys.shape[0] = 2;
  keys->data = nullptr;
  EXPECT_EQ(append(), "null argument: heed_cache_append: argument 'keys': data is NULL, but the "
                      "tensor has 48 elements");
}

TEST_F(CacheAppend, OneSequenceNeedsNoBatch) {
  TestTensor oneKey(float32, {3, heads, dim}), oneValue(float32, {3, heads, dim});
  tokens = {&oneKey.get(), &values.get(), nullptr, nullptr};
  EXPECT_EQ(append(1), "wrong rank: heed_cache_append: argument 'values': rank is 4, expected 3: "
                       "float32 (tokens, 2, 4)");
  EXPECT_EQ(append(2), "wrong rank: heed_cache_append: argument 'keys': rank is 3, expected 4: "
                       "float32 (2, tokens, 2, 4)");
  tokens.values = &oneValue.get();
  EXPECT_EQ(heed_cache_append(c.cache, ids, 1, &tokens), HEED_OK) << heed_last_error();
}

TEST_F(CacheAppend, TakesOnlyWhatTheCacheKeeps) {
  tokens.key_scales = &scales.get();
  EXPECT_EQ(append(), "wrong value: heed_cache_append: key_scales are given, but this cache keeps "
                      "none");
}

TEST_F(CacheAppend, NotFromTheCacheItself) {
  ASSERT_EQ(c.look({0, 1}), "");
  DLTensor own = c.view.keys;
  tokens.keys = &own;
  values = TestTensor(float32, {2, 6, heads, dim});
  tokens.values = &values.get();
  EXPECT_EQ(append(), "overlap: heed_cache_append: keys lie in the cache's own memory");
}

TEST_F(CacheAppend, Ids) {
  ids[1] = ids[0];
  EXPECT_EQ(append(), "wrong value: heed_cache_append: sequence 0 is named twice");
  EXPECT_EQ(append(), "wrong value: heed_cache_append: sequence 0 is named twice");
  EXPECT_EQ(append(-1), "wrong value: heed_cache_append: count is -1, expected 0 to 2^31 - 1");
  EXPECT_EQ(append(int64_t(1) << 31),
            "wrong value: heed_cache_append: count is 2147483648, expected 0 to 2^31 - 1");
  keys.shape[0] = values.shape[0] = 0;
  EXPECT_EQ(heed_cache_append(c.cache, nullptr, 0, &tokens), HEED_OK) << heed_last_error();
}

TEST_F(CacheAppend, FullSlots) {
  Cache two(HEED_CACHE_CONTIGUOUS);
  two.add();
  two.add();
  ASSERT_EQ(two.append({1}, 4), HEED_OK) << heed_last_error();
  EXPECT_EQ(outcome(two.append({0, 1}, 3)), "full: heed_cache_append: sequence 1 has 4 tokens, 3 "
                                            "more are past the 6 of its slot");
  ASSERT_EQ(two.look({0, 1}), "");
  EXPECT_THAT(two.numbers(two.view.key_lengths), ElementsAre(0, 4));
  EXPECT_EQ(two.append({0, 1}, 2), HEED_OK) << heed_last_error();
}

TEST(CachePages, Full) {
  Cache c(HEED_CACHE_PAGED);
  c.add();
  c.add();
  ASSERT_EQ(c.append({0}, 5), HEED_OK) << heed_last_error();
  EXPECT_EQ(outcome(c.append({0, 1}, 3)),
            "full: heed_cache_append: 3 pages are needed, 2 are free");
  EXPECT_EQ(c.freePages(), 2);
  EXPECT_EQ(c.append({0, 1}, 2), HEED_OK) << heed_last_error();
  EXPECT_EQ(c.freePages(), 0);
  ASSERT_EQ(heed_cache_remove(c.cache, 0), HEED_OK);
  EXPECT_EQ(c.freePages(), 4);
}

TEST(CachePages, ForksCopyWhenTheyPart) {
  Cache c(HEED_CACHE_PAGED);
  int32_t first = c.add(), second = -1;
  ASSERT_EQ(c.append({first}, 3, 10), HEED_OK) << heed_last_error();
  ASSERT_EQ(heed_cache_fork(c.cache, first, &second), HEED_OK) << heed_last_error();
  EXPECT_EQ(c.freePages(), 3);
  ASSERT_EQ(c.append({second}, 1, 50), HEED_OK) << heed_last_error();
  EXPECT_EQ(c.freePages(), 2) << "one page was copied";
  ASSERT_EQ(c.append({first}, 1, 60), HEED_OK) << heed_last_error();
  EXPECT_EQ(c.freePages(), 2) << "nobody shared it any more";
  ASSERT_EQ(c.look({first, second}, 2), "");
  std::vector<int32_t> table = c.numbers(c.view.block_table);
  ASSERT_EQ(shape(c.view.block_table), std::vector<int64_t>({2, 2}));
  EXPECT_EQ(table[0], table[2]);
  EXPECT_NE(table[1], table[3]);
  EXPECT_EQ(c.key(table[1], 0), 12);
  EXPECT_EQ(c.key(table[1], 1), 60);
  EXPECT_EQ(c.key(table[3], 0), 12);
  EXPECT_EQ(c.key(table[3], 1), 50);
  EXPECT_THAT(c.numbers(c.view.query_offsets), ElementsAre(2, 2));
}

TEST(CachePages, TheLastForkTakesTheSharedPage) {
  Cache c(HEED_CACHE_PAGED);
  int32_t first = c.add(), second = -1;
  ASSERT_EQ(c.append({first}, 7), HEED_OK) << heed_last_error();
  ASSERT_EQ(heed_cache_fork(c.cache, first, &second), HEED_OK) << heed_last_error();
  ASSERT_EQ(c.freePages(), 1);
  EXPECT_EQ(c.append({first, second}, 1), HEED_OK) << "one free page is enough for two forks";
  EXPECT_EQ(c.freePages(), 0);
}

TEST(CachePages, OldestGoInWholePages) {
  Cache c(HEED_CACHE_PAGED);
  int32_t id = c.add();
  ASSERT_EQ(c.append({id}, 7), HEED_OK) << heed_last_error();
  ASSERT_EQ(heed_cache_evict(c.cache, id, 5), HEED_OK) << heed_last_error();
  EXPECT_EQ(c.freePages(), 3);
  ASSERT_EQ(c.look({id}), "");
  EXPECT_THAT(c.numbers(c.view.key_lengths), ElementsAre(3));
  EXPECT_THAT(c.numbers(c.view.first_positions), ElementsAre(4));
  EXPECT_EQ(c.key(c.numbers(c.view.block_table)[0], 0), 4);
}

TEST(CacheRing, KeepsTheLastTokens) {
  Cache c(HEED_CACHE_RING);
  int32_t id = c.add();
  ASSERT_EQ(c.append({id}, 20), HEED_OK) << heed_last_error();
  ASSERT_EQ(c.look({id}, 3), "");
  EXPECT_THAT(c.numbers(c.view.key_lengths), ElementsAre(6));
  EXPECT_THAT(c.numbers(c.view.first_positions), ElementsAre(14));
  EXPECT_THAT(c.numbers(c.view.query_offsets), ElementsAre(3));
  for (int64_t position = 14; position < 20; ++position)
    EXPECT_EQ(c.key(0, position % 6), position);
  EXPECT_EQ(c.view.block_table.data, nullptr);
}

TEST(CacheRing, PositionsFitInt32) {
  Cache c({HEED_CACHE_RING, {kDLInt, 8, 1}, 1, 1, 0, 0, 1, 2, 0});
  TestTensor keys({kDLInt, 8, 1}, {1, 1, 1}); // one token, repeated
  keys.shape[0] = INT32_MAX;
  keys.strides = {0, 1, 1};
  heed_cache_tokens tokens = {&keys.get(), nullptr, nullptr, nullptr};
  int32_t id = c.add();
  ASSERT_EQ(heed_cache_append(c.cache, &id, 1, &tokens), HEED_OK) << heed_last_error();
  keys.shape[0] = 1;
  EXPECT_EQ(outcome(heed_cache_append(c.cache, &id, 1, &tokens)),
            "too large: heed_cache_append: sequence 0 ends at position 2147483647, 1 more tokens "
            "are past 2^31 - 1");
  ASSERT_EQ(c.look({id}), "");
  EXPECT_THAT(c.numbers(c.view.first_positions), ElementsAre(INT32_MAX - 2));
}

TEST(CacheView, Shapes) {
  heed_cache_options o = options(HEED_CACHE_PAGED);
  o.type = {kDLInt, 8, 1};
  o.value_dim = 3;
  o.scales = 2;
  Cache paged(o);
  ASSERT_EQ(paged.look({paged.add(), paged.add()}), "");
  EXPECT_THAT(shape(paged.view.keys), ElementsAre(5, 2, heads, dim));
  EXPECT_THAT(shape(paged.view.values), ElementsAre(5, 2, heads, 3));
  EXPECT_THAT(shape(paged.view.value_scales), ElementsAre(5, 2, 2));
  EXPECT_EQ(paged.view.keys.dtype.bits, 8);
  EXPECT_EQ(paged.view.key_scales.dtype.code, kDLFloat);
  EXPECT_THAT(shape(paged.view.block_table), ElementsAre(2, 1)) << "a kernel loads at least one";
  EXPECT_THAT(paged.numbers(paged.view.block_table), ElementsAre(0, 0));
  o.layout = HEED_CACHE_RING;
  o.pages = 0;
  Cache ring(o);
  for (int i = 0; i < 4; ++i)
    ring.add();
  ASSERT_EQ(ring.look({3, 1}), "");
  EXPECT_THAT(shape(ring.view.keys), ElementsAre(2, 2, heads, dim));
  EXPECT_EQ(ring.view.keys.strides[0], -2 * 2 * heads * dim);
  EXPECT_THAT(shape(ring.view.key_lengths), ElementsAre(2));
  ASSERT_EQ(ring.look({}), "");
  EXPECT_THAT(shape(ring.view.keys), ElementsAre(0, 2, heads, dim));
}

TEST(CacheView, SlotsInEvenSteps) {
  Cache c(HEED_CACHE_CONTIGUOUS);
  for (int i = 0; i < 4; ++i)
    c.add();
  EXPECT_EQ(c.look({0, 1, 3}),
            "wrong stride: heed_cache_view: sequences 0, 1, ..., 3 (the one at 2) are not evenly "
            "spaced, so their slots are no tensor; view them in parts, or use pages");
  EXPECT_EQ(c.look({0, 1, 2, 3}), "");
  EXPECT_EQ(c.look({1, 3}), "");
  EXPECT_EQ(c.look({2, 2, 2}), "");
}

TEST(CacheView, Queries) {
  Cache c(HEED_CACHE_RING);
  int32_t id = c.add();
  for (int64_t queries : {int64_t(-1), int64_t(INT32_MAX) + 1})
    EXPECT_EQ(c.look({id}, queries), "wrong value: heed_cache_view: queries is " +
                                         std::to_string(queries) + ", expected 0 to 2^31 - 1");
  ASSERT_EQ(c.look({id}, INT32_MAX), "");
  EXPECT_THAT(c.numbers(c.view.query_offsets), ElementsAre(-INT32_MAX));
}

TEST(CacheView, TableTooLarge) {
  Cache c({HEED_CACHE_PAGED, {kDLInt, 8, 1}, 1, 1, 0, 0, 1, 1, 1 << 15});
  TestTensor keys({kDLInt, 8, 1}, {1 << 15, 1, 1});
  heed_cache_tokens tokens = {&keys.get(), nullptr, nullptr, nullptr};
  int32_t id = c.add();
  ASSERT_EQ(heed_cache_append(c.cache, &id, 1, &tokens), HEED_OK) << heed_last_error();
  EXPECT_EQ(c.look(std::vector<int32_t>(1 << 16)),
            "too large: heed_cache_view: a block table of 65536 sequences and 32768 pages is past "
            "2^31 - 1 entries");
}

TEST(CacheView, Memory) {
  Cache c(HEED_CACHE_PAGED);
  int32_t id = c.add();
  {
    FailingMemory none;
    std::vector<int32_t> ids = {id};
    EXPECT_EQ(heed_cache_view(c.cache, &id, 1, 1, &c.view), HEED_OUT_OF_MEMORY);
    EXPECT_THAT(heed_last_error(), MatchesRegex("heed_cache_view: no memory for [0-9]+ bytes"));
    EXPECT_EQ(c.view.memory, nullptr);
  }
  ASSERT_EQ(c.look({id}), "");
  FailingMemory none;
  EXPECT_EQ(heed_cache_view(c.cache, &id, 1, 1, &c.view), HEED_OK) << "the memory is there already";
}

} // namespace
} // namespace heed::test
