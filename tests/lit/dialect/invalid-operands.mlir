// Rules of the ops that make operands, and of scores on them, broken once each. Labels are those of AttnOps.td.
// RUN: heed-opt %s --split-input-file --verify-diagnostics

//===------------------------------------------- attn.rowwise -----------------------------------------------===//

// (C1)
attn.kernel @k(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'attn.rowwise' op result must be of rank 2 or 4, not 'tensor<?x?x8xf32>'}}
  %y = attn.rowwise captures(%x : tensor<?x?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x?x8xf32>):
    %a = attn.load %t[%row, %row, %column] : tensor<?x?x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x8xf32>
  attn.return %y : tensor<?x?x8xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @+1 {{positions stands on results of rank 4, as a sum of captures' extents}}
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) positions(%x[0]) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{positions must name axes of captures, with factors of at least 1}}
  %y = attn.rowwise captures(%x : tensor<?x?x1x8xf32>) positions(%x[4]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x1x8xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x1x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf32>
  attn.return %y : tensor<?x?x1x8xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{positions must name axes of captures, with factors of at least 1}}
  %y = attn.rowwise captures(%x : tensor<?x?x1x8xf32>) positions(%x[1] * 0) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x1x8xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x1x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf32>
  attn.return %y : tensor<?x?x1x8xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x?x1x8xf32>, %z: tensor<?xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{positions names captures of the op only}}
  %y = attn.rowwise captures(%x : tensor<?x?x1x8xf32>) positions(%z[0]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x1x8xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x1x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf32>
  attn.return %y : tensor<?x?x1x8xf32>
}

// -----

// An operand whose number of positions nothing tells.
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %t: tensor<9x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{nothing tells the extent of its axis 1: load a capture at that position, or write positions(...)}}
  %x = attn.rowwise captures(%t, %q : tensor<9x8xf32>, tensor<?x?x1x8xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %u: tensor<9x8xf32>, %r: tensor<?x?x1x8xf32>):
    %zero = arith.constant 0 : index
    %place = arith.addi %position, %zero : index
    %a = attn.load %u[%place, %column] : tensor<9x8xf32>
    %b = attn.load %r[%batch, %place, %head, %column] : tensor<?x?x1x8xf32>
    %c = arith.addf %a, %b : f32
    attn.yield %c : f32
  } : tensor<?x?x1x8xf32>
  %k = attn.rowwise captures(%v : tensor<?x?x1x8xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %u: tensor<?x?x1x8xf32>):
    %a = attn.load %u[%batch, %position, %head, %column] : tensor<?x?x1x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf32>
  %s = attn.score dot %x, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// kernel (C7): the capture's heads are not the operand's.
attn.kernel @k(%q: tensor<?x?x2x8xf32>, %g: tensor<3x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %x = attn.rowwise captures(%q, %g : tensor<?x?x2x8xf32>, tensor<3x8xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x2x8xf32>, %u: tensor<3x8xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x2x8xf32>
    // expected-error @+1 {{axis 0 of %g has an extent of 3, but position 'head' has 2}}
    %b = attn.load %u[%head, %column] : tensor<3x8xf32>
    %c = arith.mulf %a, %b : f32
    attn.yield %c : f32
  } : tensor<?x?x2x8xf32>
  %s = attn.score dot %x, %k : (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x2x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}

// -----

// kernel (C5): captures of a rowwise op are arguments or what such ops make.
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{takes arguments of the kernel and results of attn.rowwise and attn.project as its operands}}
  %u = attn.rowwise captures(%v, %s : tensor<?x?x1x8xf32>, tensor<?x1x?x?xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x1x8xf32>, %r: tensor<?x1x?x?xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x1x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %u : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// kernel (C5): nothing stores an operand, so it has no narrower type.
attn.kernel @k(%q: tensor<?x?x1x8xf16>, %k: tensor<?x?x1x8xf16>, %v: tensor<?x?x1x8xf16>) -> tensor<?x?x1x8xf16> {
  // expected-error @+1 {{'attn.rowwise' op makes an operand of 'f16': only what a kernel returns is stored in less than f32}}
  %u = attn.rowwise captures(%q : tensor<?x?x1x8xf16>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x1x8xf16>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x1x8xf16>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf16>
  %s = attn.score dot %u, %k : (tensor<?x?x1x8xf16>, tensor<?x?x1x8xf16>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf16>) -> tensor<?x?x1x8xf16>
  attn.return %o : tensor<?x?x1x8xf16>
}

// -----

// kernel (C4): an operand that nothing takes.
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{'attn.rowwise' op takes no part in the results of kernel @k}}
  %u = attn.rowwise captures(%v : tensor<?x?x1x8xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x1x8xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x1x8xf32>
    attn.yield %a : f32
  } : tensor<?x?x1x8xf32>
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// Lengths are an attention kernel's.
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    // expected-error @+1 {{'attn.key_length' op is for attention kernels}}
    %n = attn.key_length
    %a = attn.load %t[%n, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

//===------------------------------------------- attn.project -----------------------------------------------===//

// (C1)
attn.kernel @k(%x: tensor<?x?x4x8xf32>, %w: tensor<4x9x2xf32>) -> tensor<?x?x4x2xf32> {
  // expected-error @+1 {{input's number of columns is 8 but weights' number of rows is 9; they must be the same}}
  %y = attn.project %x, %w : (tensor<?x?x4x8xf32>, tensor<4x9x2xf32>) -> tensor<?x?x4x2xf32>
  attn.return %y : tensor<?x?x4x2xf32>
}

// -----

// (C1)
attn.kernel @k(%x: tensor<?x?x4x8xf32>, %w: tensor<4x8x?xf32>) -> tensor<?x?x4x?xf32> {
  // expected-error @+1 {{weights' last two extents must be static}}
  %y = attn.project %x, %w : (tensor<?x?x4x8xf32>, tensor<4x8x?xf32>) -> tensor<?x?x4x?xf32>
  attn.return %y : tensor<?x?x4x?xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x?x4x8xf32>, %w: tensor<2x8x2xf32>) -> tensor<?x?x4x2xf32> {
  // expected-error @+1 {{input's number of heads is 4 but weights' is 2; they must be the same}}
  %y = attn.project %x, %w : (tensor<?x?x4x8xf32>, tensor<2x8x2xf32>) -> tensor<?x?x4x2xf32>
  attn.return %y : tensor<?x?x4x2xf32>
}

// -----

// (C3)
attn.kernel @k(%x: tensor<?x?x4x8xf32>, %w: tensor<1x8x2xf32>) -> tensor<?x?x4x3xf32> {
  // expected-error @+1 {{result must be 'tensor<?x?x4x2xf32>', not 'tensor<?x?x4x3xf32>'}}
  %y = attn.project %x, %w : (tensor<?x?x4x8xf32>, tensor<1x8x2xf32>) -> tensor<?x?x4x3xf32>
  attn.return %y : tensor<?x?x4x3xf32>
}

// -----

attn.kernel @k(%x: tensor<?x?x4x8xf64>, %w: tensor<1x8x2xf32>) -> tensor<?x?x4x2xf32> {
  // expected-error @+1 {{input is of 'f64' in a kernel that computes in 'f32': query, key, value and scores are all f64, or none is}}
  %y = attn.project %x, %w : (tensor<?x?x4x8xf64>, tensor<1x8x2xf32>) -> tensor<?x?x4x2xf32>
  attn.return %y : tensor<?x?x4x2xf32>
}

// -----

//===-------------------------------------------- attn.score ------------------------------------------------===//

// (C4)
attn.kernel @k(%q: tensor<?x?x4x8xf64>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf64> {
  // expected-error @+1 {{key is of 'f32' in a kernel that computes in 'f64': query, key, value and scores are all f64, or none is}}
  %s = attn.score dot %q, %k : (tensor<?x?x4x8xf64>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf64>
  attn.return %s : tensor<?x4x?x?xf64>
}

// -----

// (C5)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{pairwise takes no scale: use scaled_dot}}
  %s = attn.score pairwise %q, %k {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index):
    attn.yield %x : f32
  } {scale = 0.5 : f64} : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C6)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>, %w: tensor<8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{'attn.score' op dot has no captures}}
  %s = attn.score dot %q, %k captures(%w : tensor<8xf32>) : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C6)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{'attn.score' op pairwise needs a body}}
  %s = "attn.score"(%q, %k) <{kind = #attn<score_kind pairwise>}> ({}) : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C6)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{'attn.score' op dot has no body}}
  %s = "attn.score"(%q, %k) <{kind = #attn<score_kind dot>}> ({
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index):
    attn.yield %x : f32
  }) : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// The body of a pairwise score is a component's.
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{the body must take 5 arguments (x, y, batch, head, column)}}
  %s = attn.score pairwise %q, %k {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  } : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// weighted_sum (C4)
attn.kernel @k(%w: tensor<?x4x?x?xf32>, %v: tensor<?x?x4x8xf64>) -> tensor<?x?x4x8xf32> {
  // expected-error @+1 {{value is of 'f64' in a kernel that computes in 'f32'}}
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x8xf64>) -> tensor<?x?x4x8xf32>
  attn.return %o : tensor<?x?x4x8xf32>
}

// -----

// weighted_sum (C4)
attn.kernel @k(%w: tensor<?x4x?x?xf64>, %v: tensor<?x?x4x8xf64>) -> tensor<?x?x4x8xf16> {
  // expected-error @+1 {{result is of 'f16' in a kernel that computes in 'f64'}}
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf64>, tensor<?x?x4x8xf64>) -> tensor<?x?x4x8xf16>
  attn.return %o : tensor<?x?x4x8xf16>
}

// -----

// weighted_sum (C5)
attn.kernel @k(%w: tensor<?x4x?x?xf32>, %v: tensor<?x?x4x8xf16>) -> tensor<?x?x4x8xf16> {
  // expected-error @+1 {{weights_as is 'f16' of weights that are 'f32': only f32 may be rounded, and only to bf16}}
  %o = attn.weighted_sum %w, %v {weights_as = f16} : (tensor<?x4x?x?xf32>, tensor<?x?x4x8xf16>) -> tensor<?x?x4x8xf16>
  attn.return %o : tensor<?x?x4x8xf16>
}

// -----

// weighted_sum (C5)
attn.kernel @k(%w: tensor<?x4x?x?xf64>, %v: tensor<?x?x4x8xf64>) -> tensor<?x?x4x8xf64> {
  // expected-error @+1 {{weights_as is 'bf16' of weights that are 'f64': only f32 may be rounded, and only to bf16}}
  %o = attn.weighted_sum %w, %v {weights_as = bf16} : (tensor<?x4x?x?xf64>, tensor<?x?x4x8xf64>) -> tensor<?x?x4x8xf64>
  attn.return %o : tensor<?x?x4x8xf64>
}

// -----

// int8 without a scale is no operand.
attn.kernel @k(%q: tensor<?x?x4x8xi8>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{operand #0 must be rows (rank 4) of f16, bf16, f32 or f64; attn.rowwise gives int8 its scale}}
  %s = attn.score dot %q, %k : (tensor<?x?x4x8xi8>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}
