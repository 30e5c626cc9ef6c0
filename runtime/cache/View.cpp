// What a kernel is handed: tensors over a cache's memory, and small ones that say where things are.

#include "runtime/Status.h"
#include "runtime/cache/Cache.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

using namespace heed;

namespace {

constexpr const char *function = "heed_cache_view";
constexpr DLDataType int32 = {kDLInt, 32, 1};
constexpr int64_t numbersPerTensor = 8; ///< shape and strides

class Viewer {
public:
  Viewer(const heed_cache &cache, const int32_t *ids, int64_t count)
      : cache(cache), ids(ids), count(count) {}

  heed_status check(int64_t queries);
  heed_status grow(heed_view &view) const;
  void fill(heed_view &view, int64_t queries);

private:
  const Sequence &sequence(int64_t entry) const { return cache.sequences[ids[entry]]; }
  size_t bytes() const;
  void describe(DLTensor &tensor, const Plane &plane);
  void describe(DLTensor &tensor, int32_t *data, std::initializer_list<int64_t> shape);
  void fillTable(int32_t *table) const;

  const heed_cache &cache;
  const int32_t *ids;
  int64_t count;
  int64_t step = 0;           ///< from slot to slot
  int64_t tableColumns = 0;   ///< paged: pages of the longest sequence, at least 1
  int64_t *numbers = nullptr; ///< of the next tensor
};

heed_status Viewer::check(int64_t queries) {
  if (queries < 0 || queries > INT32_MAX)
    return fail(HEED_WRONG_VALUE, "%s: queries is %lld, expected 0 to 2^31 - 1", function,
                (long long)queries);
  if (cache.isPaged()) {
    tableColumns = 1;
    for (int64_t entry = 0; entry < count; ++entry)
      tableColumns = std::max<int64_t>(tableColumns, sequence(entry).blocks);
    if (tableColumns * count > INT32_MAX)
      return fail(HEED_TOO_LARGE,
                  "%s: a block table of %lld sequences and %lld pages is past "
                  "2^31 - 1 entries",
                  function, (long long)count, (long long)tableColumns);
    return HEED_OK;
  }
  step = count > 1 ? int64_t(ids[1]) - ids[0] : 0;
  for (int64_t entry = 1; entry < count; ++entry)
    if (ids[entry] != ids[0] + entry * step)
      return fail(HEED_WRONG_STRIDE,
                  "%s: sequences %d, %d, ..., %d (the one at %lld) are not evenly spaced, so their "
                  "slots are no tensor; view them in parts, or use pages",
                  function, ids[0], ids[1], ids[entry], (long long)entry);
  return HEED_OK;
}

size_t Viewer::bytes() const {
  constexpr size_t tensors = 8, perEntry = 3;
  return tensors * numbersPerTensor * sizeof(int64_t) +
         size_t(count) * (perEntry + tableColumns) * sizeof(int32_t);
}

heed_status Viewer::grow(heed_view &view) const {
  size_t needed = bytes();
  if (view.memory && needed <= view.bytes)
    return HEED_OK;
  needed += needed / 2; // tables widen as sequences grow
  void *memory = malloc(needed);
  if (!memory)
    return fail(HEED_OUT_OF_MEMORY, "%s: no memory for %llu bytes", function,
                (unsigned long long)needed);
  heed_view_release(&view);
  view.memory = memory;
  view.bytes = needed;
  return HEED_OK;
}

void Viewer::fill(heed_view &view, int64_t queries) {
  numbers = static_cast<int64_t *>(view.memory);
  auto *lengths = reinterpret_cast<int32_t *>(numbers + 8 * numbersPerTensor);
  int32_t *offsets = lengths + count, *firsts = offsets + count, *table = firsts + count;
  for (int64_t entry = 0; entry < count; ++entry) {
    const Sequence &s = sequence(entry);
    lengths[entry] = int32_t(s.end - s.first);
    offsets[entry] = int32_t(s.end - s.first - queries);
    firsts[entry] = int32_t(s.first);
  }
  DLTensor *planes[] = {&view.keys, &view.values, &view.key_scales, &view.value_scales};
  for (int i = 0; i < planeCount; ++i)
    describe(*planes[i], cache.planes[i]);
  describe(view.key_lengths, lengths, {count});
  describe(view.query_offsets, offsets, {count});
  describe(view.first_positions, firsts, {count});
  view.block_table = {};
  if (cache.isPaged()) {
    fillTable(table);
    describe(view.block_table, table, {count, tableColumns});
  }
}

/// All pages, or the slots of the batch: (pages or batch, tokens, extents...).
void Viewer::describe(DLTensor &tensor, const Plane &plane) {
  tensor = {};
  if (!plane.rowElements())
    return;
  const int64_t slot = cache.options.tokens * plane.rowElements();
  bool isWhole = cache.isPaged() || !count;
  uint8_t *data = isWhole ? plane.memory : cache.row(plane, sequence(0).last, 0);
  int64_t *shape = numbers, *strides = numbers + numbersPerTensor / 2;
  numbers += numbersPerTensor;
  shape[0] = cache.isPaged() ? cache.options.pages : count;
  strides[0] = cache.isPaged() ? slot : step * slot;
  shape[1] = cache.options.tokens;
  strides[1] = plane.rowElements();
  shape[2] = plane.extents[0];
  strides[2] = plane.extents[1];
  shape[3] = plane.extents[1];
  strides[3] = 1;
  tensor = {data, {kDLCPU, 0}, 2 + plane.rank, plane.type, shape, strides, 0};
}

void Viewer::describe(DLTensor &tensor, int32_t *data, std::initializer_list<int64_t> shape) {
  std::copy(shape.begin(), shape.end(), numbers);
  tensor = {data, {kDLCPU, 0}, int(shape.size()), int32, numbers, nullptr, 0};
  numbers += numbersPerTensor;
}

void Viewer::fillTable(int32_t *table) const {
  std::fill_n(table, count * tableColumns, 0);
  for (int64_t entry = 0; entry < count; ++entry, table += tableColumns) {
    int32_t page = sequence(entry).last;
    for (int32_t i = sequence(entry).blocks; i-- > 0; page = cache.blocks.before(page))
      table[i] = page;
  }
}

} // namespace

heed_status heed_cache_view(const heed_cache *cache, const int32_t *ids, int64_t count,
                            int64_t queries, heed_view *view) {
  if (heed_status status = checkIds(function, cache, ids, count))
    return status;
  if (!view)
    return fail(HEED_NULL_ARGUMENT, "%s: view is NULL", function);
  Viewer viewer(*cache, ids, count);
  if (heed_status status = viewer.check(queries))
    return status;
  if (heed_status status = viewer.grow(*view))
    return status;
  viewer.fill(*view, queries);
  return HEED_OK;
}

void heed_view_release(heed_view *view) {
  if (!view)
    return;
  free(view->memory);
  *view = {};
}
