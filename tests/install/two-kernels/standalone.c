/* Two archives that hold a runtime each: their settings and messages are their own. */
#include "capped.h"
#include "case.h"
#include "windowed.h"

#include <stdio.h>
#include <string.h>

int main(void) {
  call_case *a = new_case(2), *b = new_case(3);
  DLTensor *s = a->tensors, *t = b->tensors;
  capped_set_threads(1);
  windowed_set_threads(2);
  int good = capped(s, s + 1, s + 2, s + 3) == HEED_OK && is_right(a) &&
             windowed(t, t + 1, t + 2, t + 3) == HEED_OK && is_right(b);
  good = good && capped_threads() == 1 && windowed_threads() == 2;
  good = good && capped(NULL, s + 1, s + 2, s + 3) == HEED_NULL_ARGUMENT &&
         strstr(capped_last_error(), "'q'") && !*windowed_last_error();
  printf("%s\n", good ? "both are right" : "something is wrong");
  return !good;
}
