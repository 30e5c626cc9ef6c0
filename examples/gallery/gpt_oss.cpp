// The twin of gpt_oss.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("gpt_oss", {.heads = 8, .keyHeads = 2, .headDim = 64});
  a.mask([](Position p) { return p.key <= p.place() && p.place() - p.key < 32; });
  a.normalize(Normalizer::softmaxSinks(a.input<Real>("sinks", {8})));
  std::cout << a.text();
}
