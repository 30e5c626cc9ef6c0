// Weights are phi(q) . phi(k), phi(x) = elu(x) + 1, over their sum: a normalizer of its own, whose state is that sum. Causal.
//
// Katharopoulos, Vyas, Pappas, Fleuret: Transformers are RNNs: Fast Autoregressive Transformers with Linear Attention, 2020,
// section 3.2.
attn.normalizer @by_sum identity {
  %c0 = arith.constant 0.0 : f32
  attn.yield %c0 : f32
} summarize {
^bb0(%x: f32, %batch: index, %head: index, %query: index):
  %sum = attn.block_sum %x : f32
  attn.yield %sum : f32
} weight {
^bb0(%x: f32, %a: f32, %batch: index, %head: index, %query: index):
  attn.yield %x : f32
} merge {
^bb0(%a: f32, %b: f32):
  %c1 = arith.constant 1.0 : f32
  %sum = arith.addf %a, %b : f32
  attn.yield %sum, %c1, %c1 : f32, f32, f32
} finalize {
^bb0(%a: f32, %batch: index, %head: index, %query: index):
  %c0 = arith.constant 0.0 : f32
  %c1 = arith.constant 1.0 : f32
  %is_eq = arith.cmpf oeq, %a, %c0 : f32
  %quotient = arith.divf %c1, %a : f32
  %chosen = arith.select %is_eq, %c0, %quotient : f32
  attn.yield %chosen : f32
}

attn.kernel @linear_attention(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x4x32xf32>, %v: tensor<?x?x4x32xf32>)
    -> tensor<?x?x4x32xf32> {
  %q_made = attn.rowwise captures(%q : tensor<?x?x4x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %q_in: tensor<?x?x4x32xf32>):
    %c0 = arith.constant 0.0 : f32
    %c1 = arith.constant 1.0 : f32
    %q_here = attn.load %q_in[%batch, %position, %head, %column] : tensor<?x?x4x32xf32>
    %is_gt = arith.cmpf ogt, %q_here, %c0 : f32
    %sum = arith.addf %q_here, %c1 : f32
    %exp = math.exp %q_here : f32
    %chosen = arith.select %is_gt, %sum, %exp : f32
    attn.yield %chosen : f32
  } : tensor<?x?x4x32xf32>
  %k_made = attn.rowwise captures(%k : tensor<?x?x4x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x4x32xf32>):
    %c0 = arith.constant 0.0 : f32
    %c1 = arith.constant 1.0 : f32
    %k_here = attn.load %k_in[%batch, %position, %head, %column] : tensor<?x?x4x32xf32>
    %is_gt = arith.cmpf ogt, %k_here, %c0 : f32
    %sum = arith.addf %k_here, %c1 : f32
    %exp = math.exp %k_here : f32
    %chosen = arith.select %is_gt, %sum, %exp : f32
    attn.yield %chosen : f32
  } : tensor<?x?x4x32xf32>
  %scores = attn.score dot %q_made, %k_made
      : (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> tensor<?x4x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %is_le = arith.cmpi sle, %key, %query : index
    attn.yield %is_le : i1
  } : tensor<?x4x?x?xf32>
  %weights = attn.normalize @by_sum %masked : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %out : tensor<?x?x4x32xf32>
}
