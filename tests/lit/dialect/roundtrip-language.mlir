// Operands, pairwise scores, normalizers, states and results in text, and back.
// RUN: heed-opt %s | heed-opt | FileCheck %s
// RUN: heed-opt %s --mlir-print-op-generic | heed-opt | FileCheck %s

// CHECK-LABEL: attn.normalizer @mean identity {
// CHECK: } summarize {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: tensor<?xf32>):
// CHECK: attn.block_sum %{{.*}} : f32
// CHECK: attn.block_max %{{.*}} : f32
// CHECK: } weight {
// CHECK: attn.decay %{{.*}} : f32
// CHECK: } merge {
// CHECK: } finalize {
// CHECK: } {unit = 2.000000e+00 : f64}
attn.normalizer @mean identity {
  %zero = arith.constant 0.0 : f32
  attn.yield %zero, %zero : f32, f32
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index, %t: tensor<?xf32>):
  %one = arith.constant 1.0 : f32
  %count = attn.block_sum %one : f32
  %largest = attn.block_max %x : f32
  attn.yield %count, %largest : f32, f32
} weight {
^bb0(%x: f32, %count: f32, %largest: f32, %batch: index, %head: index, %query: index, %t: tensor<?xf32>):
  %w = attn.decay %x : f32
  attn.yield %w : f32
} merge {
^bb0(%a: f32, %c: f32, %b: f32, %d: f32):
  %one = arith.constant 1.0 : f32
  %sum = arith.addf %a, %b : f32
  %max = arith.maximumf %c, %d : f32
  attn.yield %sum, %max, %one, %one : f32, f32, f32, f32
} finalize {
^bb0(%count: f32, %largest: f32, %batch: index, %head: index, %query: index, %t: tensor<?xf32>):
  %one = arith.constant 1.0 : f32
  %factor = arith.divf %one, %count : f32
  attn.yield %factor : f32
} {unit = 2.0 : f64}

// CHECK-LABEL: attn.threshold_normalizer @cut bracket {
// CHECK: } weight {
// CHECK: attn.yield %{{.*}} : f64
attn.threshold_normalizer @cut bracket {
  %end = arith.constant 0.0 : f64
  attn.yield %end, %end : f64, f64
} weight {
^bb0(%x: f64, %threshold: f64, %batch: index, %head: index, %query: index):
  attn.yield %x : f64
}

// CHECK-LABEL: attn.kernel @operands
attn.kernel @operands(%q: tensor<?x?x4x8xf16>, %pool: tensor<?x16x2x6xi8>, %table: tensor<?x?xi32>, %m: tensor<1x6x8xf32>,
                      %past: tensor<?x?x2x8xbf16>, %fresh: tensor<?x?x2x8xbf16>, %b: tensor<4xf32>)
    -> (tensor<?x?x4x8xbf16>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>) {
  // CHECK: attn.rowwise captures(%pool, %table : tensor<?x16x2x6xi8>, tensor<?x?xi32>) positions(%table[1] * 16) {
  // CHECK-NEXT: ^bb0(%batch: index, %position: index, %head: index, %column: index, %pool_{{.*}}: tensor<?x16x2x6xi8>, %table_{{.*}}: tensor<?x?xi32>):
  %raw = attn.rowwise captures(%pool, %table : tensor<?x16x2x6xi8>, tensor<?x?xi32>) positions(%table[1] * 16) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: tensor<?x16x2x6xi8>, %t: tensor<?x?xi32>):
    %sixteen = arith.constant 16 : index
    %place = arith.divsi %position, %sixteen : index
    %slot = arith.remsi %position, %sixteen : index
    %n = attn.load %t[%batch, %place] : tensor<?x?xi32>
    %page = arith.index_cast %n : i32 to index
    // CHECK: %[[BYTE:.*]] = attn.load %pool_{{.*}}[%{{.*}}, %{{.*}}, %head, %column] : tensor<?x16x2x6xi8>
    // CHECK-NEXT: arith.sitofp %[[BYTE]] : i32 to f32
    %byte = attn.load %x[%page, %slot, %head, %column] : tensor<?x16x2x6xi8>
    %y = arith.sitofp %byte : i32 to f32
    attn.yield %y : f32
  } : tensor<?x?x2x6xf32>
  // CHECK: attn.project %{{.*}}, %m : (tensor<?x?x2x6xf32>, tensor<1x6x8xf32>) -> tensor<?x?x2x8xf32>
  %k = attn.project %raw, %m : (tensor<?x?x2x6xf32>, tensor<1x6x8xf32>) -> tensor<?x?x2x8xf32>
  // CHECK: positions(%past[1] + %fresh[1]) {
  %v = attn.rowwise captures(%past, %fresh : tensor<?x?x2x8xbf16>, tensor<?x?x2x8xbf16>) positions(%past[1] + %fresh[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: tensor<?x?x2x8xbf16>, %y: tensor<?x?x2x8xbf16>):
    // CHECK: attn.extent %past_{{.*}}[1] : tensor<?x?x2x8xbf16>
    %n = attn.extent %x[1] : tensor<?x?x2x8xbf16>
    %rest = arith.subi %position, %n : index
    %a = attn.load %y[%batch, %rest, %head, %column] : tensor<?x?x2x8xbf16>
    attn.yield %a : f32
  } : tensor<?x?x2x8xf32>
  // CHECK: attn.score pairwise %q, %{{.*}} captures(%b : tensor<4xf32>) {
  // CHECK-NEXT: ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index, %b_{{.*}}: tensor<4xf32>):
  // CHECK: } : (tensor<?x?x4x8xf16>, tensor<?x?x2x8xf32>) -> tensor<?x4x?x?xf32>
  %s = attn.score pairwise %q, %k captures(%b : tensor<4xf32>) {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index, %t: tensor<4xf32>):
    %scale = attn.load %t[%head] : tensor<4xf32>
    %z = arith.mulf %x, %scale : f32
    attn.yield %z : f32
  } : (tensor<?x?x4x8xf16>, tensor<?x?x2x8xf32>) -> tensor<?x4x?x?xf32>
  // CHECK: attn.normalize sigmoid %{{.*}} captures(%b : tensor<4xf32>) : tensor<?x4x?x?xf32>
  %w = attn.normalize sigmoid %s captures(%b : tensor<4xf32>) : tensor<?x4x?x?xf32>
  // CHECK: attn.key_sum %{{.*}} : tensor<?x4x?x?xf32> -> tensor<?x4x?xf32>
  %n = attn.key_sum %w : tensor<?x4x?x?xf32> -> tensor<?x4x?xf32>
  // CHECK: attn.weighted_sum {{.*}} -> tensor<?x?x4x8xbf16>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x4x8xbf16>
  // CHECK: attn.return %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x?x4x8xbf16>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>
  attn.return %o, %n, %s : tensor<?x?x4x8xbf16>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>
}

// CHECK-LABEL: attn.kernel @segments
// CHECK-SAME: %starts: tensor<?xi32> {attn.segments}
attn.kernel @segments(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>,
                      %starts: tensor<?xi32> {attn.segments}) -> tensor<?x?x1x10xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%starts : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?xi32>):
    // CHECK: attn.segment_begin %starts_{{.*}}[%query] : tensor<?xi32>
    %begin = attn.segment_begin %t[%query] : tensor<?xi32>
    // CHECK: attn.segment_end %starts_{{.*}}[%query] : tensor<?xi32>
    %end = attn.segment_end %t[%query] : tensor<?xi32>
    %after = arith.cmpi sge, %key, %begin : index
    %before = arith.cmpi slt, %key, %end : index
    %keep = arith.andi %after, %before : i1
    attn.yield %keep : i1
  // CHECK: } status {
  // CHECK-NEXT: ^bb0(%batch: index, %head: index, %first: index, %last: index, %first_key: index, %last_key: index, %starts_{{.*}}: tensor<?xi32>):
  } status {
  ^bb0(%batch: index, %head: index, %first: index, %last: index, %first_key: index, %last_key: index, %t: tensor<?xi32>):
    // CHECK: attn.load_min %starts_{{.*}}[%first] to [%last] : tensor<?xi32>
    %low = attn.load_min %t[%first] to [%last] : tensor<?xi32>
    // CHECK: attn.load_max %starts_{{.*}}[%first_key] to [%last_key] : tensor<?xi32>
    %high = attn.load_max %t[%first_key] to [%last_key] : tensor<?xi32>
    %may = arith.cmpi sle, %low, %high : i32
    // CHECK: attn.yield %{{.*}}, %{{.*}} : i1, i1
    attn.yield %may, %may : i1, i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  // CHECK: attn.partial %{{.*}}, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x10xf32>
  %p = attn.partial %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x10xf32>
  attn.return %p : tensor<?x?x1x10xf32>
}

// CHECK-LABEL: attn.kernel @finish
attn.kernel @finish(%a: tensor<?x?x1x10xf32>, %b: tensor<?x?x1x10xf32>, %t: tensor<?xf32>) -> tensor<?x?x1x8xf32> {
  // CHECK: attn.merge @mean %a, %b : tensor<?x?x1x10xf32>
  %p = attn.merge @mean %a, %b : tensor<?x?x1x10xf32>
  // CHECK: attn.finish @mean %{{.*}} captures(%t : tensor<?xf32>) : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>
  %o = attn.finish @mean %p captures(%t : tensor<?xf32>) : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// CHECK-LABEL: attn.kernel @finish_with_log
attn.kernel @finish_with_log(%a: tensor<?x?x1x10xf64>) -> (tensor<?x?x1x8xf64>, tensor<?x1x?xf64>) {
  // CHECK: attn.finish softmax_plus_one %a : tensor<?x?x1x10xf64> -> tensor<?x?x1x8xf64>, tensor<?x1x?xf64>
  %o, %lse = attn.finish softmax_plus_one %a : tensor<?x?x1x10xf64> -> tensor<?x?x1x8xf64>, tensor<?x1x?xf64>
  attn.return %o, %lse : tensor<?x?x1x8xf64>, tensor<?x1x?xf64>
}

// CHECK-LABEL: attn.kernel @threshold
attn.kernel @threshold(%q: tensor<?x?x1x8xf64>, %k: tensor<?x?x1x8xf64>, %v: tensor<?x?x1x8xf64>) -> tensor<?x?x1x8xf64> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf64>, tensor<?x?x1x8xf64>) -> tensor<?x1x?x?xf64>
  // CHECK: attn.normalize @cut %{{.*}} : tensor<?x1x?x?xf64>
  %w = attn.normalize @cut %s : tensor<?x1x?x?xf64>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf64>, tensor<?x?x1x8xf64>) -> tensor<?x?x1x8xf64>
  attn.return %o : tensor<?x?x1x8xf64>
}
