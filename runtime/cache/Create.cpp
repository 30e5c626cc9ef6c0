// Creating a cache: its options are checked, then one allocation holds all of it.

#include "runtime/Status.h"
#include "runtime/cache/Cache.h"

#include <cstdlib>
#include <initializer_list>
#include <new>

using namespace heed;

namespace {

constexpr int64_t largest = INT32_MAX;
constexpr const char *function = "heed_cache_create";

bool isSupported(DLDataType type) {
  constexpr DLDataType types[] = {
      {kDLFloat, 32, 1}, {kDLFloat, 64, 1}, {kDLFloat, 16, 1}, {kDLBfloat, 16, 1}, {kDLInt, 8, 1}};
  for (const DLDataType &t : types)
    if (t.code == type.code && t.bits == type.bits && t.lanes == type.lanes)
      return true;
  return false;
}

heed_status checkNumbers(const heed_cache_options &o) {
  const bool paged = o.layout == HEED_CACHE_PAGED;
  const struct {
    const char *name;
    int64_t value, low, high;
  } numbers[] = {
      {"layout", int64_t(o.layout), HEED_CACHE_CONTIGUOUS, HEED_CACHE_RING},
      {"heads", o.heads, 1, largest},
      {"key_dim", o.key_dim, 1, largest},
      {"value_dim", o.value_dim, 0, largest},
      {"scales", o.scales, 0, largest},
      {"sequences", o.sequences, 1, largest},
      {"tokens", o.tokens, 1, largest},
      {"pages", o.pages, paged, paged ? largest : 0},
  };
  for (const auto &number : numbers)
    if (number.value < number.low || number.value > number.high)
      return fail(HEED_WRONG_VALUE, "%s: %s is %lld, expected %lld to %lld", function, number.name,
                  (long long)number.value, (long long)number.low, (long long)number.high);
  return HEED_OK;
}

heed_status checkSize(const heed_cache &cache, const Plane &plane) {
  int64_t elements = 1, blocks = cache.blockCount(), tokens = cache.options.tokens;
  for (int64_t factor : {plane.extents[0], plane.extents[1], blocks, tokens})
    if (plane.rowElements() && (elements *= factor) > largest)
      return fail(HEED_TOO_LARGE, "%s: %s of %lld blocks of %lld tokens are past 2^31 - 1 elements",
                  function, plane.name, (long long)blocks, (long long)tokens);
  return HEED_OK;
}

void describePlanes(heed_cache &cache) {
  const heed_cache_options &o = cache.options;
  constexpr DLDataType float32 = {kDLFloat, 32, 1};
  int64_t valueScales = o.value_dim ? o.scales : 0;
  const Plane planes[planeCount] = {
      {"keys", o.type, 2, {o.heads, o.key_dim}, nullptr},
      {"values", o.type, 2, {o.heads, o.value_dim}, nullptr},
      {"key_scales", float32, 1, {o.scales, 1}, nullptr},
      {"value_scales", float32, 1, {valueScales, 1}, nullptr},
  };
  for (int i = 0; i < planeCount; ++i)
    cache.planes[i] = planes[i];
}

/// Hands out parts of one block of memory; before there is one, it only adds up.
class Arena {
public:
  template <typename Element> Element *take(int64_t count) {
    used = (used + 63) / 64 * 64;
    uint8_t *part = memory ? memory + used : nullptr;
    used += size_t(count) * sizeof(Element);
    return reinterpret_cast<Element *>(part);
  }

  uint8_t *memory = nullptr; ///< a multiple of 64
  size_t used = 0;
};

/// The parts of `cache`, taken from the arena in a fixed order.
void layOut(heed_cache &cache, Arena &arena) {
  const heed_cache_options &o = cache.options;
  cache.sequences = arena.take<Sequence>(o.sequences);
  int32_t *users = arena.take<int32_t>(o.pages), *previous = arena.take<int32_t>(o.pages);
  for (Plane &plane : cache.planes)
    plane.memory = arena.take<uint8_t>(cache.blockCount() * o.tokens * plane.rowBytes());
  if (arena.memory)
    cache.blocks.initialize(users, previous, int32_t(o.pages));
}

} // namespace

heed_status heed_cache_create(const heed_cache_options *options, heed_cache **result) {
  if (!options || !result)
    return fail(HEED_NULL_ARGUMENT, "%s: %s is NULL", function, options ? "cache" : "options");
  if (heed_status status = checkNumbers(*options))
    return status;
  if (!isSupported(options->type))
    return fail(HEED_WRONG_TYPE,
                "%s: the elements' type (code %d, %d bits, %d lanes) is none of float32, float64, "
                "float16, bfloat16, int8",
                function, options->type.code, options->type.bits, options->type.lanes);
  heed_cache plan = {};
  plan.options = *options;
  plan.freeSequences = options->sequences;
  describePlanes(plan);
  for (const Plane &plane : plan.planes)
    if (heed_status status = checkSize(plan, plane))
      return status;

  Arena needed;
  needed.take<heed_cache>(1);
  layOut(plan, needed);
  // Zeroed, so that what a kernel loads beside a sequence's tokens is a number. `calloc` gives the
  // system's fresh pages, which take no memory before they are written.
  plan.bytes = needed.used + 64;
  plan.memory = static_cast<uint8_t *>(calloc(plan.bytes, 1));
  if (!plan.memory)
    return fail(HEED_OUT_OF_MEMORY, "%s: no memory for %llu bytes", function,
                (unsigned long long)plan.bytes);
  Arena arena;
  arena.memory = plan.memory + (64 - uintptr_t(plan.memory) % 64) % 64;
  heed_cache *cache = new (arena.take<heed_cache>(1)) heed_cache(plan);
  layOut(*cache, arena);
  *result = cache;
  return HEED_OK;
}

void heed_cache_destroy(heed_cache *cache) {
  if (cache)
    free(cache->memory);
}
