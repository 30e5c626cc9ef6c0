#include "compiler/transforms/Pipeline.h"
#include "compiler/transforms/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

void heed::buildPipeline(mlir::OpPassManager &module) {
  mlir::OpPassManager &kernel = module.nest<attn::KernelOp>();
  kernel.addPass(createHoist());
  kernel.addPass(createMergeMasks());
  kernel.addPass(createMaskRanges());
  kernel.addPass(mlir::createCanonicalizerPass());
  kernel.addPass(mlir::createCSEPass());
  kernel.addPass(createMaskStatus()); // compares ranges, which are folded by now
  kernel.addPass(mlir::createCanonicalizerPass());
  kernel.addPass(mlir::createCSEPass());
}

void heed::registerPassesAndPipeline() {
  registerHeedPasses();
  mlir::PassPipelineRegistration<>("heed-pipeline", "everything before the graph", buildPipeline);
}
