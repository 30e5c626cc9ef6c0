// What a cache should hold, written down as plainly as possible: a vector of tokens a sequence.
#pragma once

#include <heed/cache.h>

#include <map>
#include <string>
#include <vector>

namespace heed::test {

/// The bytes of a token in each tensor of the cache: keys, values, key scales, value scales.
using Token = std::vector<std::string>;

struct ModelSequence {
  int64_t first = 0;
  std::vector<Token> tokens; ///< from position `first` on
  std::vector<int> pages;    ///< labels, oldest first

  int64_t end() const { return first + int64_t(tokens.size()); }
};

class CacheModel {
public:
  explicit CacheModel(const heed_cache_options &options) : options(options) {}

  heed_status add(int32_t &id);
  heed_status fork(int32_t id, int32_t &fork);
  void remove(int32_t id);
  /// tokens[i] go to ids[i].
  heed_status append(const std::vector<int32_t> &ids,
                     const std::vector<std::vector<Token>> &tokens);
  void truncate(int32_t id, int64_t count);
  void evict(int32_t id, int64_t count);

  int64_t freeSequences() const { return options.sequences - int64_t(sequences.size()); }
  int64_t freePages() const { return options.pages - int64_t(users.size()); }

  std::map<int32_t, ModelSequence> sequences;

private:
  bool takePage(ModelSequence &sequence);
  void releasePage(int label);
  bool append(ModelSequence &sequence, const Token &token);

  heed_cache_options options;
  std::map<int, int> users; ///< of each page in use
  int nextLabel = 0;
};

inline heed_status CacheModel::add(int32_t &id) {
  for (id = 0; id < options.sequences; ++id)
    if (sequences.try_emplace(id).second)
      return HEED_OK;
  return HEED_FULL;
}

inline heed_status CacheModel::fork(int32_t id, int32_t &fork) {
  if (heed_status status = add(fork))
    return status;
  sequences[fork] = sequences[id];
  for (int label : sequences[fork].pages)
    ++users[label];
  return HEED_OK;
}

inline void CacheModel::remove(int32_t id) {
  for (int label : sequences[id].pages)
    releasePage(label);
  sequences.erase(id);
}

inline heed_status CacheModel::append(const std::vector<int32_t> &ids,
                                      const std::vector<std::vector<Token>> &tokens) {
  CacheModel after = *this;
  for (size_t i = 0; i < ids.size(); ++i)
    for (const Token &token : tokens[i])
      if (!after.append(after.sequences[ids[i]], token))
        return HEED_FULL;
  *this = after;
  return HEED_OK;
}

inline bool CacheModel::append(ModelSequence &sequence, const Token &token) {
  bool isFull = int64_t(sequence.tokens.size()) == options.tokens;
  if (options.layout == HEED_CACHE_CONTIGUOUS && isFull)
    return false;
  if (options.layout == HEED_CACHE_RING && isFull) {
    sequence.tokens.erase(sequence.tokens.begin());
    ++sequence.first;
  }
  if (options.layout == HEED_CACHE_PAGED) {
    bool startsPage = sequence.end() % options.tokens == 0;
    if (!startsPage && users[sequence.pages.back()] > 1) {
      releasePage(sequence.pages.back());
      sequence.pages.pop_back();
      startsPage = true;
    }
    if (startsPage && !takePage(sequence))
      return false;
  }
  sequence.tokens.push_back(token);
  return true;
}

inline void CacheModel::truncate(int32_t id, int64_t count) {
  ModelSequence &sequence = sequences[id];
  sequence.tokens.resize(sequence.tokens.size() - count);
  if (options.layout != HEED_CACHE_PAGED)
    return;
  size_t pages = (sequence.tokens.size() + options.tokens - 1) / options.tokens;
  while (sequence.pages.size() > pages) {
    releasePage(sequence.pages.back());
    sequence.pages.pop_back();
  }
}

inline void CacheModel::evict(int32_t id, int64_t count) {
  ModelSequence &sequence = sequences[id];
  if (options.layout == HEED_CACHE_PAGED) {
    int64_t pages = count / options.tokens;
    count = pages * options.tokens;
    for (int64_t i = 0; i < pages; ++i)
      releasePage(sequence.pages[i]);
    sequence.pages.erase(sequence.pages.begin(), sequence.pages.begin() + pages);
  }
  sequence.tokens.erase(sequence.tokens.begin(), sequence.tokens.begin() + count);
  sequence.first += count;
}

inline bool CacheModel::takePage(ModelSequence &sequence) {
  if (!freePages())
    return false;
  sequence.pages.push_back(nextLabel);
  users[nextLabel++] = 1;
  return true;
}

inline void CacheModel::releasePage(int label) {
  if (--users[label] == 0)
    users.erase(label);
}

} // namespace heed::test
