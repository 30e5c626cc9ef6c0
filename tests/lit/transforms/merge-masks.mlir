// RUN: heed-opt %s --attn-merge-masks | FileCheck %s

// CHECK-LABEL: attn.kernel @three
// CHECK: attn.score
// CHECK-NEXT: %[[M:.*]] = attn.mask %{{.*}} captures(%a, %b : tensor<?xi32>, tensor<?xi1>) {
// CHECK-NEXT: ^bb0(%batch: index, %head: index, %query: index, %key: index, %[[A:.*]]: tensor<?xi32>, %[[B:.*]]: tensor<?xi1>):
// CHECK: %[[FIRST:.*]] = arith.cmpi sle, %key, %query
// CHECK: %[[N:.*]] = attn.load %[[A]][%batch]
// CHECK: %[[SECOND:.*]] = arith.cmpi slt, %key, %{{.*}}
// CHECK-NEXT: %[[BOTH:.*]] = arith.andi %[[FIRST]], %[[SECOND]] : i1
// CHECK-NEXT: %[[THIRD:.*]] = attn.load %[[B]][%batch]
// CHECK-NEXT: %[[ALL:.*]] = arith.andi %[[BOTH]], %[[THIRD]] : i1
// CHECK-NEXT: attn.yield %[[ALL]] : i1
// CHECK-NOT: attn.mask
// CHECK: attn.normalize softmax %[[M]]
// CHECK: attn.log_sum_exp %[[M]]
attn.kernel @three(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %a: tensor<?xi32>, %b: tensor<?xi1>)
    -> (tensor<?x?x1x8xf32>, tensor<?x1x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %0 = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %1 = attn.mask %0 captures(%a : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?xi32>):
    %n = attn.load %t[%batch] : tensor<?xi32>
    %i = arith.index_cast %n : i32 to index
    %keep = arith.cmpi slt, %key, %i : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %2 = attn.mask %1 captures(%b : tensor<?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?xi1>):
    %keep = attn.load %t[%batch] : tensor<?xi1>
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %2 : tensor<?x1x?x?xf32>
  %lse = attn.log_sum_exp %2 : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o, %lse : tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
}

// A mask whose scores are a result stays.
// CHECK-LABEL: attn.kernel @result
// CHECK: %[[FIRST:.*]] = attn.mask
// CHECK: %[[SECOND:.*]] = attn.mask %[[FIRST]]
// CHECK: attn.return %{{.*}}, %[[FIRST]]
attn.kernel @result(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>)
    -> (tensor<?x?x1x8xf32>, tensor<?x1x?x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %0 = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %1 = attn.mask %0 {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi ne, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %1 : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o, %0 : tensor<?x?x1x8xf32>, tensor<?x1x?x?xf32>
}
