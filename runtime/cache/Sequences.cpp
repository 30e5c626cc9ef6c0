// Sequences that come, fork, shrink and go.

#include "runtime/Status.h"
#include "runtime/cache/Cache.h"

#include <algorithm>
#include <cstring>

using namespace heed;

heed_status heed::checkIds(const char *function, const heed_cache *cache, const int32_t *ids,
                           int64_t count) {
  if (!cache)
    return fail(HEED_NULL_ARGUMENT, "%s: cache is NULL", function);
  if (count < 0 || count > INT32_MAX)
    return fail(HEED_WRONG_VALUE, "%s: count is %lld, expected 0 to 2^31 - 1", function,
                (long long)count);
  if (!ids && count)
    return fail(HEED_NULL_ARGUMENT, "%s: ids is NULL", function);
  for (int64_t i = 0; i < count; ++i)
    if (ids[i] < 0 || ids[i] >= cache->options.sequences || !cache->sequences[ids[i]].used)
      return fail(HEED_WRONG_VALUE, "%s: there is no sequence %d", function, ids[i]);
  return HEED_OK;
}

void heed::copyBlock(heed_cache &cache, int32_t from, int32_t to, int64_t tokens) {
  for (const Plane &plane : cache.planes)
    memcpy(cache.row(plane, to, 0), cache.row(plane, from, 0), tokens * plane.rowBytes());
}

namespace {

/// Makes the lowest free id a sequence.
heed_status begin(const char *function, heed_cache &cache, int32_t *id) {
  if (!id)
    return fail(HEED_NULL_ARGUMENT, "%s: the result is NULL", function);
  if (!cache.freeSequences)
    return fail(HEED_FULL, "%s: all %lld sequences are in use", function,
                (long long)cache.options.sequences);
  Sequence *free = std::find_if(cache.sequences, cache.sequences + cache.options.sequences,
                                [](const Sequence &s) { return !s.used; });
  *id = int32_t(free - cache.sequences);
  *free = {};
  free->used = true;
  free->last = cache.isPaged() ? 0 : *id;
  --cache.freeSequences;
  return HEED_OK;
}

/// That the sequence has `tokens` tokens to drop.
heed_status checkDrop(const char *function, const heed_cache *cache, int32_t id, int64_t tokens) {
  if (heed_status status = checkIds(function, cache, &id, 1))
    return status;
  const Sequence &sequence = cache->sequences[id];
  int64_t length = sequence.end - sequence.first;
  if (tokens >= 0 && tokens <= length)
    return HEED_OK;
  return fail(HEED_WRONG_VALUE, "%s: tokens is %lld, expected 0 to %lld, what sequence %d holds",
              function, (long long)tokens, (long long)length, id);
}

} // namespace

heed_status heed_cache_add(heed_cache *cache, int32_t *id) {
  if (heed_status status = checkIds("heed_cache_add", cache, nullptr, 0))
    return status;
  return begin("heed_cache_add", *cache, id);
}

heed_status heed_cache_fork(heed_cache *cache, int32_t id, int32_t *fork) {
  if (heed_status status = checkIds("heed_cache_fork", cache, &id, 1))
    return status;
  if (heed_status status = begin("heed_cache_fork", *cache, fork))
    return status;
  const Sequence &from = cache->sequences[id];
  Sequence &to = cache->sequences[*fork];
  to.first = from.first;
  to.end = from.end;
  if (cache->isPaged()) {
    to.last = from.last;
    to.blocks = from.blocks;
    cache->blocks.share(to.last, to.blocks);
  } else {
    copyBlock(*cache, from.last, to.last, std::min(from.end, cache->options.tokens));
  }
  return HEED_OK;
}

heed_status heed_cache_remove(heed_cache *cache, int32_t id) {
  if (heed_status status = checkIds("heed_cache_remove", cache, &id, 1))
    return status;
  Sequence &sequence = cache->sequences[id];
  cache->blocks.release(sequence.last, sequence.blocks);
  sequence.used = false;
  ++cache->freeSequences;
  return HEED_OK;
}

heed_status heed_cache_truncate(heed_cache *cache, int32_t id, int64_t tokens) {
  if (heed_status status = checkDrop("heed_cache_truncate", cache, id, tokens))
    return status;
  Sequence &sequence = cache->sequences[id];
  sequence.end -= tokens;
  if (cache->isPaged()) {
    int64_t kept = pagesFor(*cache, sequence.end - sequence.first);
    int32_t dropped = sequence.blocks - int32_t(kept), last = sequence.last;
    sequence.last = cache->blocks.stepBack(last, dropped);
    sequence.blocks -= dropped;
    cache->blocks.release(last, dropped);
  }
  return HEED_OK;
}

heed_status heed_cache_evict(heed_cache *cache, int32_t id, int64_t tokens) {
  if (heed_status status = checkDrop("heed_cache_evict", cache, id, tokens))
    return status;
  if (cache->options.layout == HEED_CACHE_CONTIGUOUS)
    return fail(HEED_WRONG_VALUE,
                "heed_cache_evict: a contiguous slot begins with position 0; rings and pages can "
                "drop their oldest tokens");
  Sequence &sequence = cache->sequences[id];
  if (cache->isPaged()) {
    int32_t dropped = int32_t(tokens / cache->options.tokens);
    tokens = dropped * cache->options.tokens;
    sequence.blocks -= dropped;
    cache->blocks.release(cache->blocks.stepBack(sequence.last, sequence.blocks), dropped);
  }
  sequence.first += tokens;
  return HEED_OK;
}

heed_status heed_cache_span(const heed_cache *cache, int32_t id, int64_t *first, int64_t *end) {
  if (heed_status status = checkIds("heed_cache_span", cache, &id, 1))
    return status;
  if (!first || !end)
    return fail(HEED_NULL_ARGUMENT, "heed_cache_span: %s is NULL", first ? "end" : "first");
  *first = cache->sequences[id].first;
  *end = cache->sequences[id].end;
  return HEED_OK;
}

heed_status heed_cache_room(const heed_cache *cache, int64_t *sequences, int64_t *pages) {
  if (heed_status status = checkIds("heed_cache_room", cache, nullptr, 0))
    return status;
  if (!sequences || !pages)
    return fail(HEED_NULL_ARGUMENT, "heed_cache_room: %s is NULL",
                sequences ? "pages" : "sequences");
  *sequences = cache->freeSequences;
  *pages = cache->blocks.freeCount();
  return HEED_OK;
}
