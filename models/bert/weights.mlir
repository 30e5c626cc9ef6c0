// bert_attention of kernels.mlir, and how much each token looks at each: (batch, head, query, key).
// Results with a key axis are for CPUs only, so this has a file of its own.
attn.kernel @bert_attention_weights(
    %q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>, %v: tensor<?x?x12x32xf32>,
    %lengths: tensor<?xi32> {attn.key_lengths})
    -> (tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>) {
  %s = attn.score scaled_dot %q, %k
      : (tensor<?x?x12x32xf32>, tensor<?x?x12x32xf32>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %lse = attn.log_sum_exp %s : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
  %o = attn.weighted_sum %w, %v
      : (tensor<?x12x?x?xf32>, tensor<?x?x12x32xf32>) -> tensor<?x?x12x32xf32>
  attn.return %o, %lse, %w : tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>
}
