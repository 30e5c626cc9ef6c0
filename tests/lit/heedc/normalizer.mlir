// A kernel's object depends on the normalizer of the user's that it names, also in the cache.
// RUN: rm -rf %t && mkdir %t
// RUN: heedc %s --target x86-64-avx2 -o %t/first --cache %t/cache
// RUN: sed 's/%one = arith.constant 1.0/%one = arith.constant 2.0/' %s > %t/other.mlir
// RUN: heedc %t/other.mlir --target x86-64-avx2 -o %t/first2 --cache %t/cache
// RUN: ls %t/cache | FileCheck %s
// CHECK-COUNT-2: llvmcache-

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
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %inverse = arith.divf %one, %count : f32
  %empty = arith.cmpf oeq, %count, %zero : f32
  %factor = arith.select %empty, %zero, %inverse : f32
  attn.yield %factor : f32
}
attn.kernel @averaged(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>)
    -> tensor<?x?x4x64xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %w = attn.normalize @mean %s : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %o : tensor<?x?x4x64xf32>
}
