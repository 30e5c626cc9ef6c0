// A learned bias over any of batch, head, query and key: all fifteen in one kernel, in every form.
#include "tests/forms/Run.h"

#include <cmath>

using namespace heed;
using namespace heed::test;

TEST(Bias, OverAnyOfBatchHeadQueryAndKeyInEveryForm) {
  constexpr int64_t extents[] = {2, 3, 7, 11};
  Attention a("k", {.heads = extents[1], .keyHeads = 1, .headDim = 4});
  std::vector<Array> inputs = {wholeNumbers({extents[0], extents[2], extents[1], 4}, 1),
                               wholeNumbers({extents[0], extents[3], 1, 4}, 2),
                               wholeNumbers({extents[0], extents[3], 1, 4}, 3)};
  for (unsigned axes = 1; axes < 16; axes++) {
    std::vector<int64_t> shape;
    for (unsigned axis = 0; axis < 4; axis++)
      if (axes >> axis & 1)
        shape.push_back(extents[axis]);
    auto bias =
        a.input<Real>("bias" + std::to_string(axes), std::vector<int64_t>(shape.size(), any));
    a.modify([&](Real x, Position p) {
      const Integer positions[] = {p.batch, p.head, p.query, p.key};
      std::vector<Integer> place;
      for (unsigned axis = 0; axis < 4; axis++)
        if (axes >> axis & 1)
          place.push_back(positions[axis]);
      return x + bias.at(place);
    });
    inputs.push_back(wholeNumbers(shape, 10 + axes, 1));
  }
  for (const Plan &plan : smallPlans()) {
    SCOPED_TRACE(formName(plan));
    Compiled kernel(a.text(), plan);
    Array actual = kernel.run(inputs)[0], expected = kernel.expected(inputs)[0];
    expectNear(actual, expected);
  }
}
