// Everything on the way to the output: scores as they are, after each change and each mask, and what every key gets in all.
// These are ONNX's qk_matmul_output modes (the fourth is the weights: weights.mlir).
//
// heedc --preset softcap=20,causal,scores=raw:modified:masked,key_sums --heads 12 --head-dim 32 describes the same kernel.
attn.kernel @scores(%q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>, %v: tensor<?x?x12x32xf32>)
    -> (tensor<?x?x12x32xf32>, tensor<?x12x?x?xf32>, tensor<?x12x?x?xf32>, tensor<?x12x?x?xf32>, tensor<?x12x?xf32>) {
  %raw = attn.score scaled_dot %q, %k : (tensor<?x?x12x32xf32>, tensor<?x?x12x32xf32>) -> tensor<?x12x?x?xf32>
  %capped = attn.modify %raw {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    %cap = arith.constant 20.0 : f32
    %share = arith.divf %x, %cap : f32
    %bounded = math.tanh %share : f32
    %y = arith.mulf %bounded, %cap : f32
    attn.yield %y : f32
  } : tensor<?x12x?x?xf32>
  %masked = attn.mask %capped {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %masked : tensor<?x12x?x?xf32>
  %sums = attn.key_sum %w : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x12x32xf32>) -> tensor<?x?x12x32xf32>
  attn.return %o, %raw, %capped, %masked, %sums
      : tensor<?x?x12x32xf32>, tensor<?x12x?x?xf32>, tensor<?x12x?x?xf32>, tensor<?x12x?x?xf32>, tensor<?x12x?xf32>
}
