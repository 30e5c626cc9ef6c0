// Rules of partial states and of the kernels that merge and finish them, broken once each. Labels are those of
// AttnOps.td.
// RUN: heed-opt %s --split-input-file --verify-diagnostics

//===------------------------------------------- attn.partial -----------------------------------------------===//

// (C1)
attn.kernel @k(%w: tensor<?x4x?x?xf32>, %v: tensor<?x?x4x8xf16>) -> tensor<?x?x4x10xf16> {
  // expected-error @+1 {{result must be of the weights' type and have a dim for each of the value's and of the normalizer's state}}
  %p = attn.partial %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x8xf16>) -> tensor<?x?x4x7xf32>
  attn.return %p : tensor<?x?x4x7xf32>
}

// -----

// (C1)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x9xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.partial' op result must have 8 + 2 columns: the value's and the normalizer's state}}
  %p = attn.partial %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x9xf32>
  attn.return %p : tensor<?x?x1x9xf32>
}

// -----

// (C2)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x9xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize entmax15 %s : tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.partial' op needs a normalizer whose states merge, not one that finds a threshold of the whole row}}
  %p = attn.partial %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x9xf32>
  attn.return %p : tensor<?x?x1x9xf32>
}

// -----

//===-------------------------------------- attn.merge, attn.finish -----------------------------------------===//

// (C1)
attn.kernel @k(%a: tensor<?x?x1x9xf32>, %b: tensor<?x?x1x9xf32>) -> tensor<?x?x1x9xf32> {
  // expected-error @+1 {{'attn.merge' op needs a normalizer whose states merge}}
  %p = attn.merge sparsemax %a, %b : tensor<?x?x1x9xf32>
  attn.return %p : tensor<?x?x1x9xf32>
}

// -----

// (C1)
attn.kernel @k(%a: tensor<?x?x1x2xf32>, %b: tensor<?x?x1x2xf32>) -> tensor<?x?x1x2xf32> {
  // expected-error @+1 {{'attn.merge' op states have 2 columns, but the normalizer alone has 2 state values}}
  %p = attn.merge softmax %a, %b : tensor<?x?x1x2xf32>
  attn.return %p : tensor<?x?x1x2xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x?xf32>, %b: tensor<?x?x1x?xf32>) -> tensor<?x?x1x?xf32> {
  // expected-error @+1 {{'attn.merge' op number of columns must be static}}
  %p = attn.merge softmax %a, %b : tensor<?x?x1x?xf32>
  attn.return %p : tensor<?x?x1x?xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x?xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{'attn.finish' op numbers of columns must be static}}
  %o = attn.finish softmax %a : tensor<?x?x1x?xf32> -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C1)
attn.kernel @k(%a: tensor<?x?x1x10xf32>) -> tensor<?x?x1x9xf32> {
  // expected-error @+1 {{'attn.finish' op result must have 8 columns}}
  %o = attn.finish softmax %a : tensor<?x?x1x10xf32> -> tensor<?x?x1x9xf32>
  attn.return %o : tensor<?x?x1x9xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x10xf32>) -> tensor<?x?x2x8xf32> {
  // expected-error @+1 {{'attn.finish' op result must be 'tensor<?x?x1x8xf32>', not 'tensor<?x?x2x8xf32>'}}
  %o = attn.finish softmax %a : tensor<?x?x1x10xf32> -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x10xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x?x1xf32>) {
  // expected-error @+1 {{'attn.finish' op log-sum-exp must be 'tensor<?x1x?xf32>', not 'tensor<?x?x1xf32>'}}
  %o, %lse = attn.finish softmax %a : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>, tensor<?x?x1xf32>
  attn.return %o, %lse : tensor<?x?x1x8xf32>, tensor<?x?x1xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x1x?xf32>) {
  // expected-error @+1 {{'attn.finish' op the normalizer has no log-sum-exp}}
  %o, %lse = attn.finish none %a : tensor<?x?x1x8xf32> -> tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
  attn.return %o, %lse : tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x10xf64>) -> tensor<?x?x1x8xf16> {
  // expected-error @+1 {{'attn.finish' op result is of 'f16' in a kernel that computes in 'f64'}}
  %o = attn.finish softmax %a : tensor<?x?x1x10xf64> -> tensor<?x?x1x8xf16>
  attn.return %o : tensor<?x?x1x8xf16>
}

// -----

// (C2)
attn.kernel @k(%a: tensor<?x?x1x10xf32>) -> tensor<?x?x1x8xf32> {
  // expected-error @+1 {{'attn.finish' op takes 1 captures for softmax_sinks, not 0}}
  %o = attn.finish softmax_sinks %a : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// kernel (C5)
attn.kernel @k(%a: tensor<?x?x1x10xf32>) -> tensor<?x?x1x10xf32> {
  // expected-error @+1 {{'attn.merge' op the states must be distinct arguments of the kernel}}
  %p = attn.merge softmax %a, %a : tensor<?x?x1x10xf32>
  attn.return %p : tensor<?x?x1x10xf32>
}

// -----

// kernel (C5): a state that is made in the same kernel needs no finish.
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  %p = attn.partial %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x10xf32>
  // expected-error @+1 {{'attn.finish' op the state must be distinct arguments of the kernel}}
  %o = attn.finish softmax %p : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

attn.kernel @k(%a: tensor<?x?x1x10xf32>, %b: tensor<?x?x1x10xf32>) -> tensor<?x?x1x8xf32> {
  %p = attn.merge softmax %a, %b : tensor<?x?x1x10xf32>
  // expected-error @+1 {{'attn.finish' op is of softmax_plus_one, but its state is merged by softmax}}
  %o = attn.finish softmax_plus_one %p : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// kernel (C6)
attn.kernel @k(%a: tensor<?x?x1x10xf32>) -> tensor<?x?x1x8xf32> {
  %o, %lse = attn.finish softmax %a : tensor<?x?x1x10xf32> -> tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
  // expected-error @+1 {{'attn.return' op must return all that the last op gives, and nothing else}}
  attn.return %o : tensor<?x?x1x8xf32>
}
