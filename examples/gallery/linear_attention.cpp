// The twin of linear_attention.mlir, in C++.
#include <heed/builder.h>

#include <iostream>

using namespace heed;

int main() {
  Attention a("linear_attention", {.heads = 4, .headDim = 32});
  auto phi = [](Element e) { return select(e.value > 0, e.value + 1, exp(e.value)); };
  a.query(phi), a.key(phi);
  a.dot();
  a.mask([](Position p) { return p.key <= p.query; });
  a.normalize(OnlineNormalizer<1>{
      .name = "by_sum", .identity = {0.0},
      .summarize = [](Real x, Row) { return State<1>{blockSum(x)}; },
      .weight = [](Real x, State<1>, Row) { return x; },
      .merge = [](State<1> s, State<1> t) { return Merged<1>{{s[0] + t[0]}, 1.0, 1.0}; },
      .finalize = [](State<1> s, Row) { return Final{select(s[0] == 0, 0.0, 1.0 / s[0])}; }});
  std::cout << a.text();
}
