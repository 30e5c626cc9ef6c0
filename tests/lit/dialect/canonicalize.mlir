// Bodies are folded in place: nothing moves out of a component, and what it computes stays.
// RUN: heed-opt %s --canonicalize --cse | FileCheck %s

// CHECK-LABEL: attn.kernel @fold
attn.kernel @fold(%x: tensor<?x8xf32>, %unused: tensor<8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: attn.rowwise captures(%x, %unused : tensor<?x8xf32>, tensor<8xf32>) {
  // CHECK-NEXT: ^bb0
  // CHECK-NEXT:   %[[THREE:.*]] = arith.constant 3.000000e+00 : f32
  // CHECK-NEXT:   %[[A:.*]] = attn.load
  // CHECK-NEXT:   %[[R:.*]] = arith.mulf %[[A]], %[[THREE]] : f32
  // CHECK-NEXT:   attn.yield %[[R]] : f32
  %y = attn.rowwise captures(%x, %unused : tensor<?x8xf32>, tensor<8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>, %u: tensor<8xf32>):
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %three = arith.addf %one, %two : f32
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    %again = attn.load %t[%row, %column] : tensor<?x8xf32>
    %dead = attn.load %u[%column] : tensor<8xf32>
    %b = arith.mulf %again, %three : f32
    attn.yield %b : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}
