// Rows of queries, keys and values that are converted or made while they are loaded.
#pragma once

#include "compiler/graph/Operand.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Computes the rows at `loop`, lanes as columns; what they are made of for each row by itself.
/// Nothing where the operand is read as it is.
void schedulePackedRows(PackedRows &packed, Halide::LoopLevel loop, int lanes);

/// Computes the rows before everything else, in parallel.
void scheduleAhead(RowsAhead &ahead, int lanes);

} // namespace heed
