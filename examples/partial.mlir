// Keys in parts, wherever these lie: each gives a state, unfinished columns and what softmax sums keys up in; states merge in any
// order, and the last one is finished.
//
// heedc --preset partial,log_sum_exp --heads 12 --head-dim 64 --name part describes the same three kernels.
attn.kernel @part(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x12x64xf32>, %v: tensor<?x?x12x64xf32>) -> tensor<?x?x12x66xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x64xf32>, tensor<?x?x12x64xf32>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %state = attn.partial %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x12x64xf32>) -> tensor<?x?x12x66xf32>
  attn.return %state : tensor<?x?x12x66xf32>
}

attn.kernel @part_merge(%first: tensor<?x?x12x66xf32>, %second: tensor<?x?x12x66xf32>) -> tensor<?x?x12x66xf32> {
  %state = attn.merge softmax %first, %second : tensor<?x?x12x66xf32>
  attn.return %state : tensor<?x?x12x66xf32>
}

attn.kernel @part_finish(%partial: tensor<?x?x12x66xf32>) -> (tensor<?x?x12x64xf32>, tensor<?x12x?xf32>) {
  %o, %lse = attn.finish softmax %partial : tensor<?x?x12x66xf32> -> tensor<?x?x12x64xf32>, tensor<?x12x?xf32>
  attn.return %o, %lse : tensor<?x?x12x64xf32>, tensor<?x12x?xf32>
}
