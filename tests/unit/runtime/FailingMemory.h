// No memory, on demand: the linker sends this program's calls of malloc and calloc here (--wrap).
#pragma once

namespace heed::test {

/// While it lives, the calling thread's malloc and calloc give NULL. C++'s `new` is not concerned.
class FailingMemory {
public:
  FailingMemory();
  ~FailingMemory();
};

} // namespace heed::test
