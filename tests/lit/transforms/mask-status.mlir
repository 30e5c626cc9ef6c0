// Block status, after folding: only of masks that ranges leave undecided.
// RUN: heed-opt %s --heed-pipeline | FileCheck %s

// Ranges decide a causal mask.
// CHECK-LABEL: attn.kernel @causal
// CHECK-NOT: status
// CHECK: attn.return
attn.kernel @causal(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// Blocks of 16: a block of the mask is a box of the tensor, true somewhere and true everywhere.
// CHECK-LABEL: attn.kernel @block_sparse
// CHECK: } status {
// CHECK-NEXT: ^bb0(%batch: index, %head: index, %first: index, %last: index, %first_key: index, %last_key: index, %[[T:.*]]: tensor<1x?x?xi1>):
// CHECK-DAG: %[[SIZE:.*]] = arith.constant 16 : index
// CHECK-DAG: %[[FIRST:.*]] = arith.floordivsi %first, %[[SIZE]] : index
// CHECK-DAG: %[[LAST:.*]] = arith.floordivsi %last, %[[SIZE]] : index
// CHECK-DAG: %[[FIRST_KEY:.*]] = arith.floordivsi %first_key, %[[SIZE]] : index
// CHECK-DAG: %[[LAST_KEY:.*]] = arith.floordivsi %last_key, %[[SIZE]] : index
// CHECK-DAG: %[[ALL:.*]] = attn.load_min %[[T]][%head, %[[FIRST]], %[[FIRST_KEY]]] to [%head, %[[LAST]], %[[LAST_KEY]]]
// CHECK-DAG: %[[MAY:.*]] = attn.load_max %[[T]][%head, %[[FIRST]], %[[FIRST_KEY]]] to [%head, %[[LAST]], %[[LAST_KEY]]]
// CHECK: attn.yield %[[MAY]], %[[ALL]] : i1, i1
attn.kernel @block_sparse(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<1x?x?xi1>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%t : tensor<1x?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %c: tensor<1x?x?xi1>):
    %size = arith.constant 16 : index
    %a = arith.divsi %query, %size : index
    %b = arith.divsi %key, %size : index
    %keep = attn.load %c[%head, %a, %b] : tensor<1x?x?xi1>
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// Every key but that of the query's own place: no block is without pairs, and where the two don't meet all count.
// CHECK-LABEL: attn.kernel @others
// CHECK: } status {
// CHECK-DAG: %[[BEFORE:.*]] = arith.cmpi sge, %last_key, %first : index
// CHECK-DAG: %[[AFTER:.*]] = arith.cmpi sge, %last, %first_key : index
// CHECK: attn.yield
attn.kernel @others(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi ne, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}
