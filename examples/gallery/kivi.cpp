// The twin of kivi.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("kivi", {.heads = 8, .keyHeads = 2, .headDim = 64});
  auto keyScales = a.input<Real>("key_scales", {2, 64});           // (head, column)
  a.int8(keyScales, a.input<Real>("value_scales", {any, any, 2})); // (batch, token, head)
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
