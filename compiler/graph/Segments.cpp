#include "compiler/graph/Segments.h"

using namespace Halide;

namespace heed {

SegmentTable buildSegments(const Func &starts, Expr number, Expr last) {
  Var position("position");
  auto at = [&](Expr i) { return starts(clamp(i, 0, max(number - 1, 0))); };
  SegmentTable table{Func("segmentCount"), Func("segmentEnds"), std::move(last)};
  RDom step(0, 31, "segmentStep");
  Expr width = 1 << (30 - step);
  step.where(width <= number);
  table.count(position) = 0;
  Expr further = table.count(position) + width;
  table.count(position) =
      select(further <= number && at(further - 1) <= position, further, table.count(position));

  constexpr int none = 1 << 30;
  Expr count = table.count(position);
  table.ends(position) = Tuple(select(count > 0, at(count - 1), 0),
                               select(count < number, at(count), none));
  return table;
}

} // namespace heed
