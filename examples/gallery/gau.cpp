// The twin of gau.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("gau", {.heads = 1, .headDim = 128});
  auto bias = a.input<Real>("bias", {1023}); // of distances from -511 to 511
  a.dot();
  a.modify([&](Real x, Position p) { return x / p.keyLength() + bias[p.key - p.query + 511]; });
  a.normalize(Normalizer::reluSquared());
  std::cout << a.text();
}
