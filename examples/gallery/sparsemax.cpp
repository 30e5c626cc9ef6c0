// The twin of sparsemax.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("sparsemax", {.heads = 4, .headDim = 64});
  a.normalize(Normalizer::sparsemax());
  std::cout << a.text();
}
