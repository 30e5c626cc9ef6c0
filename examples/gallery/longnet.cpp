// The twin of longnet.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("longnet", {.heads = 4, .headDim = 64});
  a.mask([](Position p) {
    Integer offset = p.head % 4;
    return p.query / 32 == p.key / 32 && p.query % 4 == offset && p.key % 4 == offset &&
           p.key <= p.query;
  });
  std::cout << a.text();
}
