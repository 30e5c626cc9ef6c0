/* heed/cache.h - the keys and values of many sequences, as attention kernels read them.
 *
 * A cache holds, for one layer of a model, the keys and values of the tokens of up to `sequences`
 * sequences. New tokens are appended in place; a view hands tensors to a kernel without a copy.
 * Three layouts, one interface:
 *
 *   contiguous  each sequence has a slot of `tokens` tokens
 *   ring        each sequence has a slot with its last `tokens` tokens: position p in row p modulo
 *               tokens
 *   paged       sequences take pages of `tokens` tokens from a pool of `pages`; a block table says
 *               which (vLLM: Kwon et al. 2023, "Efficient Memory Management for Large Language
 *               Model Serving with PagedAttention", section 4). Forks share them, copy on write.
 *
 * Positions count a sequence's tokens from 0. A sequence holds the positions [first, end): first is
 * 0 until tokens are evicted.
 *
 * All memory is taken by heed_cache_create; later only views allocate, and only to grow. A call
 * that fails changes nothing and says why in heed_last_error(). Of one cache, any number of threads
 * may read at a time (const functions), or one may change it. Caches of several layers that are
 * given the same calls have the same ids and tables.
 */
#ifndef HEED_CACHE_H
#define HEED_CACHE_H

#include <heed/heed.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef enum heed_cache_layout {
  HEED_CACHE_CONTIGUOUS = 0,
  HEED_CACHE_PAGED = 1,
  HEED_CACHE_RING = 2,
} heed_cache_layout;

/* Keys, and values, of a whole cache are at most 2^31 - 1 elements: what a kernel can index. */
typedef struct heed_cache_options {
  heed_cache_layout layout;
  DLDataType type;   /* of keys and values: float32, float64, float16, bfloat16 or int8 */
  int64_t heads;     /* of keys and values */
  int64_t key_dim;   /* elements of a head's key */
  int64_t value_dim; /* of a head's value; 0: keys only (values are made from them) */
  int64_t scales; /* float32 numbers kept beside each token's keys, and as many beside its values:
                     0, 1 for all heads, `heads`, ... */
  int64_t sequences; /* at most so many at a time */
  int64_t tokens;    /* of a slot or page. A ring that n tokens are appended to before its view is
                        read with a window of w needs w + n - 1. */
  int64_t pages;     /* paged only, else 0 */
} heed_cache_options;

typedef struct heed_cache heed_cache;

heed_status heed_cache_create(const heed_cache_options *options, heed_cache **cache);
void heed_cache_destroy(heed_cache *cache); /* NULL is fine; views of it end, too */

/* A new sequence, empty: the lowest id in [0, sequences) that is free. HEED_FULL without one. */
heed_status heed_cache_add(heed_cache *cache, int32_t *id);

/* A new sequence with the tokens of `id`. Paged: shares all pages, and takes one of its own when a
 * shared page that isn't full is appended to. Else: copies the slot. */
heed_status heed_cache_fork(heed_cache *cache, int32_t id, int32_t *fork);

/* Ends a sequence; slots, and pages that no fork uses, are free again. */
heed_status heed_cache_remove(heed_cache *cache, int32_t id);

/* Tokens to append to each of a batch of sequences: (batch, tokens, heads, dim), or for a single
 * sequence (tokens, heads, dim). Any strides; not in the cache's own memory. Scales: (batch,
 * tokens, scales), or (tokens, scales). What the cache does not keep is NULL. */
typedef struct heed_cache_tokens {
  const DLTensor *keys, *values;
  const DLTensor *key_scales, *value_scales; /* float32 */
} heed_cache_tokens;

/* Appends to all `count` sequences (each named once) or, when it fails, to none. HEED_FULL when
 * pages or a slot's rows run out. In a ring the oldest tokens make room. */
heed_status heed_cache_append(heed_cache *cache, const int32_t *ids, int64_t count,
                              const heed_cache_tokens *tokens);

/* Drops the newest `tokens` tokens: a guess of the model that was not accepted. */
heed_status heed_cache_truncate(heed_cache *cache, int32_t id, int64_t tokens);

/* Drops the oldest `tokens` tokens; paged: only whole pages, so up to a page less than asked.
 * Contiguous slots begin with position 0 and refuse it. */
heed_status heed_cache_evict(heed_cache *cache, int32_t id, int64_t tokens);

/* The positions that a sequence holds: [first, end). */
heed_status heed_cache_span(const heed_cache *cache, int32_t id, int64_t *first, int64_t *end);

/* Room that is left; pages is 0 but for paged. */
heed_status heed_cache_room(const heed_cache *cache, int64_t *sequences, int64_t *pages);

/* Tensors for a kernel, of a batch of sequences. Key j of a batch entry is the token at position
 * first_positions[entry] + j, for j in [0, key_lengths[entry]). It lies in
 *
 *   contiguous  keys[entry, j]
 *   ring        keys[entry, (first_positions[entry] + j) % tokens]
 *   paged       keys[block_table[entry, j / tokens], j % tokens]
 *
 * Table entries past a sequence's pages are 0, and there is at least one for each sequence.
 * Tensors that the cache has none of are all zero. They stay valid until the cache changes. */
typedef struct heed_view {
  DLTensor keys, values; /* (batch, tokens, heads, dim); paged: (pages, tokens, heads, dim) */
  DLTensor key_scales, value_scales; /* float32 (batch or pages, tokens, scales) */
  DLTensor block_table;              /* paged: int32 (batch, pages of the longest) */
  DLTensor key_lengths;              /* int32 (batch): tokens that each sequence holds */
  DLTensor query_offsets;            /* int32 (batch): key length - queries */
  DLTensor first_positions;          /* int32 (batch) */
  void *memory;                      /* of the small tensors and all shapes; grows as needed */
  size_t bytes;
} heed_view;

/* Fills a view of `count` sequences whose last `queries` tokens (the same number in each) are the
 * queries. Clear `view` before its first use: heed_view view = {0}; later calls reuse its memory.
 * Slots need ids in even steps (0, 1, 2 or 6, 4, 2), else HEED_WRONG_STRIDE; pages take any ids. */
heed_status heed_cache_view(const heed_cache *cache, const int32_t *ids, int64_t count,
                            int64_t queries, heed_view *view);
void heed_view_release(heed_view *view); /* NULL is fine */

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
