// The twin of retention.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("retention", {.heads = 4, .headDim = 64});
  auto decay = a.input<Real>("log2_decay", {4}); // log2 of gamma
  a.dot();
  a.modify([&](Real x, Position p) { return x * exp2(decay[p.head] * max(p.query - p.key, 0)); });
  a.mask([](Position p) { return p.key <= p.query; });
  a.normalize(Normalizer::none());
  std::cout << a.text();
}
