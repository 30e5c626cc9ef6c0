// The twin of streaming_llm.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("streaming_llm", {.heads = 8, .headDim = 64});
  a.mask([](Position p) {
    Integer back = p.place() - p.key;
    return back >= 0 && (back < 16 || p.key < 4);
  });
  std::cout << a.text();
}
