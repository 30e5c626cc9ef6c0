// Every op in text, and back. What is printed parses to the same.
// RUN: heed-opt %s | heed-opt | FileCheck %s
// RUN: heed-opt %s --mlir-print-op-generic | heed-opt | FileCheck %s

// CHECK-LABEL: attn.kernel @attention(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x32xf32>, %slopes: tensor<12xf32>, %lengths: tensor<?xi32> {attn.key_lengths})
// CHECK-SAME: -> (tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>) {
attn.kernel @attention(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x32xf32>,
                       %slopes: tensor<12xf32>, %lengths: tensor<?xi32> {attn.key_lengths})
    -> (tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>) {
  // CHECK: attn.score scaled_dot %q, %k {scale = 2.500000e-01 : f64} : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
  %s = attn.score scaled_dot %q, %k {scale = 0.25 : f64}
      : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
  // CHECK: attn.modify %{{.*}} captures(%slopes : tensor<12xf32>) {
  // CHECK-NEXT: ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %slopes_{{.*}}: tensor<12xf32>):
  // CHECK-NEXT: %[[SLOPE:.*]] = attn.load %slopes_{{.*}}[%head] : tensor<12xf32>
  // CHECK: attn.yield %{{.*}} : f32
  // CHECK-NEXT: } : tensor<?x12x?x?xf32>
  %b = attn.modify %s captures(%slopes : tensor<12xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %sl: tensor<12xf32>):
    %slope = attn.load %sl[%head] : tensor<12xf32>
    %y = arith.mulf %x, %slope : f32
    attn.yield %y : f32
  } : tensor<?x12x?x?xf32>
  // CHECK: attn.mask %{{.*}} {
  // CHECK-NEXT: ^bb0(%batch: index, %head: index, %query: index, %key: index):
  // CHECK-NEXT: attn.query_offset
  // CHECK-NEXT: attn.query_length
  // CHECK-NEXT: attn.key_length
  // CHECK: } ranges {
  // CHECK-NEXT: ^bb0(%batch: index, %head: index, %first: index, %last: index):
  // CHECK: attn.yield %{{.*}}, %last, %{{.*}}, %first : index, index, index, index
  // CHECK-NEXT: } : tensor<?x12x?x?xf32>
  %m = attn.mask %b {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %queries = attn.query_length
    %keys = attn.key_length
    %a = arith.addi %query, %offset : index
    %c = arith.addi %queries, %keys : index
    %d = arith.addi %a, %c : index
    %keep = arith.cmpi sle, %key, %d : index
    attn.yield %keep : i1
  } ranges {
  ^bb0(%batch: index, %head: index, %first: index, %last: index):
    %zero = arith.constant 0 : index
    attn.yield %zero, %last, %zero, %first : index, index, index, index
  } : tensor<?x12x?x?xf32>
  // CHECK: attn.normalize softmax %{{.*}} : tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x12x?x?xf32>
  // CHECK: attn.log_sum_exp %{{.*}} : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
  %lse = attn.log_sum_exp %m : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
  // CHECK: attn.weighted_sum %{{.*}}, %v : (tensor<?x12x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x12x32xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x12x32xf32>
  // CHECK: attn.return
  attn.return %o, %lse, %w : tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>
}

// CHECK-LABEL: attn.kernel @linear(%x: tensor<?x384xf32>, %w: tensor<384x1536xf32>, %bias: tensor<1536xf32>)
attn.kernel @linear(%x: tensor<?x384xf32>, %w: tensor<384x1536xf32>, %bias: tensor<1536xf32>) -> tensor<?x1536xf32> {
  // CHECK: attn.linear %x, %w captures(%bias : tensor<1536xf32>) {
  // CHECK-NEXT: ^bb0(%acc: f32, %row: index, %column: index, %bias_{{.*}}: tensor<1536xf32>):
  // CHECK: } : (tensor<?x384xf32>, tensor<384x1536xf32>) -> tensor<?x1536xf32>
  %y = attn.linear %x, %w captures(%bias : tensor<1536xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<1536xf32>):
    %here = attn.load %b[%column] : tensor<1536xf32>
    %sum = arith.addf %acc, %here : f32
    attn.yield %sum : f32
  } : (tensor<?x384xf32>, tensor<384x1536xf32>) -> tensor<?x1536xf32>
  attn.return %y : tensor<?x1536xf32>
}

// A name that C does not allow becomes argN.
// CHECK-LABEL: attn.kernel @rowwise(%arg0: tensor<?x384xf32>, %gamma: tensor<384xf32>, %arg2: tensor<?xi64>)
attn.kernel @rowwise(%0: tensor<?x384xf32>, %gamma: tensor<384xf32>, %int: tensor<?xi64>) -> tensor<?x384xf32> {
  // CHECK: attn.rowwise captures(%arg0, %gamma : tensor<?x384xf32>, tensor<384xf32>) {
  %y = attn.rowwise captures(%0, %gamma : tensor<?x384xf32>, tensor<384xf32>) {
  ^bb0(%row: index, %column: index, %xt: tensor<?x384xf32>, %g: tensor<384xf32>):
    %a = attn.load %xt[%row, %column] : tensor<?x384xf32>
    // CHECK: attn.row_sum %{{.*}} : f32
    %sum = attn.row_sum %a : f32
    %n = arith.divf %a, %sum : f32
    attn.yield %n : f32
  } : tensor<?x384xf32>
  attn.return %y : tensor<?x384xf32>
}
