// Each token's forget gate fades all earlier ones: scores get c_i - c_j, where c sums the logarithms of the gates up to a
// position. Causal.
//
// Lin, Nikishin, He, Courville: Forgetting Transformer: Softmax Attention with a Forget Gate, 2025, section 3.1.
attn.kernel @forgetting_transformer(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>, %fade: tensor<?x8x?xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %modified = attn.modify %scores captures(%fade : tensor<?x8x?xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %fade_in: tensor<?x8x?xf32>):
    %fade_here = attn.load %fade_in[%batch, %head, %query] : tensor<?x8x?xf32>
    %sum = arith.addf %x, %fade_here : f32
    %fade_here_1 = attn.load %fade_in[%batch, %head, %key] : tensor<?x8x?xf32>
    %difference = arith.subf %sum, %fade_here_1 : f32
    attn.yield %difference : f32
  } : tensor<?x8x?x?xf32>
  %masked = attn.mask %modified {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %is_le = arith.cmpi sle, %key, %query : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
