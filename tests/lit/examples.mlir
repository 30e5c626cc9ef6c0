// Every example parses, verifies and goes through the pipeline.
// RUN: heed-opt %examples/alibi_causal.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/bias.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/boolean.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/causal.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/dense.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/padding.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/partial.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/scores.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/softcap.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/storage.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/weights.mlir --heed-pipeline | FileCheck %s
// RUN: heed-opt %examples/window.mlir --heed-pipeline | FileCheck %s

// CHECK: attn.kernel
