// Bilinear ("general") attention: q W k, with a matrix for each head.
//
// Luong, Pham, Manning: Effective Approaches to Attention-based Neural Machine Translation, 2015, section 3.1.
attn.kernel @luong(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>, %w: tensor<4x64x64xf32>)
    -> tensor<?x?x4x64xf32> {
  %q_projected = attn.project %q, %w
      : (tensor<?x?x4x64xf32>, tensor<4x64x64xf32>) -> tensor<?x?x4x64xf32>
  %scores = attn.score dot %q_projected, %k
      : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %weights = attn.normalize softmax %scores : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %out : tensor<?x?x4x64xf32>
}
