// Laws of normalizers, tried on random keys: those that Heed brings keep theirs, and a broken one is told with an example.
// RUN: not heedc %s --check-laws 2> %t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=ERROR --input-file %t.err
// RUN: heedc --preset causal --head-dim 64 --check-laws | FileCheck %s --check-prefix=KIND

// KIND: softmax
// KIND-NEXT: merge is associative held 1000 times
// KIND-NEXT: merge is commutative held 1000 times
// KIND-NEXT: identity changes nothing held 1000 times
// KIND-NEXT: no keys sum up to identity held 1000 times
// KIND-NEXT: merge's factors agree with weight held 1000 times
// KIND-NEXT: splitting the keys changes no weight held 1000 times

// CHECK: @mean
// CHECK-NOT: FAILS
// CHECK: @largest
// CHECK: merge is commutative FAILS
// CHECK: identity changes nothing FAILS
// CHECK: merge's factors agree with weight FAILS
// CHECK: @loose
// CHECK: the bracket holds a sum of 1 FAILS
// CHECK: weights fall as the threshold grows held 1000 times
// CHECK: entmax15
// CHECK-NOT: FAILS

attn.normalizer @mean identity {
  %zero = arith.constant 0.0 : f32
  attn.yield %zero : f32
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  %count = attn.block_sum %one : f32
  attn.yield %count : f32
} weight {
^bb0(%x: f32, %count: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
^bb0(%a: f32, %b: f32):
  %one = arith.constant 1.0 : f32
  %sum = arith.addf %a, %b : f32
  attn.yield %sum, %one, %one : f32, f32, f32
} finalize {
^bb0(%count: f32, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  %factor = arith.divf %one, %count : f32
  attn.yield %factor : f32
}

// ERROR: check-laws.mlir:[[@LINE+2]]:1: error: normalizer @largest breaks the law that merge is commutative:
// ERROR-SAME: for keys with scores [{{.*}}] and [{{.*}}], merge(a, b) with its factors is [{{.*}}], but merge(b, a) is [{{.*}}]
attn.normalizer @largest identity {
  %none = arith.constant -1.0e30 : f32
  attn.yield %none : f32
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  %largest = attn.block_max %x : f32
  attn.yield %largest : f32
} weight {
^bb0(%x: f32, %largest: f32, %batch: index, %head: index, %query: index):
  %below = arith.subf %x, %largest : f32
  %weight = attn.decay %below : f32
  attn.yield %weight : f32
} merge {
^bb0(%a: f32, %b: f32):
  %one = arith.constant 1.0 : f32
  attn.yield %b, %one, %one : f32, f32, f32
} finalize {
^bb0(%largest: f32, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  attn.yield %one : f32
}

// ERROR: check-laws.mlir:[[@LINE+2]]:1: error: normalizer @loose breaks the law that the bracket holds a sum of 1:
// ERROR-SAME: weights sum to {{.*}} at the lower end
attn.threshold_normalizer @loose bracket {
  %low = arith.constant -0.5 : f32
  %high = arith.constant 0.0 : f32
  attn.yield %low, %high : f32, f32
} weight {
^bb0(%x: f32, %threshold: f32, %batch: index, %head: index, %query: index):
  %zero = arith.constant 0.0 : f32
  %above = arith.subf %x, %threshold : f32
  %weight = arith.maximumf %above, %zero : f32
  attn.yield %weight : f32
}

attn.kernel @k(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x2x?x?xf32>
  %w = attn.normalize entmax15 %s : tensor<?x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}
