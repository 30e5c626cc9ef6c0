// A prefix of each sequence is seen by all its queries; what follows is causal.
//
// Raffel, Shazeer, Roberts, Lee, Narang, Matena, Zhou, Li, Liu: Exploring the Limits of Transfer Learning with a Unified
// Text-to-Text Transformer, 2020, section 3.2.1.
attn.kernel @prefix_lm(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>, %prefix: tensor<?xi32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores captures(%prefix : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %prefix_in: tensor<?xi32>):
    %is_le = arith.cmpi sle, %key, %query : index
    %prefix_here = attn.load %prefix_in[%batch] : tensor<?xi32>
    %prefix_here_index = arith.index_cast %prefix_here : i32 to index
    %is_lt = arith.cmpi slt, %key, %prefix_here_index : index
    %either = arith.ori %is_le, %is_lt : i1
    attn.yield %either : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
