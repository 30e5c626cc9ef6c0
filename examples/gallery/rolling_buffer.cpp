// The twin of rolling_buffer.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("rolling_buffer", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.ring();
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
