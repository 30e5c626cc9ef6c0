// The twin of sigmoid.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("sigmoid", {.heads = 8, .headDim = 64});
  a.normalize(Normalizer::sigmoid(a.input<Real>("sigmoid_bias", {8})));
  std::cout << a.text();
}
