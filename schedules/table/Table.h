// Tuned plans: data that heed-tune writes and heedc reads.
#pragma once

#include "schedules/plan/Plan.h"
#include "schedules/table/KernelKey.h"

#include <map>

namespace heed {

/// Extents of a call by the names of PlanChoice.h: queries, keys and batch_heads of attention;
/// queries and batch_heads of merges; rows of layers.
using Shape = std::map<std::string, int64_t>;

/// The plan that was best for one kernel and shape, and what was measured.
struct TableEntry {
  KernelKey kernel;
  Shape shape;
  Plan plan;
  std::string machine;    ///< as machineName() has it
  int64_t threads = 1;    ///< that ran; no key: results must not depend on their number
  double seconds = 0;     ///< of a call, the least
  double shareOfPeak = 0; ///< useful operations of what the machine's multiply-adds could do; 0: no
                          ///< peak is known
};

struct Table {
  std::string file;   ///< where it was read
  std::string target; ///< a TargetInfo's name
  std::vector<TableEntry> entries;
};

/// {"heed_table": 1, "target": "x86-64-avx512", "entries": [...]}, one entry a line, in the order
/// of kernels and shapes: equal tables are equal bytes.
std::string toText(const Table &table);

/// Mistakes are located: "FILE:12: error: entry 3: plan: query_tile is 63, ...".
llvm::Expected<Table> tableFromText(const std::string &file, llvm::StringRef text);
llvm::Expected<Table> readTable(const std::string &file);

/// Adds `entry`, or replaces the one of the same kernel and shape.
void insert(Table &table, TableEntry entry);

/// "queries 1024, keys 1024, batch_heads 12"
std::string shapeText(const Shape &shape);

/// Which CPU this is, as the system calls it: "AMD EPYC 9R14".
std::string machineName();

} // namespace heed
