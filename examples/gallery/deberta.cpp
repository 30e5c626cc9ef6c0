// The twin of deberta.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("deberta", {.heads = 8, .headDim = 64});
  // (batch, head, query or key, place)
  auto toPosition = a.input<Real>("content_to_position", {any, 8, any, 64});
  auto fromPosition = a.input<Real>("position_to_content", {any, 8, any, 64});
  a.dot();
  a.modify([&](Real x, Position p) {
    Real sum = x + toPosition(p.batch, p.head, p.query, p.query - p.key + 32) +
               fromPosition(p.batch, p.head, p.key, p.key - p.query + 32);
    return sum * 0.07216878364870322; // 1 / sqrt(3 dim)
  });
  std::cout << a.text();
}
