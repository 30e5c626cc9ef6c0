// Where plans come from.
#pragma once

#include "compiler/emit/PlanFile.h"
#include "schedules/table/Table.h"

namespace heed {

/// Asked in this order; for shapes that one leaves open the next is asked, and at the end the
/// default list.
struct PlanSources {
  PlanFile file = {};             ///< --plan
  std::vector<Table> tables = {}; ///< --table, then HEED_TABLE, then those that come with Heed
};

/// Reads them; an empty name is no file. Heed's own tables lie in schedules/TARGET or
/// share/heed/schedules/TARGET beside the folder of this executable, or in TARGET of the folder
/// that HEED_SCHEDULES names, one for each CPU that was tuned on, named as LLVM names it. That of
/// this CPU is read, or the one with the most alike name; where there are none, the default list is
/// what remains.
llvm::Expected<PlanSources> loadPlanSources(const std::string &planFile,
                                            const std::string &tableFile);

} // namespace heed
