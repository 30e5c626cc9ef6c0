// The twin of big_bird.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("big_bird", {.heads = 8, .headDim = 64});
  auto layout = a.input<bool>("layout", {8, any, any});
  a.mask([&](Position p) { return layout(p.head, p.query / 16, p.key / 16); });
  std::cout << a.text();
}
