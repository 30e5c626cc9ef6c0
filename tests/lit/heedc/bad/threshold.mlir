attn.threshold_normalizer @mine bracket {
  %low = arith.constant -1.0 : f32
  %high = arith.constant 0.0 : f32
  attn.yield %low, %high : f32, f32
} weight {
^bb0(%x: f32, %threshold: f32, %batch: index, %head: index, %query: index):
  %zero = arith.constant 0.0 : f32
  %above = arith.subf %x, %threshold : f32
  %weight = arith.maximumf %above, %zero : f32
  attn.yield %weight : f32
}
attn.kernel @k(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x2x?x?xf32>
  %w = attn.normalize @mine %s : tensor<?x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}
