// Rules of normalizers and of the ops that name them, broken once each. Labels are those of AttnOps.td.
// RUN: heed-opt %s --split-input-file --verify-diagnostics

//===---------------------------------------- attn.normalizer -----------------------------------------------===//

// (C1)
// expected-error @+1 {{'attn.normalizer' op summarize must take 4 arguments (x, batch, head, query), then one for each capture: 'f32', 'index', 'index', 'index', not 'f32', 'index', 'index'}}
attn.normalizer @short identity {
  attn.yield
} summarize {
^bb0(%x: f32, %batch: index, %head: index):
  attn.yield
} weight {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
  %one = arith.constant 1.0 : f32
  attn.yield %one, %one : f32, f32
} finalize {
^bb0(%batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  attn.yield %one : f32
}

// -----

// (C1): the state has one value, merge yields two factors and none.
attn.normalizer @unmerged identity {
  %zero = arith.constant 0.0 : f32
  attn.yield %zero : f32
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  %sum = attn.block_sum %x : f32
  attn.yield %sum : f32
} weight {
^bb0(%x: f32, %sum: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
^bb0(%a: f32, %b: f32):
  %one = arith.constant 1.0 : f32
  // expected-error @+1 {{'attn.yield' op must yield 'f32', 'f32', 'f32' in merge of 'attn.normalizer', not 'f32', 'f32'}}
  attn.yield %one, %one : f32, f32
} finalize {
^bb0(%sum: f32, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  attn.yield %one : f32
}

// -----

// (C1)
// expected-error @+1 {{'attn.normalizer' op numbers must be f32 or f64: that of the first region's x}}
attn.normalizer @half identity {
  attn.yield
} summarize {
^bb0(%x: f16, %batch: index, %head: index, %query: index):
  attn.yield
} weight {
^bb0(%x: f16, %batch: index, %head: index, %query: index):
  attn.yield %batch : index
} merge {
  attn.yield
} finalize {
^bb0(%batch: index, %head: index, %query: index):
  attn.yield
}

// -----

// (C2)
attn.normalizer @foreign identity {
  attn.yield
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  attn.yield
} weight {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  // expected-error @+1 {{can't stand in weight of 'attn.normalizer': it holds arith, math and attn.load operations}}
  %y = builtin.unrealized_conversion_cast %x : f32 to f32
  attn.yield %y : f32
} merge {
  %one = arith.constant 1.0 : f32
  attn.yield %one, %one : f32, f32
} finalize {
^bb0(%batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  attn.yield %one : f32
}

// -----

// (C3)
// expected-error @+1 {{'attn.normalizer' op weight must take 4 arguments (x, batch, head, query), then one for each capture: 'f32', 'index', 'index', 'index', 'tensor<?xf32>', not 'f32', 'index', 'index', 'index'}}
attn.normalizer @forgetful identity {
  attn.yield
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index, %t: tensor<?xf32>):
  attn.yield
} weight {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
  %one = arith.constant 1.0 : f32
  attn.yield %one, %one : f32, f32
} finalize {
^bb0(%batch: index, %head: index, %query: index, %t: tensor<?xf32>):
  %one = arith.constant 1.0 : f32
  attn.yield %one : f32
}

// -----

// (C1): the factor, and at most the log-sum-exp.
attn.normalizer @talkative identity {
  attn.yield
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  attn.yield
} weight {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
  %one = arith.constant 1.0 : f32
  attn.yield %one, %one : f32, f32
} finalize {
^bb0(%batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  // expected-error @+1 {{must yield 'f32' in finalize of 'attn.normalizer', not 'f32', 'f32', 'f32'}}
  attn.yield %one, %one, %one : f32, f32, f32
}

// -----

//===----------------------------------- attn.threshold_normalizer ------------------------------------------===//

// (C1)
attn.threshold_normalizer @onesided bracket {
  %end = arith.constant 0.0 : f32
  // expected-error @+1 {{must yield 'f32', 'f32' in bracket of 'attn.threshold_normalizer', not 'f32'}}
  attn.yield %end : f32
} weight {
^bb0(%x: f32, %threshold: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
}

// -----

// (C1)
// expected-error @+1 {{weight must take 5 arguments (x, threshold, batch, head, query)}}
attn.threshold_normalizer @mixed bracket {
  %end = arith.constant 0.0 : f32
  attn.yield %end, %end : f32, f32
} weight {
^bb0(%x: f32, %threshold: f64, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
}

// -----

// (C2): only summarize sees a block.
attn.threshold_normalizer @blocks bracket {
  %end = arith.constant 0.0 : f32
  // expected-error @+1 {{'attn.block_sum' op expects parent op 'attn.normalizer'}}
  %sum = attn.block_sum %end : f32
  attn.yield %sum, %sum : f32, f32
} weight {
^bb0(%x: f32, %threshold: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
}

// -----

// block_max, block_sum: in summarize only.
attn.normalizer @late identity {
  attn.yield
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  attn.yield
} weight {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  // expected-error @+1 {{'attn.block_sum' op stands in summarize only}}
  %sum = attn.block_sum %x : f32
  attn.yield %sum : f32
} merge {
  %one = arith.constant 1.0 : f32
  attn.yield %one, %one : f32, f32
} finalize {
^bb0(%batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f32
  attn.yield %one : f32
}

// -----

//===----------------------------------------- attn.normalize -----------------------------------------------===//

attn.kernel @k(%s: tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32> {
  // expected-error @+1 {{no normalizer is called 'sofmax': there are softmax, softmax_sinks, softmax_plus_one, sigmoid, relu_squared, none, sparsemax, entmax15, or @name of an attn.normalizer}}
  %w = attn.normalize sofmax %s : tensor<?x1x?x?xf32>
  attn.return %w : tensor<?x1x?x?xf32>
}

// -----

attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op finds no attn.normalizer @mine in the module: write it beside the kernel}}
  %w = attn.normalize @mine %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// A kernel is no normalizer.
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op finds no attn.normalizer @k in the module}}
  %w = attn.normalize @k %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// Neither a kind nor a name, or both: only the generic form can say so.
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op names a kind of normalizer or a symbol: one of the two}}
  %w = "attn.normalize"(%s) : (tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C1)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op takes 1 captures for softmax_sinks, not 0}}
  %w = attn.normalize softmax_sinks %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// (C1)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<1xi32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{the capture of sigmoid must be a number for each head, as 'f32', not 'tensor<1xi32>'}}
  %w = attn.normalize sigmoid %s captures(%t : tensor<1xi32>) : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

// kernel (C7): one sink a query head.
attn.kernel @k(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<1xf32>) -> tensor<?x?x2x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x2x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x2x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op axis 0 of %t has an extent of 1, but position 'head' has 2}}
  %w = attn.normalize softmax_sinks %s captures(%t : tensor<1xf32>) : tensor<?x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}

// -----

// (C1)
attn.threshold_normalizer @mine bracket {
  %end = arith.constant 0.0 : f32
  attn.yield %end, %end : f32, f32
} weight {
^bb0(%x: f32, %threshold: f32, %batch: index, %head: index, %query: index, %t: tensor<?xf32>):
  attn.yield %x : f32
}
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>, %t: tensor<1xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op captures 'tensor<1xf32>', but normalizer @mine takes 'tensor<?xf32>'}}
  %w = attn.normalize @mine %s captures(%t : tensor<1xf32>) : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

attn.threshold_normalizer @mine bracket {
  %end = arith.constant 0.0 : f64
  attn.yield %end, %end : f64, f64
} weight {
^bb0(%x: f64, %threshold: f64, %batch: index, %head: index, %query: index):
  attn.yield %x : f64
}
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.normalize' op computes in 'f32', but normalizer @mine in 'f64'}}
  %w = attn.normalize @mine %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o : tensor<?x?x1x8xf32>
}

// -----

//===-------------------------------- attn.log_sum_exp, attn.key_sum ----------------------------------------===//

// (C2)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x1x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.log_sum_exp' op normalizer relu_squared has no log-sum-exp}}
  %lse = attn.log_sum_exp %s : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %w = attn.normalize relu_squared %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o, %lse : tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
}

// -----

// (C2)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x1x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.log_sum_exp' op normalizer sparsemax has no log-sum-exp}}
  %lse = attn.log_sum_exp %s : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %w = attn.normalize sparsemax %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o, %lse : tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
}

// -----

// (C1)
attn.kernel @k(%w: tensor<?x4x7x9xf32>) -> tensor<?x4x7xf32> {
  // expected-error @+1 {{result must be 'tensor<?x4x9xf32>', not 'tensor<?x4x7xf32>'}}
  %n = attn.key_sum %w : tensor<?x4x7x9xf32> -> tensor<?x4x7xf32>
  attn.return %n : tensor<?x4x7xf32>
}

// -----

// kernel (C6)
attn.kernel @k(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x8xf32>) -> (tensor<?x?x1x8xf32>, tensor<?x1x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf32>
  // expected-error @+1 {{'attn.key_sum' op must take the weights that attn.normalize gives}}
  %n = attn.key_sum %s : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x8xf32>) -> tensor<?x?x1x8xf32>
  attn.return %o, %n : tensor<?x?x1x8xf32>, tensor<?x1x?xf32>
}
