// Hull and full range of masks, after folding. Keys are half-open; +-1073741824 stand for infinity.
// RUN: heed-opt %s --attn-mask-ranges --canonicalize --cse | FileCheck %s

// Keys up to the query: the last query sees most, the first one least.
// CHECK-LABEL: attn.kernel @causal
// CHECK: } ranges {
// CHECK-NEXT: ^bb0(%batch: index, %head: index, %first: index, %last: index):
// CHECK-DAG: %[[LOW:.*]] = arith.constant -1073741824 : index
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[FULL:.*]] = arith.addi %first, %[[ONE]] : index
// CHECK-DAG: %[[HULL:.*]] = arith.addi %last, %[[ONE]] : index
// CHECK: attn.yield %[[LOW]], %[[HULL]], %[[LOW]], %[[FULL]] : index, index, index, index
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

// At most 1024 keys before the query's place, none after it: bounded on both sides.
// CHECK-LABEL: attn.kernel @window
// CHECK: } ranges {
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[WIDTH:.*]] = arith.constant -1024 : index
// CHECK-DAG: %[[OFFSET:.*]] = attn.query_offset
// CHECK-DAG: %[[FIRST:.*]] = arith.addi %first, %[[OFFSET]] : index
// CHECK-DAG: %[[LAST:.*]] = arith.addi %last, %[[OFFSET]] : index
// CHECK-DAG: %[[HULL_BEGIN:.*]] = arith.addi %[[FIRST]], %[[WIDTH]] : index
// CHECK-DAG: %[[FULL_BEGIN:.*]] = arith.addi %[[LAST]], %[[WIDTH]] : index
// CHECK-DAG: %[[HULL_END:.*]] = arith.addi %[[LAST]], %[[ONE]] : index
// CHECK-DAG: %[[FULL_END:.*]] = arith.addi %[[FIRST]], %[[ONE]] : index
// CHECK: attn.yield %[[HULL_BEGIN]], %[[HULL_END]], %[[FULL_BEGIN]], %[[FULL_END]]
attn.kernel @window(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %left = arith.constant 1024 : index
    %lowest = arith.subi %place, %left : index
    %a = arith.cmpi sge, %key, %lowest : index
    %b = arith.cmpi sle, %key, %place : index
    %keep = arith.andi %a, %b : i1
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// A length for each batch entry does not depend on the query: the hull is the full range. It is cut, or what stands for no
// limit would overflow.
// CHECK-LABEL: attn.kernel @padding
// CHECK: } ranges {
// CHECK-DAG: %[[LOW:.*]] = arith.constant -1073741824 : index
// CHECK-DAG: %[[N:.*]] = attn.load %{{.*}}[%batch] : tensor<?xi32>
// CHECK-DAG: %[[FARTHEST:.*]] = arith.constant 268435456 : index
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[N]] : i32 to index
// CHECK: %[[END:.*]] = arith.minsi %[[INDEX]], %[[FARTHEST]] : index
// CHECK: attn.yield %[[LOW]], %[[END]], %[[LOW]], %[[END]]
attn.kernel @padding(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %n: tensor<?xi32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%n : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?xi32>):
    %n32 = attn.load %t[%batch] : tensor<?xi32>
    %end = arith.index_cast %n32 : i32 to index
    %keep = arith.cmpi slt, %key, %end : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// Chunks of 128: floors stay exact.
// CHECK-LABEL: attn.kernel @chunks
// CHECK: } ranges {
// CHECK-DAG: %[[SIZE:.*]] = arith.constant 128 : index
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[FIRST:.*]] = arith.floordivsi %first, %[[SIZE]] : index
// CHECK-DAG: %[[LAST:.*]] = arith.floordivsi %last, %[[SIZE]] : index
// CHECK: attn.yield
attn.kernel @chunks(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %size = arith.constant 128 : index
    %a = arith.divsi %key, %size : index
    %b = arith.divsi %query, %size : index
    %keep = arith.cmpi eq, %a, %b : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// A captured mask says nothing beforehand: every key may count, none must.
// CHECK-LABEL: attn.kernel @captured
// CHECK: } ranges {
// CHECK-DAG: %[[LOW:.*]] = arith.constant -1073741824 : index
// CHECK-DAG: %[[HIGH:.*]] = arith.constant 1073741824 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK: attn.yield %[[LOW]], %[[HIGH]], %[[ZERO]], %[[ZERO]]
attn.kernel @captured(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<?x?xi1>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%t : tensor<?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %c: tensor<?x?xi1>):
    %keep = attn.load %c[%query, %key] : tensor<?x?xi1>
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// A prefix or chunks or every other key: the full range would be the longest of three, told apart at run time. That takes
// more operations than it is worth, and so no key must count.
// CHECK-LABEL: attn.kernel @too_much
// CHECK: } ranges {
// CHECK-DAG: %[[HIGH:.*]] = arith.constant 1073741824 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK: attn.yield %{{.*}}, %[[HIGH]], %[[ZERO]], %[[ZERO]]
attn.kernel @too_much(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %n = attn.query_length
    %in_prefix = arith.cmpi sge, %key, %n : index
    %c44 = arith.constant 44 : index
    %a = arith.floordivsi %query, %c44 : index
    %b = arith.floordivsi %key, %c44 : index
    %in_chunk = arith.cmpi eq, %a, %b : index
    %c2 = arith.constant 2 : index
    %zero = arith.constant 0 : index
    %distance = arith.subi %query, %key : index
    %rest = arith.remsi %distance, %c2 : index
    %is_even = arith.cmpi eq, %rest, %zero : index
    %either = arith.ori %in_prefix, %in_chunk : i1
    %keep = arith.ori %either, %is_even : i1
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}
