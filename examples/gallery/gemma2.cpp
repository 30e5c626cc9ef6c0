// The twin of gemma2.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("gemma2", {.heads = 8, .keyHeads = 4, .headDim = 64});
  a.modify([](Real x, Position) { return tanh(x * 0.02) * 50.0; });
  a.mask([](Position p) { return p.key <= p.place() && p.place() - p.key < 24; });
  std::cout << a.text();
}
