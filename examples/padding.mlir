// A batch of sequences of different lengths, padded at the end: encoders.
//
// An argument with a role tells the kernel of each batch entry how many keys, and how many queries, there are. Keys past the length
// are not read; rows of the output past the query length are 0. No mask is needed.
attn.kernel @padding(%q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>, %v: tensor<?x?x12x32xf32>,
                     %key_lengths: tensor<?xi32> {attn.key_lengths},
                     %query_lengths: tensor<?xi32> {attn.query_lengths}) -> tensor<?x?x12x32xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x32xf32>, tensor<?x?x12x32xf32>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x12x32xf32>) -> tensor<?x?x12x32xf32>
  attn.return %o : tensor<?x?x12x32xf32>
}
