// The twin of paged.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("paged", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.paged(16);
  a.keyLengths();
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
