// The twin of multi_head_latent.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("multi_head_latent", {.heads = 4, .keyHeads = 1, .headDim = 576, .valueDim = 512});
  a.scaledDot(0.07216878364870322); // 1 / sqrt(128 + 64), the dim before absorption
  a.valueFromKeys();
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
