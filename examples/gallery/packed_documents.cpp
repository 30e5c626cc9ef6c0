// The twin of packed_documents.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("packed_documents", {.heads = 8, .headDim = 64});
  Segments documents = a.segments("starts");
  a.mask([&](Position p) { return p.key >= documents.begin(p.query) && p.key <= p.query; });
  std::cout << a.text();
}
