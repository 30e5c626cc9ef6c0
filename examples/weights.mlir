// The attention weights themselves, for heat maps: what is returned becomes an argument of the C function.
//
// log_sum_exp is the logarithm of softmax's denominator, (batch, head, query). With it a second pass recomputes the weights, so
// a kernel that returns the weights returns it too.
attn.kernel @weights(%q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>, %v: tensor<?x?x12x32xf32>,
                     %key_lengths: tensor<?xi32> {attn.key_lengths})
    -> (tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>) {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x32xf32>, tensor<?x?x12x32xf32>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %lse = attn.log_sum_exp %s : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x12x32xf32>) -> tensor<?x?x12x32xf32>
  attn.return %o, %lse, %w : tensor<?x?x12x32xf32>, tensor<?x12x?xf32>, tensor<?x12x?x?xf32>
}
