// Many sequences appended to, cut, forked, ended and read at random, against CacheModel.
#include "tests/unit/runtime/CacheModel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>

namespace heed::test {
namespace {

constexpr DLDataType float32 = {kDLFloat, 32, 1}, float64 = {kDLFloat, 64, 1},
                     float16 = {kDLFloat, 16, 1}, bfloat16 = {kDLBfloat, 16, 1},
                     int8 = {kDLInt, 8, 1};

/// Tokens for one tensor of the cache, in memory of exactly their size, laid out at random.
struct Given {
  std::vector<int64_t> shape, strides;
  std::vector<std::byte> memory;
  DLTensor tensor;
};

class CacheRandom : public testing::TestWithParam<heed_cache_options> {
protected:
  void SetUp() override {
    ASSERT_EQ(heed_cache_create(&options, &cache), HEED_OK) << heed_last_error();
  }
  void TearDown() override {
    heed_view_release(&view);
    heed_cache_destroy(cache);
  }

  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(random); }

  int32_t pickSequence();
  std::vector<int32_t> pickSequences();
  std::vector<int64_t> rowShape(int plane) const;
  std::unique_ptr<Given> give(int plane, bool batched, std::vector<std::vector<Token>> &tokens);

  void add();
  void fork();
  void append();
  void cut(bool oldest);
  void checkRoom();
  void checkView();
  void checkKey(int32_t id, int64_t entry, int64_t key);

  static constexpr unsigned seed = 20261123;
  std::mt19937 random{seed};
  const heed_cache_options options = GetParam();
  CacheModel model{options};
  heed_cache *cache = nullptr;
  heed_view view = {};
  std::map<heed_status, int> outcomes;
};

int32_t CacheRandom::pickSequence() {
  return std::next(model.sequences.begin(), pick(0, int64_t(model.sequences.size()) - 1))->first;
}

/// For slots in even steps, as their views need them.
std::vector<int32_t> CacheRandom::pickSequences() {
  std::vector<int32_t> ids;
  for (const auto &entry : model.sequences)
    ids.push_back(entry.first);
  std::shuffle(ids.begin(), ids.end(), random);
  ids.resize(pick(0, std::min<int64_t>(ids.size(), 4)));
  auto isUneven = [&](size_t n) { return ids[n] - ids[n - 1] != ids[1] - ids[0]; };
  if (options.layout != HEED_CACHE_PAGED)
    for (size_t n = 2; n < ids.size(); ++n)
      if (isUneven(n))
        ids.resize(n);
  return ids;
}

std::vector<int64_t> CacheRandom::rowShape(int plane) const {
  switch (plane) {
  case 0:
    return {options.heads, options.key_dim};
  case 1:
    return {options.heads, options.value_dim};
  default:
    return {plane == 2 || options.value_dim ? options.scales : 0};
  }
}

/// The plane's part of `tokens` (whose places for it are filled), NULL where there is none.
std::unique_ptr<Given> CacheRandom::give(int plane, bool batched,
                                         std::vector<std::vector<Token>> &tokens) {
  std::vector<int64_t> row = rowShape(plane);
  int64_t elements = std::accumulate(row.begin(), row.end(), int64_t(1), std::multiplies());
  DLDataType type = plane < 2 ? options.type : float32;
  int64_t size = type.bits / 8;
  for (auto &sequence : tokens)
    for (Token &token : sequence)
      for (int64_t i = 0; i < elements * size; ++i)
        token[plane].push_back(char(pick(0, 255)));
  if (!elements)
    return nullptr;
  auto given = std::make_unique<Given>();
  if (batched)
    given->shape.push_back(int64_t(tokens.size()));
  given->shape.push_back(tokens.empty() ? 0 : int64_t(tokens[0].size()));
  given->shape.insert(given->shape.end(), row.begin(), row.end());

  size_t rank = given->shape.size();
  std::vector<size_t> axes(rank);
  std::iota(axes.rbegin(), axes.rend(), 0);
  if (chance(0.5))
    std::shuffle(axes.begin(), axes.end(), random);
  given->strides.resize(rank);
  int64_t step = 1, reach = 0, offset = 0;
  for (size_t axis : axes) {
    int64_t last = std::max<int64_t>(given->shape[axis] - 1, 0);
    given->strides[axis] = step;
    reach += step * last;
    if (chance(0.2)) {
      given->strides[axis] = -step;
      offset += step * last;
    }
    step = step * std::max<int64_t>(given->shape[axis], 1) + (chance(0.3) ? pick(0, 2) : 0);
  }
  given->memory.resize((reach + 1) * size);
  given->tensor = {given->memory.data(),
                   {kDLCPU, 0},
                   int(rank),
                   type,
                   given->shape.data(),
                   given->strides.data(),
                   uint64_t(offset * size)};

  for (size_t b = 0; b < tokens.size(); ++b)
    for (size_t t = 0; t < tokens[b].size(); ++t)
      for (int64_t e = 0; e < elements; ++e) {
        int64_t inner = row.back(), place = offset;
        std::vector<int64_t> index = {int64_t(b), int64_t(t), e / inner, e % inner};
        if (row.size() == 1)
          index.erase(index.begin() + 2);
        if (!batched)
          index.erase(index.begin());
        for (size_t axis = 0; axis < rank; ++axis)
          place += index[axis] * given->strides[axis];
        memcpy(given->memory.data() + place * size, tokens[b][t][plane].data() + e * size, size);
      }
  return given;
}

void CacheRandom::add() {
  int32_t expected = -1, id = -2;
  heed_status status = heed_cache_add(cache, &id);
  ASSERT_EQ(status, model.add(expected)) << heed_last_error();
  if (!status)
    EXPECT_EQ(id, expected);
  ++outcomes[status];
}

void CacheRandom::fork() {
  int32_t from = pickSequence(), expected = -1, id = -2;
  heed_status status = heed_cache_fork(cache, from, &id);
  ASSERT_EQ(status, model.fork(from, expected)) << heed_last_error();
  if (!status)
    EXPECT_EQ(id, expected);
}

void CacheRandom::append() {
  std::vector<int32_t> ids = pickSequences();
  bool batched = ids.size() != 1 || chance(0.5);
  int64_t most = options.layout == HEED_CACHE_PAGED ? 3 * options.tokens : options.tokens;
  int64_t count = chance(0.6) ? 1 : pick(0, most + (options.layout == HEED_CACHE_RING ? 5 : 0));
  std::vector tokens(ids.size(), std::vector(count, Token(4)));
  std::unique_ptr<Given> given[4];
  for (int plane = 0; plane < 4; ++plane)
    given[plane] = give(plane, batched, tokens);
  auto tensor = [&](int plane) { return given[plane] ? &given[plane]->tensor : nullptr; };
  heed_cache_tokens arguments = {tensor(0), tensor(1), tensor(2), tensor(3)};
  heed_status status = heed_cache_append(cache, ids.data(), int64_t(ids.size()), &arguments);
  ASSERT_EQ(status, model.append(ids, tokens)) << heed_last_error();
  ++outcomes[status];
}

void CacheRandom::cut(bool oldest) {
  int32_t id = pickSequence();
  int64_t length = int64_t(model.sequences[id].tokens.size());
  int64_t count = chance(0.1) ? length : pick(0, std::min<int64_t>(length, 2 * options.tokens));
  if (!oldest) {
    ASSERT_EQ(heed_cache_truncate(cache, id, count), HEED_OK) << heed_last_error();
    model.truncate(id, count);
  } else if (options.layout != HEED_CACHE_CONTIGUOUS) {
    ASSERT_EQ(heed_cache_evict(cache, id, count), HEED_OK) << heed_last_error();
    model.evict(id, count);
  }
}

void CacheRandom::checkRoom() {
  int64_t sequences = -1, pages = -1;
  ASSERT_EQ(heed_cache_room(cache, &sequences, &pages), HEED_OK) << heed_last_error();
  EXPECT_EQ(sequences, model.freeSequences());
  EXPECT_EQ(pages, model.freePages());
  for (const auto &[id, sequence] : model.sequences) {
    int64_t first = -1, end = -1;
    ASSERT_EQ(heed_cache_span(cache, id, &first, &end), HEED_OK) << heed_last_error();
    EXPECT_EQ(first, sequence.first);
    EXPECT_EQ(end, sequence.end());
  }
}

int32_t number(const DLTensor &tensor, int64_t i) {
  return static_cast<const int32_t *>(tensor.data)[i];
}

void CacheRandom::checkView() {
  std::vector<int32_t> ids = pickSequences();
  int64_t queries = pick(0, 5);
  ASSERT_EQ(heed_cache_view(cache, ids.data(), int64_t(ids.size()), queries, &view), HEED_OK)
      << heed_last_error();
  for (size_t entry = 0; entry < ids.size(); ++entry) {
    const ModelSequence &sequence = model.sequences[ids[entry]];
    int64_t length = int64_t(sequence.tokens.size());
    ASSERT_EQ(number(view.key_lengths, entry), length);
    EXPECT_EQ(number(view.query_offsets, entry), length - queries);
    EXPECT_EQ(number(view.first_positions, entry), sequence.first);
    for (int64_t key = 0; key < length; ++key)
      checkKey(ids[entry], int64_t(entry), key);
  }
}

/// Where heed/cache.h says that the key lies.
void CacheRandom::checkKey(int32_t id, int64_t entry, int64_t key) {
  const ModelSequence &sequence = model.sequences[id];
  int64_t block = entry, row = key;
  if (options.layout == HEED_CACHE_RING)
    row = (number(view.first_positions, entry) + key) % options.tokens;
  if (options.layout == HEED_CACHE_PAGED) {
    ASSERT_LT(key / options.tokens, view.block_table.shape[1]);
    block = number(view.block_table, entry * view.block_table.shape[1] + key / options.tokens);
    row = key % options.tokens;
  }
  const DLTensor *planes[] = {&view.keys, &view.values, &view.key_scales, &view.value_scales};
  for (int plane = 0; plane < 4; ++plane) {
    const DLTensor &tensor = *planes[plane];
    const std::string &expected = sequence.tokens[key][plane];
    if (expected.empty()) {
      EXPECT_EQ(tensor.data, nullptr);
      continue;
    }
    ASSERT_LT(block, tensor.shape[0]);
    ASSERT_LT(row, tensor.shape[1]);
    const char *found =
        static_cast<const char *>(tensor.data) +
        (block * tensor.strides[0] + row * tensor.strides[1]) * tensor.dtype.bits / 8;
    ASSERT_EQ(std::string(found, expected.size()), expected)
        << "sequence " << id << ", key " << key << ", tensor " << plane;
  }
}

TEST_P(CacheRandom, HoldsWhatWasAppended) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (int round = 0; round < 3000 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    int64_t action = pick(0, 99);
    if (action < 12 || model.sequences.empty())
      add();
    else if (action < 20)
      fork();
    else if (action < 30) {
      int32_t id = pickSequence();
      ASSERT_EQ(heed_cache_remove(cache, id), HEED_OK) << heed_last_error();
      model.remove(id);
    } else if (action < 80)
      append();
    else
      cut(action < 90);
    checkRoom();
    checkView();
  }
  EXPECT_GT(outcomes[HEED_OK], 500);
  EXPECT_GT(outcomes[HEED_FULL], 5);
}

constexpr heed_cache_options contiguous(DLDataType type, int64_t valueDim, int64_t scales) {
  return {HEED_CACHE_CONTIGUOUS, type, 3, 5, valueDim, scales, 7, 13, 0};
}
constexpr heed_cache_options ring(DLDataType type, int64_t valueDim, int64_t scales) {
  return {HEED_CACHE_RING, type, 3, 5, valueDim, scales, 7, 6, 0};
}
constexpr heed_cache_options paged(DLDataType type, int64_t valueDim, int64_t scales) {
  return {HEED_CACHE_PAGED, type, 3, 5, valueDim, scales, 7, 4, 20};
}

std::string nameOf(const testing::TestParamInfo<heed_cache_options> &info) {
  constexpr const char *layouts[] = {"contiguous", "paged", "ring"};
  return layouts[info.param.layout] + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(Of, CacheRandom,
                         testing::Values(contiguous(float32, 5, 0), contiguous(int8, 4, 3),
                                         contiguous(float16, 0, 0), ring(float32, 5, 0),
                                         ring(int8, 4, 1), ring(bfloat16, 7, 0),
                                         paged(float32, 5, 0), paged(int8, 4, 3),
                                         paged(float64, 2, 0), paged(bfloat16, 0, 1)),
                         nameOf);

} // namespace
} // namespace heed::test
