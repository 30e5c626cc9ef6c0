// The twin of alibi.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("alibi", {.heads = 8, .headDim = 64});
  auto slopes = a.input<Real>("slopes", {8});
  a.modify([&](Real x, Position p) { return x - slopes[p.head] * abs(p.key - p.place()); });
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
