// Between softmax and sparsemax: max(x / 2 - threshold, 0)^2.
//
// Peters, Niculae, Martins: Sparse Sequence-to-Sequence Models, 2019, section 3.
attn.kernel @entmax15(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>)
    -> tensor<?x?x4x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %weights = attn.normalize entmax15 %scores : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %out : tensor<?x?x4x64xf32>
}
