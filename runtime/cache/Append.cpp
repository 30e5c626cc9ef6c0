// Appending tokens: everything is checked and counted first, then rows are copied.

#include "runtime/Checks.h"
#include "runtime/Status.h"
#include "runtime/cache/Cache.h"
#include "runtime/cache/Rows.h"

#include <algorithm>

using namespace heed;

namespace {

constexpr const char *function = "heed_cache_append";

class Append {
public:
  Append(heed_cache &cache, const int32_t *ids, int64_t count)
      : cache(cache), ids(ids), count(count) {}

  heed_status checkTensors(const heed_cache_tokens &given);
  heed_status checkNames();
  heed_status checkRoom();
  void run();

private:
  void describe(const Plane &plane);
  heed_status checkOverlap() const;
  int64_t newPages();
  bool fillsSharedPage(const Sequence &sequence) const;
  void appendTo(Sequence &sequence, int64_t entry);
  void copyToken(const Sequence &sequence, int64_t entry, int64_t token);
  Sequence &sequence(int64_t entry) const { return cache.sequences[ids[entry]]; }

  heed_cache &cache;
  const int32_t *ids;
  int64_t count;
  int64_t tokens = 0; ///< for each sequence
  int batchAxes = 1;  ///< 0 where the tensors are those of a single sequence

  /// For each tensor given: its plane, what it has to be, and what it is.
  uint32_t givenCount = 0;
  const Plane *given[planeCount];
  int64_t shapes[planeCount][4];
  heed_argument table[planeCount];
  Arguments arguments;
};

/// By the rules that a kernel's arguments follow, whose table is written here.
heed_status Append::checkTensors(const heed_cache_tokens &t) {
  batchAxes = !(count == 1 && t.keys && t.keys->ndim == 3);
  const DLTensor *tensors[] = {t.keys, t.values, t.key_scales, t.value_scales};
  const DLTensor *present[planeCount];
  for (int i = 0; i < planeCount; ++i) {
    const Plane &plane = cache.planes[i];
    if (!plane.rowElements()) {
      if (tensors[i])
        return fail(HEED_WRONG_VALUE, "%s: %s are given, but this cache keeps none", function,
                    plane.name);
      continue;
    }
    present[givenCount] = tensors[i];
    describe(plane);
  }
  constexpr const char *symbols[] = {"tokens"};
  heed_kernel rules = {};
  rules.abi_version = HEED_ABI_VERSION;
  rules.name = function;
  rules.argument_count = givenCount;
  rules.arguments = table;
  rules.symbol_count = 1;
  rules.symbols = symbols;
  if (heed_status status = checkArguments(rules, present, arguments))
    return status;
  tokens = arguments.symbols[0];
  return checkOverlap();
}

/// (batch, tokens, row...) or (tokens, row...).
void Append::describe(const Plane &plane) {
  constexpr int64_t tokensCode = -1;
  int64_t *shape = shapes[givenCount];
  uint8_t rank = 0;
  if (batchAxes)
    shape[rank++] = count;
  shape[rank++] = tokensCode;
  for (int axis = 0; axis < plane.rank; ++axis)
    shape[rank++] = plane.extents[axis];
  table[givenCount] = {
      plane.name, plane.type.code, plane.type.bits, rank, HEED_ROLE_INPUT, shape, 0, 0, 0};
  given[givenCount++] = &plane;
}

heed_status Append::checkOverlap() const {
  uintptr_t low = uintptr_t(cache.memory), high = low + cache.bytes;
  for (uint32_t i = 0; i < givenCount; ++i) {
    const Tensor &tensor = arguments.tensors[i];
    if (tensor.elements && tensor.low < high && low < tensor.high)
      return fail(HEED_OVERLAP, "%s: %s lie in the cache's own memory", function, given[i]->name);
  }
  return HEED_OK;
}

/// That no sequence is named twice.
heed_status Append::checkNames() {
  heed_status status = HEED_OK;
  int64_t checked = 0;
  for (; checked < count && !status; ++checked) {
    if (sequence(checked).named)
      status = fail(HEED_WRONG_VALUE, "%s: sequence %d is named twice", function, ids[checked]);
    sequence(checked).named = true;
  }
  for (int64_t entry = 0; entry < checked; ++entry)
    sequence(entry).named = false;
  return status;
}

heed_status Append::checkRoom() {
  const heed_cache_options &options = cache.options;
  for (int64_t entry = 0; entry < count; ++entry) {
    int64_t end = sequence(entry).end;
    if (end + tokens > INT32_MAX)
      return fail(HEED_TOO_LARGE,
                  "%s: sequence %d ends at position %lld, %lld more tokens are past "
                  "2^31 - 1",
                  function, ids[entry], (long long)end, (long long)tokens);
    if (options.layout == HEED_CACHE_CONTIGUOUS && end + tokens > options.tokens)
      return fail(
          HEED_FULL, "%s: sequence %d has %lld tokens, %lld more are past the %lld of its slot",
          function, ids[entry], (long long)end, (long long)tokens, (long long)options.tokens);
  }
  int64_t needed = cache.isPaged() ? newPages() : 0, free = cache.blocks.freeCount();
  if (needed > free)
    return fail(HEED_FULL, "%s: %lld pages are needed, %lld are free", function, (long long)needed,
                (long long)free);
  return HEED_OK;
}

/// Pages that all sequences together take. Of k sequences that share a page which isn't full, all
/// need one of their own, but the last one if nobody else uses it by then: counted by letting go of
/// the page and taking it back.
int64_t Append::newPages() {
  int64_t needed = 0;
  for (int64_t entry = 0; entry < count; ++entry) {
    Sequence &s = sequence(entry);
    needed += pagesFor(cache, s.end + tokens - s.first) - s.blocks;
    s.splits = fillsSharedPage(s);
    if (s.splits) {
      ++needed;
      cache.blocks.release(s.last, 1);
    }
  }
  for (int64_t entry = 0; entry < count; ++entry)
    if (sequence(entry).splits)
      cache.blocks.share(sequence(entry).last, 1);
  return needed;
}

bool Append::fillsSharedPage(const Sequence &s) const {
  return tokens && s.end % cache.options.tokens && cache.blocks.isShared(s.last);
}

void Append::run() {
  for (int64_t entry = 0; entry < count; ++entry)
    appendTo(sequence(entry), entry);
}

void Append::appendTo(Sequence &s, int64_t entry) {
  const int64_t blockTokens = cache.options.tokens;
  if (cache.isPaged() && fillsSharedPage(s)) {
    int32_t own = cache.blocks.take(cache.blocks.before(s.last));
    copyBlock(cache, s.last, own, s.end % blockTokens);
    cache.blocks.release(s.last, 1);
    s.last = own;
  }
  const bool isRing = cache.options.layout == HEED_CACHE_RING;
  for (int64_t token = isRing ? std::max<int64_t>(tokens - blockTokens, 0) : 0; token < tokens;
       ++token) {
    if (cache.isPaged() && (s.end + token) % blockTokens == 0) {
      s.last = cache.blocks.take(s.last);
      ++s.blocks;
    }
    copyToken(s, entry, token);
  }
  s.end += tokens;
  if (isRing)
    s.first = std::max(s.first, s.end - blockTokens);
}

void Append::copyToken(const Sequence &s, int64_t entry, int64_t token) {
  for (uint32_t i = 0; i < givenCount; ++i) {
    const Tensor &tensor = arguments.tensors[i];
    int64_t offset = token * tensor.strides[batchAxes];
    if (batchAxes)
      offset += entry * tensor.strides[0];
    copyCompact(cache.row(*given[i], s.last, s.end + token), tensor, batchAxes + 1,
                tensor.address + offset * tensor.elementBytes);
  }
}

} // namespace

heed_status heed_cache_append(heed_cache *cache, const int32_t *ids, int64_t count,
                              const heed_cache_tokens *tokens) {
  if (heed_status status = checkIds(function, cache, ids, count))
    return status;
  if (!tokens)
    return fail(HEED_NULL_ARGUMENT, "%s: tokens is NULL", function);
  Append append(*cache, ids, count);
  if (heed_status status = append.checkTensors(*tokens))
    return status;
  if (heed_status status = append.checkNames())
    return status;
  if (heed_status status = append.checkRoom())
    return status;
  append.run();
  return HEED_OK;
}
