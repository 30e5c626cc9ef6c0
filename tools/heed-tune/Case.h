// One kernel on one shape: all that measuring plans of it needs, made once.
#pragma once

#include "schedules/search/Search.h"
#include "tools/heed-tune/Log.h"
#include "tools/measure/Data.h"
#include "tools/measure/Kernels.h"
#include "tools/measure/Reference.h"
#include "tools/measure/Work.h"

namespace heed::tune {

/// How it is run.
struct Conditions {
  TargetInfo target;
  std::vector<measure::Layout> layouts = {measure::Layout::Bhsd, measure::Layout::Bshd};
  int threads = 1;
};

/// The arguments of a call in one layout, and what has to come out.
struct Call {
  measure::Data data;
  measure::Reference reference;
};

struct Case {
  std::string name;      ///< "causal_d64 b=1,h=12,k=1024,q=1024"
  mlir::ModuleOp module; ///< with the kernel alone, after all passes
  const measure::Kernel *kernel;
  std::vector<Call> calls; ///< one a layout
  double operations = 0;   ///< useful ones of a call; 0 where none are counted
  double bytes = 0;        ///< of all arguments
  Problem problem;
  Setting setting;
  std::vector<Plan> starts; ///< of every form that could serve, the default first
  Conditions conditions;

  /// An entry for a table.
  TableEntry entry(const Trial &trial) const;
};

/// `kernels` holds one. Errors say what the shape lacks.
llvm::Expected<Case> prepareCase(const measure::Kernels &kernels, const measure::Extents &extents,
                                 const Conditions &conditions);

} // namespace heed::tune
