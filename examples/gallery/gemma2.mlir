// Soft-capped scores, 50 tanh(x / 50), in a sliding window. The window is 4096 in the paper.
//
// Gemma Team: Gemma 2: Improving Open Language Models at a Practical Size, 2024, section 2.
attn.kernel @gemma2(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x8x?x?xf32>
  %modified = attn.modify %scores {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    %c0_02 = arith.constant 0.02 : f32
    %c50 = arith.constant 50.0 : f32
    %product = arith.mulf %x, %c0_02 : f32
    %tanh = math.tanh %product : f32
    %product_1 = arith.mulf %tanh, %c50 : f32
    attn.yield %product_1 : f32
  } : tensor<?x8x?x?xf32>
  %masked = attn.mask %modified {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c24 = arith.constant 24 : index
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    %difference = arith.subi %place, %key : index
    %is_lt = arith.cmpi slt, %difference, %c24 : index
    %both = arith.andi %is_le, %is_lt : i1
    attn.yield %both : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
