#include "tests/unit/runtime/FailingMemory.h"

#include <cstddef>

static thread_local bool failing = false;

extern "C" {
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_malloc(size_t bytes) { return failing ? nullptr : __real_malloc(bytes); }
void *__wrap_calloc(size_t count, size_t bytes) {
  return failing ? nullptr : __real_calloc(count, bytes);
}
}

heed::test::FailingMemory::FailingMemory() { failing = true; }
heed::test::FailingMemory::~FailingMemory() { failing = false; }
