// Pages of a pool: which are free, and how many sequences use each.
#pragma once

#include <cstdint>

namespace heed {

/// Pages are chained from a sequence's newest to its oldest: each knows the one before it, so forks
/// share their common past as it is, and a sequence is its newest page and a number of pages.
class Blocks {
public:
  /// Tables of `count` entries each, which the caller owns.
  void initialize(int32_t *users, int32_t *previous, int32_t count);

  int64_t freeCount() const { return unused; }
  int32_t before(int32_t page) const { return previous[page]; }
  bool isShared(int32_t page) const { return users[page] > 1; }

  /// A free page (there has to be one) with one user, chained to `before`.
  int32_t take(int32_t before);
  /// One user more, or less, for `count` pages from `last` on backwards.
  void share(int32_t last, int32_t count);
  void release(int32_t last, int32_t count);
  /// The page `steps` before `last`.
  int32_t stepBack(int32_t last, int32_t steps) const;

private:
  int32_t *users = nullptr, *previous = nullptr;
  int32_t firstFree = 0; ///< free pages are chained, too
  int64_t unused = 0;
};

} // namespace heed
