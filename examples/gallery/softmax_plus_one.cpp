// The twin of softmax_plus_one.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("softmax_plus_one", {.heads = 8, .headDim = 64});
  a.normalize(Normalizer::softmaxPlusOne());
  std::cout << a.text();
}
