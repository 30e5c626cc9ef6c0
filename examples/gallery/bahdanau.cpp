// The twin of bahdanau.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("bahdanau", {.heads = 2, .headDim = 64});
  auto wq = a.input<Real>("wq", {2, 64, 32}), wk = a.input<Real>("wk", {2, 64, 32});
  a.additive(wq, wk, a.input<Real>("w", {32}));
  std::cout << a.text();
}
