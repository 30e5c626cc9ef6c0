// The twin of forgetting_transformer.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("forgetting_transformer", {.heads = 8, .headDim = 64});
  auto fade = a.input<Real>("fade", {any, 8, any}); // c, (batch, head, position)
  a.modify([&](Real x, Position p) {
    return x + fade(p.batch, p.head, p.query) - fade(p.batch, p.head, p.key);
  });
  a.mask([](Position p) { return p.key <= p.query; });
  std::cout << a.text();
}
