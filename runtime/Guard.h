// The way out of generated code. Kernels are compiled without asserts, so they go on after a
// failed allocation or loop; the runtime leaves them by a jump to the innermost guard of the thread
// instead. Generated frames own nothing but workspace blocks, and those the guard frees.
#pragma once

#include "runtime/Workspace.h"

#include <csetjmp>

namespace heed {

struct Guard {
  jmp_buf place;
  Guard *outer;
  const void *newestBlock; ///< of this thread's workspace when the guard was set up
  int error;

  static constinit thread_local Guard *innermost;
};

/// Runs `generated()`, which returns 0 or one of Halide's error codes; so does this, also where
/// leave() was called inside. Between the two there may be no frame with a destructor.
template <typename Function> int guarded(Function generated) {
  Guard guard;
  guard.outer = Guard::innermost;
  guard.newestBlock = newestWorkspace();
  Guard::innermost = &guard;
  if (_setjmp(guard.place) == 0)
    guard.error = generated();
  Guard::innermost = guard.outer;
  return guard.error;
}

/// Ends the innermost guarded call of this thread with `error`. Returns only where there is none.
void leave(int error);

} // namespace heed
