// The twin of sparse_transformer.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("sparse_transformer", {.heads = 8, .headDim = 64});
  a.mask([](Position p) {
    Integer back = p.place() - p.key;
    return back >= 0 && (back < 8 || back % 8 == 0);
  });
  std::cout << a.text();
}
