#include "runtime/cache/Blocks.h"

using namespace heed;

void Blocks::initialize(int32_t *userTable, int32_t *previousTable, int32_t count) {
  users = userTable;
  previous = previousTable;
  for (int32_t page = count - 1; page >= 0; --page) {
    users[page] = 1;
    release(page, 1);
  }
}

int32_t Blocks::take(int32_t before) {
  int32_t page = firstFree;
  firstFree = previous[page];
  --unused;
  users[page] = 1;
  previous[page] = before;
  return page;
}

void Blocks::share(int32_t last, int32_t count) {
  for (int32_t page = last; count > 0; --count, page = previous[page])
    ++users[page];
}

void Blocks::release(int32_t last, int32_t count) {
  for (int32_t page = last; count > 0; --count) {
    int32_t before = previous[page];
    if (--users[page] == 0) {
      previous[page] = firstFree;
      firstFree = page;
      ++unused;
    }
    page = before;
  }
}

int32_t Blocks::stepBack(int32_t last, int32_t steps) const {
  int32_t page = last;
  for (; steps > 0; --steps)
    page = previous[page];
  return page;
}
