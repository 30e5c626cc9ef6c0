// Queries and keys over their root mean square, times learned weights, before the dot product: scores cannot explode.
//
// Henry, Dachapally, Pawar, Chen: Query-Key Normalization for Transformers, 2020, section 3; with RMSNorm as in Gemma 3 (2025).
attn.kernel @qk_norm(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>,
    %query_norm: tensor<64xf32>, %key_norm: tensor<64xf32>)
    -> tensor<?x?x8x64xf32> {
  %q_normed = attn.rowwise captures(%q, %query_norm : tensor<?x?x8x64xf32>, tensor<64xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %q_in: tensor<?x?x8x64xf32>, %query_norm_in: tensor<64xf32>):
    %c0_015625 = arith.constant 0.015625 : f32
    %c1_0e_06 = arith.constant 1.0e-06 : f32
    %q_here = attn.load %q_in[%batch, %position, %head, %column] : tensor<?x?x8x64xf32>
    %product = arith.mulf %q_here, %q_here : f32
    %sum = attn.row_sum %product : f32
    %product_1 = arith.mulf %sum, %c0_015625 : f32
    %sum_1 = arith.addf %product_1, %c1_0e_06 : f32
    %rsqrt = math.rsqrt %sum_1 : f32
    %product_2 = arith.mulf %q_here, %rsqrt : f32
    %query_norm_here = attn.load %query_norm_in[%column] : tensor<64xf32>
    %product_3 = arith.mulf %product_2, %query_norm_here : f32
    attn.yield %product_3 : f32
  } : tensor<?x?x8x64xf32>
  %k_normed = attn.rowwise captures(%k, %key_norm : tensor<?x?x2x64xf32>, tensor<64xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x2x64xf32>, %key_norm_in: tensor<64xf32>):
    %c0_015625 = arith.constant 0.015625 : f32
    %c1_0e_06 = arith.constant 1.0e-06 : f32
    %k_here = attn.load %k_in[%batch, %position, %head, %column] : tensor<?x?x2x64xf32>
    %product = arith.mulf %k_here, %k_here : f32
    %sum = attn.row_sum %product : f32
    %product_1 = arith.mulf %sum, %c0_015625 : f32
    %sum_1 = arith.addf %product_1, %c1_0e_06 : f32
    %rsqrt = math.rsqrt %sum_1 : f32
    %product_2 = arith.mulf %k_here, %rsqrt : f32
    %key_norm_here = attn.load %key_norm_in[%column] : tensor<64xf32>
    %product_3 = arith.mulf %product_2, %key_norm_here : f32
    attn.yield %product_3 : f32
  } : tensor<?x?x2x64xf32>
  %scores = attn.score scaled_dot %q_normed, %k_normed
      : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
