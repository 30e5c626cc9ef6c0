// The twin of entmax15.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("entmax15", {.heads = 4, .headDim = 64});
  a.normalize(Normalizer::entmax15());
  std::cout << a.text();
}
