// Multi-head latent attention, with its projections absorbed: all heads share one latent row of 512 numbers a token and 64 that
// carry rotary positions. The row is the key; its first 512 numbers are the value, and are stored once.
//
// DeepSeek-AI: DeepSeek-V2: A Strong, Economical, and Efficient Mixture-of-Experts Language Model, 2024, section 2.1.
attn.kernel @multi_head_latent(%q: tensor<?x?x4x576xf32>, %k: tensor<?x?x1x576xf32>)
    -> tensor<?x?x4x512xf32> {
  %k_value = attn.rowwise captures(%k : tensor<?x?x1x576xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x1x576xf32>):
    %c511 = arith.constant 511 : index
    %smaller = arith.minsi %column, %c511 : index
    %k_here = attn.load %k_in[%batch, %position, %head, %smaller] : tensor<?x?x1x576xf32>
    attn.yield %k_here : f32
  } : tensor<?x?x1x512xf32>
  %scores = attn.score scaled_dot %q, %k {scale = 0.07216878364870322 : f64}
      : (tensor<?x?x4x576xf32>, tensor<?x?x1x576xf32>) -> tensor<?x4x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x4x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %k_value
      : (tensor<?x4x?x?xf32>, tensor<?x?x1x512xf32>) -> tensor<?x?x4x512xf32>
  attn.return %out : tensor<?x?x4x512xf32>
}
