#include <one.h>
#include <stdio.h>
#include <two.h>

int main(void) {
  printf("%s: %s\n", one_status_name(thrice(NULL, NULL)), one_last_error());
  if (!*two_last_error())
    puts("nothing said to two");
  one_set_threads(3);
  two_set_threads(1);
  printf("%d %d\n", one_threads(), two_threads());
  fourfold(NULL, NULL);
  return 0;
}
