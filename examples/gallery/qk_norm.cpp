// The twin of qk_norm.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("qk_norm", {.heads = 8, .keyHeads = 2, .headDim = 64});
  auto queryWeights = a.input<Real>("query_norm", {64});
  a.queryKeyNorm(queryWeights, a.input<Real>("key_norm", {64}));
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
