// Two kernels' archives and one libheed.a, called from two threads at once.
#include "capped.h"
#include "case.h"
#include "windowed.h"

#include <cstdio>
#include <thread>

using Kernel = heed_status (*)(const DLTensor *, const DLTensor *, const DLTensor *, DLTensor *);

static int mistakes(Kernel kernel, float value) {
  int wrong = 0;
  for (int round = 0; round < 200; ++round) {
    call_case *c = new_case(value);
    DLTensor *t = c->tensors;
    wrong += kernel(t, t + 1, t + 2, t + 3) != HEED_OK || !is_right(c);
    free(c);
  }
  return wrong;
}

int main() {
  int first = 0, second = 0;
  heed_set_threads(3);
  std::thread other([&] { second = mistakes(windowed, 3.0f); });
  first = mistakes(capped, 2.0f);
  other.join();
  std::printf("capped: %d wrong, windowed: %d wrong of 200; %s\n", first, second, heed_host_target());
  return first + second;
}
