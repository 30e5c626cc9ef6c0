// Weights are the scores less a threshold at which they sum to 1: most are exactly 0.
//
// Martins, Astudillo: From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label Classification, 2016, section 2.
attn.kernel @sparsemax(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>)
    -> tensor<?x?x4x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %weights = attn.normalize sparsemax %scores : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %out : tensor<?x?x4x64xf32>
}
