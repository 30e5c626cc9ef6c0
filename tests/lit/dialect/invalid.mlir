// Every rule of the dialect, broken once. Labels are those of the ops' prose (AttnOps.td, AttnInterfaces.td).
// RUN: heed-opt %s --split-input-file --verify-diagnostics

//===-------------------------------------------- attn.kernel -----------------------------------------------===//

// (C1)
// expected-error @+1 {{'attn.kernel' op name 'a-b' becomes a C function's: use a C identifier}}
attn.kernel @"a-b"(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C1)
// expected-error @+1 {{name 'heed_call' is taken: heed_ and halide_ belong to the runtime}}
attn.kernel @heed_call(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  attn.return %x : tensor<?x8xf32>
}

// -----

// (C1)
// expected-error @+1 {{'attn.kernel' op must have one argument name for each argument}}
"attn.kernel"() <{sym_name = "k", function_type = (tensor<?x8xf32>) -> tensor<?x8xf32>, arg_names = []}> ({
^bb0(%x: tensor<?x8xf32>):
  attn.return %x : tensor<?x8xf32>
}) : () -> ()

// -----

// (C1)
// expected-error @+1 {{argument name 'int' becomes a C parameter's: use a C identifier, once in the kernel}}
"attn.kernel"() <{sym_name = "k", function_type = (tensor<?x8xf32>) -> tensor<?x8xf32>, arg_names = ["int"]}> ({
^bb0(%x: tensor<?x8xf32>):
  attn.return %x : tensor<?x8xf32>
}) : () -> ()

// -----

// (C1)
// expected-error @+1 {{argument name 'x' becomes a C parameter's: use a C identifier, once in the kernel}}
"attn.kernel"() <{sym_name = "k", function_type = (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>, arg_names = ["x", "x"]}> ({
^bb0(%x: tensor<?xf32>, %y: tensor<?xf32>):
  attn.return %x : tensor<?xf32>
}) : () -> ()

// -----

// (C2)
// expected-error @+1 {{argument %x must be a tensor of f16, bf16, f32, f64, i1, i8, i32 or i64, not 'tensor<?x8xi16>'}}
attn.kernel @k(%x: tensor<?x8xi16>) -> tensor<?x8xi16> {
  attn.return %x : tensor<?x8xi16>
}

// -----

// (C2)
// expected-error @+1 {{argument %x must be a tensor of f16, bf16, f32, f64, i1, i8, i32 or i64, not 'f32'}}
attn.kernel @k(%x: f32, %t: tensor<?xf32>) -> tensor<?xf32> {
  attn.return %t : tensor<?xf32>
}

// -----

// (C2)
// expected-error @+1 {{argument %x has an extent of 0; extents are ? or at least 1}}
attn.kernel @k(%x: tensor<?x0xf32>) -> tensor<?x0xf32> {
  attn.return %x : tensor<?x0xf32>
}

// -----

// (C3)
// expected-error @+1 {{'attn.lengths' is no role of an argument: use attn.key_lengths, attn.query_lengths, attn.query_offsets or attn.segments}}
attn.kernel @k(%x: tensor<?x8xf32> {attn.lengths}) -> tensor<?x8xf32> {
  attn.return %x : tensor<?x8xf32>
}

// -----

// (C3)
// expected-error @+1 {{role 'attn.key_lengths' takes no value}}
attn.kernel @k(%x: tensor<?x8xf32> {attn.key_lengths = 1 : i32}) -> tensor<?x8xf32> {
  attn.return %x : tensor<?x8xf32>
}

// -----

// (C3)
// expected-error @+1 {{role 'attn.key_lengths' is for attention kernels}}
attn.kernel @k(%x: tensor<?x8xf32>, %l: tensor<?xi32> {attn.key_lengths}) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C3)
// expected-error @+1 {{role 'attn.query_offsets' stands on two arguments}}
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>,
               %a: tensor<?xi32> {attn.query_offsets}, %b: tensor<?xi32> {attn.query_offsets}) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C3)
// expected-error @+1 {{argument with role 'attn.query_lengths' must be 'tensor<2xi32>', not 'tensor<2xi64>'}}
attn.kernel @k(%q: tensor<2x?x1x8xf32>, %k: tensor<2x?x1x8xf32>, %v: tensor<2x?x1x8xf32>,
               %a: tensor<2xi64> {attn.query_lengths}) -> tensor<2x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<2x?x1x8xf32>, tensor<2x?x1x8xf32>) -> tensor<2x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<2x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<2x1x?x?xf32>, tensor<2x?x1x8xf32>) -> tensor<2x?x1x8xf32>
  attn.return %o : tensor<2x?x1x8xf32>
}

// -----

// (C4)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.weighted_sum' op needs the result of attn.normalize here}}
  %o = attn.weighted_sum %s, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C4)
// expected-error @+1 {{'attn.kernel' op must return a result: end it in attn.return}}
attn.kernel @k(%q: tensor<?x?x1x8xf32>) {
  attn.return
}

// -----

// (C4)
attn.kernel @k(%s: tensor<?x1x?x?xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{'attn.normalize' op needs the result of attn.score here}}
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C4)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.log_sum_exp' op takes no part in the results of kernel @k: remove it or return what it gives}}
  %lse = attn.log_sum_exp %s : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C4)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.mask' op stands before attn.modify: masks come after every modify}}
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %b = attn.modify %m {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    attn.yield %x : f32
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %b : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C5)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.weighted_sum' op query, key and value must be distinct arguments of the kernel}}
  %o = attn.weighted_sum %w, %k : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C5)
attn.kernel @k(%w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'attn.linear' op input and weights must be distinct arguments of the kernel}}
  %y = attn.linear %w, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  attn.return %y : tensor<8x8xf32>
}

// -----

// (C5)
attn.kernel @k(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'attn.linear' op weights are packed, so they can't be captured too}}
  %y = attn.linear %x, %w captures(%w : tensor<8x8xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %t: tensor<8x8xf32>):
    attn.yield %acc : f32
  } : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  attn.return %y : tensor<8x8xf32>
}

// -----

// (C5)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.modify' op captures must be arguments of the kernel}}
  %b = attn.modify %s captures(%s : tensor<?x1x?x?xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %t: tensor<?x1x?x?xf32>):
    attn.yield %x : f32
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %b : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C6)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x1x?x?xf32>, tensor<?x1x?x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  // expected-error @+1 {{returns result 2 a second time}}
  attn.return %o, %w, %w : tensor<?x?x1x8xf32>, tensor<?x1x?x?xf32>, tensor<?x1x?x?xf32>
}

// -----

// (C6)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  // expected-error @+1 {{result 1 must be a log-sum-exp, key sums, scores or weights}}
  attn.return %o, %q : tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>
}

// -----

// (C6)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x1x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %b = attn.modify %s {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    attn.yield %x : f32
  } : tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.log_sum_exp' op must take the scores that attn.normalize takes}}
  %lse = attn.log_sum_exp %s : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %w = attn.normalize softmax %b : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o, %lse : tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
}

// -----

// (C6)
attn.kernel @k(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  // expected-error @+1 {{returns one result in a kernel of attn.rowwise}}
  attn.return %y, %y : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// (C7)
attn.kernel @k(%x: tensor<?x8xf32>, %g: tensor<9xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%g : tensor<9xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<9xf32>):
    // expected-error @+1 {{axis 0 of %g has an extent of 9, but position 'column' has 8}}
    %a = attn.load %t[%column] : tensor<9xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C8)
attn.kernel @k(%ids: tensor<?xi32>, %a: tensor<5x8xf32>, %b: tensor<6x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%ids, %a, %b : tensor<?xi32>, tensor<5x8xf32>, tensor<6x8xf32>) {
  ^bb0(%row: index, %column: index, %ti: tensor<?xi32>, %ta: tensor<5x8xf32>, %tb: tensor<6x8xf32>):
    %id = attn.load %ti[%row] : tensor<?xi32>
    %i = arith.index_cast %id : i32 to index
    %p = attn.load %ta[%i, %column] : tensor<5x8xf32>
    // expected-error @+1 {{values of %ids index axes of extents 5 and 6: use a tensor of its own for each}}
    %q = attn.load %tb[%i, %column] : tensor<6x8xf32>
    %r = arith.addf %p, %q : f32
    attn.yield %r : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

//===-------------------------------------------- attn.return -----------------------------------------------===//

// (C1)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x9xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  // expected-error @+1 {{returns 'tensor<?x8xf32>' but kernel @k has results 'tensor<?x9xf32>'}}
  attn.return %y : tensor<?x8xf32>
}

// -----

//===--------------------------------------------- attn.score -----------------------------------------------===//

// (C1)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x9xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{query's head dim is 8 but key's is 9; they must be the same}}
  %s = attn.score dot %q, %k : (tensor<?x?x4x8xf32>, tensor<?x?x4x9xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C1)
attn.kernel @k(%q: tensor<?x?x4x?xf32>, %k: tensor<?x?x4x?xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{head dim must be static}}
  %s = attn.score dot %q, %k : (tensor<?x?x4x?xf32>, tensor<?x?x4x?xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C2)
attn.kernel @k(%q: tensor<2x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<2x4x?x?xf32> {
  // expected-error @+1 {{query's batch extent is 2 but key's is ?; they must be the same}}
  %s = attn.score dot %q, %k : (tensor<2x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<2x4x?x?xf32>
  attn.return %s : tensor<2x4x?x?xf32>
}

// -----

// (C3)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x3x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{query's heads (4) must be a multiple of key's heads (3)}}
  %s = attn.score dot %q, %k : (tensor<?x?x4x8xf32>, tensor<?x?x3x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C3)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x?x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{query's heads (4) must be a multiple of key's heads (?)}}
  %s = attn.score dot %q, %k : (tensor<?x?x4x8xf32>, tensor<?x?x?x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C4)
attn.kernel @k(%q: tensor<?x7x4x8xf32>, %k: tensor<?x9x4x8xf32>) -> tensor<?x7x4x9xf32> {
  // expected-error @+1 {{result must be 'tensor<?x4x7x9xf32>', not 'tensor<?x7x4x9xf32>'}}
  %s = attn.score dot %q, %k : (tensor<?x7x4x8xf32>, tensor<?x9x4x8xf32>) -> tensor<?x7x4x9xf32>
  attn.return %s : tensor<?x7x4x9xf32>
}

// -----

// (C5)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{dot takes no scale: use scaled_dot}}
  %s = attn.score dot %q, %k {scale = 0.5 : f64} : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

// (C5)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32> {
  // expected-error @+1 {{scale must be finite and not 0}}
  %s = attn.score scaled_dot %q, %k {scale = 0.0 : f64} : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) -> tensor<?x4x?x?xf32>
  attn.return %s : tensor<?x4x?x?xf32>
}

// -----

//===---------------------------------- attn.log_sum_exp, attn.weighted_sum ---------------------------------===//

// (C1)
attn.kernel @k(%s: tensor<?x4x?x9xf32>) -> tensor<?x4x9xf32> {
  // expected-error @+1 {{result must be 'tensor<?x4x?xf32>', not 'tensor<?x4x9xf32>'}}
  %lse = attn.log_sum_exp %s : tensor<?x4x?x9xf32> -> tensor<?x4x9xf32>
  attn.return %lse : tensor<?x4x9xf32>
}

// -----

// (C1)
attn.kernel @k(%w: tensor<?x4x?x7xf32>, %v: tensor<?x9x4x8xf32>) -> tensor<?x?x4x8xf32> {
  // expected-error @+1 {{weights' number of keys is 7 but value's is 9; they must be the same}}
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x7xf32>, tensor<?x9x4x8xf32>) -> tensor<?x?x4x8xf32>
  attn.return %o : tensor<?x?x4x8xf32>
}

// -----

// (C1)
attn.kernel @k(%w: tensor<2x4x?x?xf32>, %v: tensor<3x?x4x8xf32>) -> tensor<2x?x4x8xf32> {
  // expected-error @+1 {{weights' batch extent is 2 but value's is 3; they must be the same}}
  %o = attn.weighted_sum %w, %v : (tensor<2x4x?x?xf32>, tensor<3x?x4x8xf32>) -> tensor<2x?x4x8xf32>
  attn.return %o : tensor<2x?x4x8xf32>
}

// -----

// (C2)
attn.kernel @k(%w: tensor<?x4x?x?xf32>, %v: tensor<?x?x4x?xf32>) -> tensor<?x?x4x?xf32> {
  // expected-error @+1 {{value's dim must be static}}
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x?xf32>) -> tensor<?x?x4x?xf32>
  attn.return %o : tensor<?x?x4x?xf32>
}

// -----

// (C2)
attn.kernel @k(%w: tensor<?x4x?x?xf32>, %v: tensor<?x?x4x8xf32>) -> tensor<?x?x4x9xf32> {
  // expected-error @+1 {{result must be 'tensor<?x?x4x8xf32>', not 'tensor<?x?x4x9xf32>'}}
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x8xf32>) -> tensor<?x?x4x9xf32>
  attn.return %o : tensor<?x?x4x9xf32>
}

// -----

// (C3)
attn.kernel @k(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x4x?x?xf32>
  // expected-error @+1 {{value must have as many heads as key}}
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32>
  attn.return %o : tensor<?x?x4x8xf32>
}

// -----

//===------------------------------------- attn.linear, attn.rowwise ----------------------------------------===//

// (C1)
attn.kernel @k(%x: tensor<?x8xf32>, %w: tensor<9x4xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{input's number of columns is 8 but weights' number of rows is 9; they must be the same}}
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x8xf32>, tensor<9x4xf32>) -> tensor<?x4xf32>
  attn.return %y : tensor<?x4xf32>
}

// -----

// (C1)
attn.kernel @k(%x: tensor<?x8xf32>, %w: tensor<8x?xf32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{weights' extents must be static}}
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x8xf32>, tensor<8x?xf32>) -> tensor<?x?xf32>
  attn.return %y : tensor<?x?xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>) -> tensor<?x5xf32> {
  // expected-error @+1 {{result must be 'tensor<?x4xf32>', not 'tensor<?x5xf32>'}}
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x8xf32>, tensor<8x4xf32>) -> tensor<?x5xf32>
  attn.return %y : tensor<?x5xf32>
}

// -----

// (C1)
attn.kernel @k(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{number of columns must be static}}
  %y = attn.rowwise captures(%x : tensor<?x?xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x?xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x?xf32>
    attn.yield %a : f32
  } : tensor<?x?xf32>
  attn.return %y : tensor<?x?xf32>
}

// -----

//===--------------------------------------- bodies of components -------------------------------------------===//

// (C1)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @+1 {{'attn.rowwise' op the body must take 2 arguments (row, column), then one for each capture: 'index', 'index', 'tensor<?x8xf32>', not 'index', 'tensor<?x8xf32>'}}
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %row] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C2)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    // expected-error @+1 {{can't stand in the body of 'attn.rowwise': it holds arith, math and attn.load operations}}
    %b = builtin.unrealized_conversion_cast %a : f32 to f32
    attn.yield %b : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C3)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x8xf32>
    // expected-error @+1 {{'arith.truncf' op has type 'f16' in the body of 'attn.rowwise': use f32, f64, i1, i32, i64 or index}}
    %b = arith.truncf %a : f32 to f16
    %c = arith.extf %b : f16 to f32
    attn.yield %c : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C4)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    // expected-error @+1 {{'attn.yield' op must yield 'f32' in the body of 'attn.rowwise', not 'index'}}
    attn.yield %row : index
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C5)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    // expected-error @+1 {{'arith.constant' op must lie in [-2^30, 2^30]: kernels compute in 32 bits}}
    %n = arith.constant 1073741825 : index
    %i = arith.addi %row, %n : index
    %a = attn.load %t[%i, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

//===---------------------------------------------- attn.mask -----------------------------------------------===//

// (C1)
attn.kernel @k(%s: tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32> {
  // expected-error @+1 {{'attn.mask' op ranges must take 4 arguments (batch, head, first, last), then one for each capture}}
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } ranges {
  ^bb0(%batch: index, %head: index, %first: index):
    attn.yield %first, %first, %first, %first : index, index, index, index
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}

// -----

// (C1)
attn.kernel @k(%s: tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32> {
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } ranges {
  ^bb0(%batch: index, %head: index, %first: index, %last: index):
    // expected-error @+1 {{must yield 'index', 'index', 'index', 'index' in ranges of 'attn.mask', not 'index', 'index'}}
    attn.yield %first, %last : index, index
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}

// -----

//===--------------------------------------- where ops may stand --------------------------------------------===//

attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    // expected-error @+1 {{'attn.load' op has 1 indices for a tensor of rank 2}}
    %a = attn.load %t[%row] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

// (C1)
attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    // expected-error @+1 {{'attn.extent' op names axis 2 of a tensor of rank 2}}
    %n = attn.extent %t[2] : tensor<?x8xf32>
    %a = attn.load %t[%n, %column] : tensor<?x8xf32>
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

attn.kernel @k(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = attn.rowwise captures(%x : tensor<?x8xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x8xf32>):
    %f = arith.constant 0.0 : f32
    // expected-error @+1 {{'attn.block_max' op expects parent op}}
    %a = attn.block_max %f : f32
    attn.yield %a : f32
  } : tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

attn.kernel @k(%x: tensor<?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32> {
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    // expected-error @+1 {{'attn.key_length' op expects parent op to be one of 'attn.modify, attn.mask, attn.rowwise'}}
    %n = attn.key_length
    attn.yield %acc : f32
  } : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  attn.return %y : tensor<?x8xf32>
}

// -----

attn.kernel @k(%s: tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32> {
  %m = attn.modify %s {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    // expected-error @+1 {{'attn.row_sum' op expects parent op}}
    %a = attn.row_sum %x : f32
    attn.yield %a : f32
  } : tensor<?x1x?x?xf32>
  attn.return %m : tensor<?x1x?x?xf32>
}
