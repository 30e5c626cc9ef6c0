// RUN: heed-opt --attn-hoist --canonicalize --cse --split-input-file %s | FileCheck %s

// A squared distance is a dot product of rows with two more columns.
// CHECK-LABEL: attn.kernel @distance
// CHECK: %[[Q:.*]] = attn.rowwise captures(%q
// CHECK: attn.row_sum
// CHECK: : tensor<?x?x4x34xf32>
// CHECK: %[[K:.*]] = attn.rowwise captures(%k
// CHECK: attn.row_sum
// CHECK: attn.score dot %[[Q]], %[[K]]
attn.kernel @distance(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>)
    -> tensor<?x?x4x32xf32> {
  %s = attn.score pairwise %q, %k {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index):
    %d = arith.subf %x, %y : f32
    %e = arith.mulf %d, %d : f32
    %z = arith.negf %e : f32
    attn.yield %z : f32
  } : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}

// -----

// The exponentials are taken with the rows; the pair's work is a clamped quotient.
// CHECK-LABEL: attn.kernel @additive
// CHECK: %[[Q:.*]] = attn.rowwise captures(%q
// CHECK: math.exp
// CHECK: %[[K:.*]] = attn.rowwise captures(%k
// CHECK: math.exp
// CHECK: attn.score pairwise %[[Q]], %[[K]]
// CHECK-NOT: math.tanh
// CHECK-NOT: math.exp
// CHECK: %[[BOTH:.*]] = arith.mulf %x, %y
// CHECK: %[[SUM:.*]] = arith.addf %[[BOTH]]
// CHECK: %[[DENOMINATOR:.*]] = math.clampf %[[SUM]]
// CHECK: arith.divf %{{.*}}, %[[DENOMINATOR]]
attn.kernel @additive(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>,
                      %w: tensor<4x32xf32>) -> tensor<?x?x4x32xf32> {
  %s = attn.score pairwise %q, %k captures(%w : tensor<4x32xf32>) {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index, %weights: tensor<4x32xf32>):
    %sum = arith.addf %x, %y : f32
    %t = math.tanh %sum : f32
    %c = attn.load %weights[%head, %column] : tensor<4x32xf32>
    %z = arith.mulf %t, %c : f32
    attn.yield %z : f32
  } : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %n = attn.normalize softmax %s : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %n, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}

// -----

// Doubles are asked for more than the fraction gives.
// CHECK-LABEL: attn.kernel @additive_in_f64
// CHECK: math.tanh
attn.kernel @additive_in_f64(%q: tensor<?x?x4x32xf64>, %k: tensor<?x?x4x32xf64>, %v: tensor<?x?x4x32xf64>)
    -> tensor<?x?x4x32xf64> {
  %s = attn.score pairwise %q, %k {
  ^bb0(%x: f64, %y: f64, %batch: index, %head: index, %column: index):
    %sum = arith.addf %x, %y : f64
    %t = math.tanh %sum : f64
    attn.yield %t : f64
  } : (tensor<?x?x4x32xf64>, tensor<?x?x4x32xf64>) -> tensor<?x4x?x?xf64>
  %n = attn.normalize softmax %s : tensor<?x4x?x?xf64>
  %o = attn.weighted_sum %n, %v : (tensor<?x4x?x?xf64>, tensor<?x?x4x32xf64>) -> tensor<?x?x4x32xf64>
  attn.return %o : tensor<?x?x4x32xf64>
}

// -----

// Keys know no query head: what reads one of 4 for 2 heads of keys stays where it is.
// CHECK-LABEL: attn.kernel @by_head
// CHECK-NOT: attn.rowwise
// CHECK: attn.score pairwise %q, %k
attn.kernel @by_head(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>,
                     %w: tensor<4xf32>) -> tensor<?x?x4x32xf32> {
  %s = attn.score pairwise %q, %k captures(%w : tensor<4xf32>) {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index, %weights: tensor<4xf32>):
    %c = attn.load %weights[%head] : tensor<4xf32>
    %a = math.powf %y, %c : f32
    %d = arith.subf %x, %a : f32
    %z = math.absf %d : f32
    attn.yield %z : f32
  } : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %n = attn.normalize softmax %s : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %n, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
