#include "schedules/search/Canonical.h"

namespace heed {
namespace {

/// Half a block, as in the default, or a whole one.
int usualEdge(const OnlinePlan &plan) {
  int half = plan.keyTile / 2;
  return plan.keyTile % 2 == 0 && half % plan.grain() == 0 ? half : plan.keyTile;
}

} // namespace

Plan canonical(Plan plan, const KernelKey &key) {
  auto *online = std::get_if<OnlinePlan>(&plan.form);
  if (!online)
    return plan;
  bool hasLists = key.mask == "data";
  if (!hasLists)
    online->edgeKeyTile = usualEdge(*online);
  if (hasLists || key.operands == "stored")
    online->taskTiles = 1;
  return plan;
}

} // namespace heed
