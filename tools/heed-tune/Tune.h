// One run: every kernel of a module on every shape, thresholds between shapes, the table.
#pragma once

#include "tools/heed-tune/Tuner.h"

#include "mlir/IR/OwningOpRef.h"

namespace heed::tune {

struct Request {
  /// Each for every kernel that has its extents. None: 128 and 1024 queries, keys and rows, 8
  /// heads.
  std::vector<measure::Extents> shapes;
  Conditions conditions;
  double budget = 60; ///< seconds in all
  Effort effort;
  std::string table; ///< a file; empty: nothing is written
  std::string log;   ///< a file
};

/// A shape of one kernel and what came of it.
struct Tuned {
  std::string name; ///< of kernel and extents
  Setting setting;
  TableEntry entry;
  double operations, bytes;
  double gain;    ///< over the default plan
  bool isBetween; ///< measured for a threshold between two shapes that were asked for
  Trial best;
};

struct Outcomes {
  std::vector<Tuned> tuned;
  std::vector<Trial> trials; ///< the log's of these settings
};

/// Tunes kernel after kernel of `described`. The table is replaced whenever a shape is done.
///
/// Each shape gets an equal part of nine tenths of the time. Where the best plans of two shapes of
/// one kernel differ, first each is tried on the other's shape: one that loses at most 1.5% serves
/// both, since each further plan is another object in the library. Else shapes halfway
/// (geometrically) are measured with both, until neighbours are less than a factor of 1.5 apart or
/// the time is up.
llvm::Expected<Outcomes> tuneModule(mlir::ModuleOp described, const Request &request,
                                    Display &display);

} // namespace heed::tune
