// Rules of what stands in masks' regions, broken once each. Labels are those of AttnOps.td.
// RUN: heed-opt %s --split-input-file --verify-diagnostics

//===--------------------------------------------- attn.mask ------------------------------------------------===//

// (C2)
attn.kernel @k(%s: tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32> {
  // expected-error @+1 {{'attn.mask' op status must take 6 arguments (batch, head, first, last, first_key, last_key), then one for each capture}}
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } status {
  ^bb0(%batch: index, %head: index, %first: index, %last: index):
    %may = arith.cmpi sle, %first, %last : index
    attn.yield %may, %may : i1, i1
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}

// -----

// (C2)
attn.kernel @k(%s: tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32> {
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } status {
  ^bb0(%batch: index, %head: index, %first: index, %last: index, %first_key: index, %last_key: index):
    %may = arith.cmpi sle, %first_key, %last : index
    // expected-error @+1 {{must yield 'i1', 'i1' in status of 'attn.mask', not 'i1'}}
    attn.yield %may : i1
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}

// -----

//===----------------------------------- attn.load_min, attn.load_max ---------------------------------------===//

// (C1)
attn.kernel @k(%s: tensor<?x1x?x?xf32>, %t: tensor<?x?xi32>) -> tensor<?x1x?x?xf32> {
  %m = attn.mask %s captures(%t : tensor<?x?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %d: tensor<?x?xi32>):
    // expected-error @+1 {{'attn.load_min' op has 1 indices for a tensor of rank 2}}
    %low = attn.load_min %d[%query] to [%query] : tensor<?x?xi32>
    %keep = arith.cmpi sle, %low, %low : i32
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}

// -----

// (C1)
attn.kernel @k(%s: tensor<?x1x?x?xf32>, %t: tensor<?x?xi32>) -> tensor<?x1x?x?xf32> {
  %m = attn.mask %s captures(%t : tensor<?x?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %d: tensor<?x?xi32>):
    // expected-error @+1 {{'attn.load_max' op has 3 indices for a tensor of rank 2}}
    %low = attn.load_max %d[%batch, %query, %key] to [%batch, %query, %key] : tensor<?x?xi32>
    %keep = arith.cmpi sle, %low, %low : i32
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}

// -----

// (C2)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<?x?xi32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%t : tensor<?x?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %d: tensor<?x?xi32>):
    // expected-error @+1 {{'attn.load_max' op stands in status only}}
    %low = attn.load_max %d[%batch, %query] to [%batch, %key] : tensor<?x?xi32>
    %zero = arith.constant 0 : i32
    %keep = arith.cmpi sle, %low, %zero : i32
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    // expected-error @+1 {{'attn.load_min' op expects parent op 'attn.mask'}}
    %a = attn.load_min %t[%row, %column] to [%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

//===------------------------------ attn.segment_begin, attn.segment_end ------------------------------------===//

// (C1)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<?xi32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s captures(%t : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %starts: tensor<?xi32>):
    // expected-error @+1 {{'attn.segment_end' op starts must be an argument of the kernel with the role 'attn.segments'}}
    %end = attn.segment_end %starts[%query] : tensor<?xi32>
    %keep = arith.cmpi slt, %key, %end : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// kernel (C3)
// expected-error @+1 {{argument with role 'attn.segments' must be a tensor<?xi32>, not 'tensor<?xi64>'}}
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<?xi64> {attn.segments}) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}
