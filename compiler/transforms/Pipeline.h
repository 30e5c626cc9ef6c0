// What happens to attn IR between parsing and the graph.
#pragma once

#include "mlir/Pass/PassManager.h"

namespace heed {

/// Adds all passes, in order, to the pass manager of a module.
void buildPipeline(mlir::OpPassManager &module);

/// Makes the passes and the pipeline (--heed-pipeline) known to heed-opt.
void registerPassesAndPipeline();

} // namespace heed
