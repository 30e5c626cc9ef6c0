#include "schedules/plan/PlanUses.h"

namespace heed {
namespace {

/// Half a block, as in the default, or a whole one.
int usualEdge(const OnlinePlan &plan) {
  int half = plan.keyTile / 2;
  return plan.keyTile % 2 == 0 && half % plan.grain() == 0 ? half : plan.keyTile;
}

} // namespace

Plan canonical(Plan plan, const PlanUses &uses) {
  auto *online = std::get_if<OnlinePlan>(&plan.form);
  if (online && !uses.edgeKeyTile)
    online->edgeKeyTile = usualEdge(*online);
  if (online && uses.edgeKeyTile) // blocks of a list are walked by whole tiles
    online->edgeVectors = OnlinePlan{}.edgeVectors;
  else if (online)
    online->edgeVectors = online->edgeVectorsOfTile();
  if (online && !uses.taskTiles)
    online->taskTiles = 1;
  if (auto *split = std::get_if<SplitPlan>(&plan.form); split && !uses.keysAhead)
    split->keysAhead = 0;
  return plan;
}

} // namespace heed
