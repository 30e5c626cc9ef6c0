// The twin of t5.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("t5", {.heads = 8, .headDim = 64});
  auto bias = a.input<Real>("bias", {8, 32});
  a.dot();
  a.modify([&](Real x, Position p) {
    return x + bias(p.head, relativeBucket(p.key - p.place(), {.buckets = 32, .farthest = 128}));
  });
  std::cout << a.text();
}
