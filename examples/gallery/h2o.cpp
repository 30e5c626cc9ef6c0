// The twin of h2o.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("h2o", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.mask([](Position p) { return p.key <= p.place(); });
  a.returnKeySums();
  std::cout << a.text();
}
