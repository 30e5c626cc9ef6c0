// What generated code calls, under names that no other definition can take the place of.
#pragma once

#include <HalideRuntime.h>

namespace heed {

void *halideAllocate(void *context, size_t bytes);
void halideFree(void *context, void *data);
int runHalideLoop(void *context, halide_task_t task, int first, int count, uint8_t *closure);

} // namespace heed
