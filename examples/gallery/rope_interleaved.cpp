// The twin of rope_interleaved.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("rope_interleaved", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.rotary(a.input<Real>("cosines", {any, 32}), a.input<Real>("sines", {any, 32}),
           Rotary::Interleaved);
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
