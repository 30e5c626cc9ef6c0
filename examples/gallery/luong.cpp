// The twin of luong.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("luong", {.heads = 4, .headDim = 64});
  a.bilinear(a.input<Real>("w", {4, 64, 64}));
  std::cout << a.text();
}
