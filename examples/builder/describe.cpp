// Describes a kernel in C++: what the build compiles. describe FILE
//
// Scores fade with the distance, more slowly in later heads; a query sees 128 keys before its
// place, and the first four.
#include <heed/builder.h>

using namespace heed;

int main(int, char **argv) {
  Attention a("fading", {.heads = 8, .keyHeads = 2, .headDim = 32});
  a.modify([](Real x, Position p) { return x - log(1 + abs(p.place() - p.key)) / (1 + p.head); });
  a.mask([](Position p) {
    Integer back = p.place() - p.key;
    return back >= 0 && (back <= 128 || p.key < 4);
  });
  a.write(argv[1]);
}
