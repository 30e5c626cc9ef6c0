// The twin of grouped_query.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("grouped_query", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.mask([](Position p) { return p.key <= p.place(); });
  std::cout << a.text();
}
