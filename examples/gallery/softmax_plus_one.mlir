// exp(x_j) / (1 + sum_k exp(x_k)): a head that has nothing to say can say nothing.
//
// Miller: Attention Is Off By One, 2023.
attn.kernel @softmax_plus_one(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax_plus_one %scores : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
