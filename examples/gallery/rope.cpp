// The twin of rope.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("rope", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.rotary(a.input<Real>("cosines", {any, 32}), a.input<Real>("sines", {any, 32}), Rotary::Half);
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
