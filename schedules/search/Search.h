// Which plan to try next.
#pragma once

#include "schedules/search/Model.h"
#include "schedules/search/Space.h"

#include <memory>

namespace heed {

/// Proposals are asked for ahead of results: one may be under way for some time, or never come
/// back.
class Search {
public:
  virtual ~Search() = default;
  /// A plan that was not proposed before; nothing when it can think of no other.
  virtual std::optional<Plan> propose() = 0;
  /// How long it took; infinite where it could not be built, failed, or was wrong. Also for plans
  /// of an earlier search, which are not proposed then.
  virtual void learn(const Plan &plan, double seconds) = 0;
};

/// The plans one may start from, a space for each form: the first is the default.
using Spaces = std::vector<Space>;

/// The starts; then what the model ranks first of many random plans, each unlike the others and
/// with another register tile; then steps from the best found so far, the most promising by what
/// was measured (Surrogate.h).
std::unique_ptr<Search> guidedSearch(Spaces spaces, Problem problem, unsigned seed);

/// The starts, then any legal plan.
std::unique_ptr<Search> randomSearch(Spaces spaces, unsigned seed);

} // namespace heed
