// The twin of l2_distance.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("l2_distance", {.heads = 4, .headDim = 64});
  a.negativeSquaredDistance();
  a.modify([](Real x, Position) { return x * 0.125; });
  std::cout << a.text();
}
