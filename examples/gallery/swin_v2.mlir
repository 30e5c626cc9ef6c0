// Scaled cosine attention: the cosine of query and key, times a learned scale for each head, plus a position bias.
//
// Liu, Hu, Lin, Yao, Xie, Wei, Ning, Cao, Zhang, Dong, Wei, Guo: Swin Transformer V2: Scaling Up Capacity and Resolution, 2022,
// section 3.2.
attn.kernel @swin_v2(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x4x32xf32>, %v: tensor<?x?x4x32xf32>, %scales: tensor<4xf32>,
    %bias: tensor<4x?x?xf32>)
    -> tensor<?x?x4x32xf32> {
  %q_direction = attn.rowwise captures(%q, %scales : tensor<?x?x4x32xf32>, tensor<4xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %q_in: tensor<?x?x4x32xf32>, %scales_in: tensor<4xf32>):
    %c1_0e_24 = arith.constant 1.0e-24 : f32
    %q_here = attn.load %q_in[%batch, %position, %head, %column] : tensor<?x?x4x32xf32>
    %product = arith.mulf %q_here, %q_here : f32
    %sum = attn.row_sum %product : f32
    %larger = arith.maximumf %sum, %c1_0e_24 : f32
    %rsqrt = math.rsqrt %larger : f32
    %product_1 = arith.mulf %q_here, %rsqrt : f32
    %scales_here = attn.load %scales_in[%head] : tensor<4xf32>
    %product_2 = arith.mulf %product_1, %scales_here : f32
    attn.yield %product_2 : f32
  } : tensor<?x?x4x32xf32>
  %k_direction = attn.rowwise captures(%k : tensor<?x?x4x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x4x32xf32>):
    %c1_0e_24 = arith.constant 1.0e-24 : f32
    %k_here = attn.load %k_in[%batch, %position, %head, %column] : tensor<?x?x4x32xf32>
    %product = arith.mulf %k_here, %k_here : f32
    %sum = attn.row_sum %product : f32
    %larger = arith.maximumf %sum, %c1_0e_24 : f32
    %rsqrt = math.rsqrt %larger : f32
    %product_1 = arith.mulf %k_here, %rsqrt : f32
    attn.yield %product_1 : f32
  } : tensor<?x?x4x32xf32>
  %scores = attn.score dot %q_direction, %k_direction
      : (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> tensor<?x4x?x?xf32>
  %modified = attn.modify %scores captures(%bias : tensor<4x?x?xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %bias_in: tensor<4x?x?xf32>):
    %bias_here = attn.load %bias_in[%head, %query, %key] : tensor<4x?x?xf32>
    %sum = arith.addf %x, %bias_here : f32
    attn.yield %sum : f32
  } : tensor<?x4x?x?xf32>
  %weights = attn.normalize softmax %modified : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %out : tensor<?x?x4x32xf32>
}
