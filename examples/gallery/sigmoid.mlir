// Each weight is a sigmoid of its score plus a bias of about -log(keys): no row is normalized.
//
// Ramapuram, Danieli, Dhekane, Weers, Busbridge, Ablin, Likhomanenko, Digani, Gu, Shidani, Webb: Theory, Analysis, and Best
// Practices for Sigmoid Self-Attention, 2024, section 3.
attn.kernel @sigmoid(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>,
    %sigmoid_bias: tensor<8xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %weights = attn.normalize sigmoid %scores captures(%sigmoid_bias : tensor<8xf32>) : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
