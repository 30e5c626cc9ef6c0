// Relative position biases in buckets: near distances have one each, far ones share, more and more of them, up to 128. Scores
// are not scaled.
//
// Raffel, Shazeer, Roberts, Lee, Narang, Matena, Zhou, Li, Liu: Exploring the Limits of Transfer Learning with a Unified
// Text-to-Text Transformer, 2020, section 2.1.
attn.kernel @t5(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>, %bias: tensor<8x32xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %modified = attn.modify %scores captures(%bias : tensor<8x32xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %bias_in: tensor<8x32xf32>):
    %c8 = arith.constant 8 : index
    %c12 = arith.constant 12 : index
    %c1 = arith.constant 1 : index
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c23 = arith.constant 23 : index
    %c32 = arith.constant 32 : index
    %c46 = arith.constant 46 : index
    %c64 = arith.constant 64 : index
    %c91 = arith.constant 91 : index
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %difference = arith.subi %key, %place : index
    %distance = math.absi %difference : index
    %smaller = arith.minsi %distance, %c8 : index
    %is_ge = arith.cmpi sge, %distance, %c12 : index
    %chosen = arith.select %is_ge, %c1, %c0 : index
    %sum = arith.addi %smaller, %chosen : index
    %is_ge_1 = arith.cmpi sge, %distance, %c16 : index
    %chosen_1 = arith.select %is_ge_1, %c1, %c0 : index
    %sum_1 = arith.addi %sum, %chosen_1 : index
    %is_ge_2 = arith.cmpi sge, %distance, %c23 : index
    %chosen_2 = arith.select %is_ge_2, %c1, %c0 : index
    %sum_2 = arith.addi %sum_1, %chosen_2 : index
    %is_ge_3 = arith.cmpi sge, %distance, %c32 : index
    %chosen_3 = arith.select %is_ge_3, %c1, %c0 : index
    %sum_3 = arith.addi %sum_2, %chosen_3 : index
    %is_ge_4 = arith.cmpi sge, %distance, %c46 : index
    %chosen_4 = arith.select %is_ge_4, %c1, %c0 : index
    %sum_4 = arith.addi %sum_3, %chosen_4 : index
    %is_ge_5 = arith.cmpi sge, %distance, %c64 : index
    %chosen_5 = arith.select %is_ge_5, %c1, %c0 : index
    %sum_5 = arith.addi %sum_4, %chosen_5 : index
    %is_ge_6 = arith.cmpi sge, %distance, %c91 : index
    %chosen_6 = arith.select %is_ge_6, %c1, %c0 : index
    %sum_6 = arith.addi %sum_5, %chosen_6 : index
    %is_gt = arith.cmpi sgt, %difference, %c0 : index
    %chosen_7 = arith.select %is_gt, %c16, %c0 : index
    %sum_7 = arith.addi %sum_6, %chosen_7 : index
    %bias_here = attn.load %bias_in[%head, %sum_7] : tensor<8x32xf32>
    %sum_8 = arith.addf %x, %bias_here : f32
    attn.yield %sum_8 : f32
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %modified : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
