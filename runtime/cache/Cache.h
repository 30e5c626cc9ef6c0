// What a cache holds. Slots and pages are the same thing to most of it: blocks of `tokens` tokens,
// of which a sequence has one that is its own for good (slots), or a chain (pages).
#pragma once

#include "runtime/cache/Blocks.h"

#include <heed/cache.h>

#include <cstddef>

namespace heed {

/// One of a cache's tensors: (blocks, tokens, extents...), compact.
struct Plane {
  const char *name; ///< as in heed_cache_tokens
  DLDataType type;
  int rank;           ///< of a token's part: its extents
  int64_t extents[2]; ///< (heads, dim) or (scales, 1)
  uint8_t *memory;

  /// Of a token; 0 where the cache has no such tensor.
  int64_t rowElements() const { return extents[0] * extents[1]; }
  int64_t rowBytes() const { return rowElements() * type.bits / 8; }
};

constexpr int planeCount = 4; ///< keys, values, key scales, value scales

struct Sequence {
  bool used;
  bool named;         ///< in the append under way
  bool splits;        ///< in the append under way: gets a page of its own for a shared one
  int32_t last;       ///< its newest block
  int32_t blocks;     ///< paged: pages from `last` backwards, just enough for first to end
  int64_t first, end; ///< positions it holds; paged: first is a multiple of a page's tokens
};

} // namespace heed

struct heed_cache {
  heed_cache_options options;
  heed::Plane planes[heed::planeCount];
  heed::Sequence *sequences;
  heed::Blocks blocks; ///< paged only
  int64_t freeSequences;
  uint8_t *memory; ///< one allocation that holds all of it, this struct included
  size_t bytes;

  bool isPaged() const { return options.layout == HEED_CACHE_PAGED; }
  int64_t blockCount() const { return isPaged() ? options.pages : options.sequences; }
  /// Where the plane has the token at `position`, which lies in `block`.
  uint8_t *row(const heed::Plane &plane, int32_t block, int64_t position) const {
    int64_t index = block * options.tokens + position % options.tokens;
    return plane.memory + index * plane.rowBytes();
  }
};

namespace heed {

/// HEED_OK where `cache` is one and `count` ids are those of its sequences; else the failure of
/// `function`.
heed_status checkIds(const char *function, const heed_cache *cache, const int32_t *ids,
                     int64_t count);

/// Pages that hold `tokens` tokens.
inline int64_t pagesFor(const heed_cache &cache, int64_t tokens) {
  return (tokens + cache.options.tokens - 1) / cache.options.tokens;
}

/// Copies the first `tokens` tokens of a block.
void copyBlock(heed_cache &cache, int32_t from, int32_t to, int64_t tokens);

} // namespace heed
