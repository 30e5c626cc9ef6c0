// Additive attention: the score is a small neural network, w . tanh(Wq q + Wk k).
//
// Bahdanau, Cho, Bengio: Neural Machine Translation by Jointly Learning to Align and Translate, 2015, section A.1.2.
attn.kernel @bahdanau(%q: tensor<?x?x2x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>, %wq: tensor<2x64x32xf32>,
    %wk: tensor<2x64x32xf32>, %w: tensor<32xf32>)
    -> tensor<?x?x2x64xf32> {
  %q_projected = attn.project %q, %wq
      : (tensor<?x?x2x64xf32>, tensor<2x64x32xf32>) -> tensor<?x?x2x32xf32>
  %k_projected = attn.project %k, %wk
      : (tensor<?x?x2x64xf32>, tensor<2x64x32xf32>) -> tensor<?x?x2x32xf32>
  %scores = attn.score pairwise %q_projected, %k_projected captures(%w : tensor<32xf32>) {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index, %w_in: tensor<32xf32>):
    %w_here = attn.load %w_in[%column] : tensor<32xf32>
    %sum = arith.addf %x, %y : f32
    %tanh = math.tanh %sum : f32
    %product = arith.mulf %w_here, %tanh : f32
    attn.yield %product : f32
  }
      : (tensor<?x?x2x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x2x?x?xf32>
  %weights = attn.normalize softmax %scores : tensor<?x2x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x2x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x2x64xf32>
  attn.return %out : tensor<?x?x2x64xf32>
}
