// The twin of longformer.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("longformer", {.heads = 8, .headDim = 64});
  auto global = a.input<bool>("is_global", {any, any});
  a.mask([&](Position p) {
    return abs(p.query - p.key) <= 12 || global(p.batch, p.key) || global(p.batch, p.query);
  });
  std::cout << a.text();
}
