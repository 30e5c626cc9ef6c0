#include "runtime/Guard.h"

constinit thread_local heed::Guard *heed::Guard::innermost = nullptr;

void heed::leave(int error) {
  Guard *guard = Guard::innermost;
  if (!guard)
    return;
  freeWorkspaceSince(guard->newestBlock);
  guard->error = error;
  _longjmp(guard->place, 1);
}
