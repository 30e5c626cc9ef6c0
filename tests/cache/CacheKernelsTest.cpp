// Kernels on the runtime's caches: what a decoding loop does. Sequences come and go, get a few
// tokens at a time, and every layout gives what the plainest one gives.
#include "cache_kernels.h"

#include <heed/cache.h>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <vector>

namespace {

constexpr int64_t dim = 32, heads = 4, keyHeads = 2, pageSize = 8, window = 24;
constexpr int64_t most = 4; // sequences at a time

/// A compact tensor that owns its numbers.
template <typename T> struct Tensor {
  std::vector<int64_t> shape;
  std::vector<T> values;
  DLTensor view{};

  Tensor(std::vector<int64_t> extents, DLDataType type) : shape(std::move(extents)) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    values.resize(size);
    view = {values.data(), {kDLCPU, 0}, int32_t(shape.size()), type, shape.data(), nullptr, 0};
  }
};

struct Floats : Tensor<float> {
  Floats(std::vector<int64_t> shape) : Tensor(std::move(shape), {kDLFloat, 32, 1}) {}
};
struct Bytes : Tensor<int8_t> {
  Bytes(std::vector<int64_t> shape) : Tensor(std::move(shape), {kDLInt, 8, 1}) {}
};

heed_cache *create(heed_cache_layout layout, int64_t tokens, int64_t pages, uint8_t code = kDLFloat,
                   uint8_t bits = 32, int64_t scales = 0) {
  heed_cache_options options{};
  options.layout = layout, options.type = {code, bits, 1}, options.heads = keyHeads;
  options.key_dim = options.value_dim = dim, options.scales = scales;
  options.sequences = most, options.tokens = tokens, options.pages = pages;
  heed_cache *cache = nullptr;
  EXPECT_EQ(heed_cache_create(&options, &cache), HEED_OK) << heed_last_error();
  return cache;
}

/// One step of a decoding loop: sequences `ids` get `count` tokens each, which are also the
/// queries.
class CacheKernels : public testing::Test {
protected:
  static constexpr int64_t longest = 160;
  std::mt19937 random{20261123};
  heed_cache *slots = create(HEED_CACHE_CONTIGUOUS, longest, 0);
  heed_cache *pages = create(HEED_CACHE_PAGED, pageSize, most *longest / pageSize);
  heed_cache *ring = create(HEED_CACHE_RING, window + 15, 0);
  heed_cache *bytes =
      create(HEED_CACHE_PAGED, pageSize, most *longest / pageSize, kDLInt, 8, keyHeads);
  heed_cache *ringOfBytes = create(HEED_CACHE_RING, window + 15, 0, kDLInt, 8, keyHeads);
  heed_cache *widened = create(HEED_CACHE_CONTIGUOUS, longest, 0); // what `bytes` stands for

  ~CacheKernels() override {
    for (heed_cache *cache : all())
      heed_cache_destroy(cache);
  }
  std::vector<heed_cache *> all() { return {slots, pages, ring, bytes, ringOfBytes, widened}; }

  template <typename T> void fill(T &tensor) {
    std::normal_distribution<float> normal;
    for (float &value : tensor.values)
      value = normal(random);
  }

  void append(heed_cache *cache, const std::vector<int32_t> &ids, const DLTensor &keys,
              const DLTensor &values, const DLTensor *keyScales = nullptr,
              const DLTensor *valueScales = nullptr) {
    heed_cache_tokens tokens{&keys, &values, keyScales, valueScales};
    ASSERT_EQ(heed_cache_append(cache, ids.data(), int64_t(ids.size()), &tokens), HEED_OK)
        << heed_last_error();
  }

  /// Numbers as int8 times a scale for each token and head.
  static void quantize(const Floats &numbers, Bytes &small, Floats &scales, Floats &back) {
    for (size_t row = 0; row < scales.values.size(); row++) {
      float largest = 0;
      for (int d = 0; d < dim; d++)
        largest = std::max(largest, std::abs(numbers.values[row * dim + d]));
      scales.values[row] = largest / 127;
      for (int d = 0; d < dim; d++) {
        small.values[row * dim + d] =
            int8_t(std::lround(numbers.values[row * dim + d] / scales.values[row]));
        back.values[row * dim + d] = float(small.values[row * dim + d]) * scales.values[row];
      }
    }
  }

  void step(const std::vector<int32_t> &ids, int64_t count) {
    int64_t batch = int64_t(ids.size());
    std::vector<int64_t> rows{batch, count, keyHeads, dim};
    Floats q({batch, count, heads, dim}), k(rows), v(rows), backK(rows), backV(rows);
    Floats scalesK({batch, count, keyHeads}), scalesV({batch, count, keyHeads});
    Bytes smallK(rows), smallV(rows);
    fill(q), fill(k), fill(v);
    quantize(k, smallK, scalesK, backK), quantize(v, smallV, scalesV, backV);
    for (heed_cache *cache : {slots, pages, ring})
      append(cache, ids, k.view, v.view);
    for (heed_cache *cache : {bytes, ringOfBytes})
      append(cache, ids, smallK.view, smallV.view, &scalesK.view, &scalesV.view);
    append(widened, ids, backK.view, backV.view);

    auto expected =
        attend(slots, ids, q, [](const heed_view &view, const DLTensor *q, DLTensor *out) {
          return ::slots(q, &view.keys, &view.values, &view.key_lengths, &view.query_offsets, out);
        });
    auto paged = attend(pages, ids, q, [](const heed_view &view, const DLTensor *q, DLTensor *out) {
      return ::paged(q, &view.keys, &view.values, &view.block_table, &view.key_lengths,
                     &view.query_offsets, out);
    });
    expectNear(paged, expected);

    auto wide =
        attend(widened, ids, q, [](const heed_view &view, const DLTensor *q, DLTensor *out) {
          return ::slots(q, &view.keys, &view.values, &view.key_lengths, &view.query_offsets, out);
        });
    auto narrow =
        attend(bytes, ids, q, [](const heed_view &view, const DLTensor *q, DLTensor *out) {
          DLTensor keyScales = view.key_scales, valueScales = view.value_scales;
          return ::paged_int8(q, &view.keys, &view.values, &keyScales, &valueScales,
                              &view.block_table, &view.key_lengths, &view.query_offsets, out);
        });
    expectNear(narrow, wide);

    auto recent = [&](heed_cache *cache) {
      return attend(cache, ids, q, [](const heed_view &view, const DLTensor *q, DLTensor *out) {
        return ::recent(q, &view.keys, &view.values, &view.key_lengths, &view.query_offsets, out);
      });
    };
    expectNear(attend(ring, ids, q,
                      [](const heed_view &view, const DLTensor *q, DLTensor *out) {
                        return ::ring(q, &view.keys, &view.values, &view.first_positions,
                                      &view.key_lengths, &view.query_offsets, out);
                      }),
               recent(slots));
    expectNear(attend(ringOfBytes, ids, q,
                      [](const heed_view &view, const DLTensor *q, DLTensor *out) {
                        return ::ring_int8(q, &view.keys, &view.values, &view.key_scales,
                                           &view.value_scales, &view.first_positions,
                                           &view.key_lengths, &view.query_offsets, out);
                      }),
               recent(widened));
  }

  /// Sums round differently: a table may have another plan for keys in pages than in slots, blocks
  /// of a ring begin elsewhere, and scales multiply scores and weights.
  static void expectNear(const std::vector<float> &found, const std::vector<float> &expected) {
    for (size_t i = 0; i < expected.size(); i++)
      ASSERT_NEAR(found[i], expected[i], 1e-5) << "element " << i;
  }

  template <typename Kernel>
  std::vector<float> attend(heed_cache *cache, const std::vector<int32_t> &ids, const Floats &q,
                            Kernel kernel) {
    heed_view view{};
    Floats out(q.shape);
    EXPECT_EQ(heed_cache_view(cache, ids.data(), int64_t(ids.size()), q.shape[1], &view), HEED_OK)
        << heed_last_error();
    EXPECT_EQ(kernel(view, &q.view, &out.view), HEED_OK) << heed_last_error();
    heed_view_release(&view);
    return out.values;
  }

  int32_t add() {
    int32_t first = -1;
    for (heed_cache *cache : all()) {
      int32_t id;
      EXPECT_EQ(heed_cache_add(cache, &id), HEED_OK) << heed_last_error();
      EXPECT_TRUE(first == -1 || id == first);
      first = id;
    }
    return first;
  }
};

} // namespace

TEST_F(CacheKernels, OneSequenceGrowsTokenByToken) {
  int32_t id = add();
  step({id}, 16);
  for (int i = 0; i < 70 && !HasFailure(); i++)
    step({id}, 1);
}

TEST_F(CacheKernels, SequencesComeAndGoAndGetOneToSixteenTokens) {
  std::map<int32_t, int64_t> lengths;
  auto pick = [&](int64_t below) { return int64_t(random() % below); };
  for (int i = 0; i < 60 && !HasFailure(); i++) {
    if (lengths.size() < most && pick(3) == 0)
      lengths[add()] = 0;
    if (!lengths.empty() && pick(8) == 0) {
      int32_t id = std::next(lengths.begin(), pick(lengths.size()))->first;
      for (heed_cache *cache : all())
        ASSERT_EQ(heed_cache_remove(cache, id), HEED_OK) << heed_last_error();
      lengths.erase(id);
    }
    int64_t count = 1 + pick(16);
    std::vector<int32_t> ids; // any one, or the longest run of neighbours, as slots need it
    for (auto [id, length] : lengths)
      if (length + count <= longest && (ids.empty() || id == ids.back() + 1))
        ids.push_back(id), lengths[id] += count;
    if (!ids.empty())
      step(ids, count);
  }
}
