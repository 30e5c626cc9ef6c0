// The twin of vaswani.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("vaswani", {.heads = 8, .headDim = 64});
  std::cout << a.text();
}
