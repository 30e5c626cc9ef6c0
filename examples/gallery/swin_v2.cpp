// The twin of swin_v2.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("swin_v2", {.heads = 4, .headDim = 32});
  a.cosine(a.input<Real>("scales", {4}));
  auto bias = a.input<Real>("bias", {4, any, any});
  a.modify([&](Real x, Position p) { return x + bias(p.head, p.query, p.key); });
  std::cout << a.text();
}
