// The twin of prefix_lm.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("prefix_lm", {.heads = 8, .headDim = 64});
  auto prefix = a.input<int32_t>("prefix", {any});
  a.mask([&](Position p) { return p.key <= p.query || p.key < prefix[p.batch]; });
  std::cout << a.text();
}
