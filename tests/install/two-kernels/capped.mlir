attn.kernel @capped(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>, %v: tensor<?x?x?x16xf32>)
    -> tensor<?x?x?x16xf32> {
  %s = attn.score scaled_dot %q, %k
      : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>) -> tensor<?x?x?x?xf32>
  %b = attn.modify %s {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    %y = math.tanh %x : f32
    attn.yield %y : f32
  } : tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %b : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x16xf32>) -> tensor<?x?x?x16xf32>
  attn.return %o : tensor<?x?x?x16xf32>
}
