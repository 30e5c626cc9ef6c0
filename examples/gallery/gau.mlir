// Gated attention units: weights are max(x, 0)^2 of q . k / keys plus a relative position bias.
//
// Hua, Dai, Liu, Le: Transformer Quality in Linear Time, 2022, section 2 and appendix A.
attn.kernel @gau(%q: tensor<?x?x1x128xf32>, %k: tensor<?x?x1x128xf32>, %v: tensor<?x?x1x128xf32>,
    %bias: tensor<1023xf32>)
    -> tensor<?x?x1x128xf32> {
  %scores = attn.score dot %q, %k
      : (tensor<?x?x1x128xf32>, tensor<?x?x1x128xf32>) -> tensor<?x1x?x?xf32>
  %modified = attn.modify %scores captures(%bias : tensor<1023xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %bias_in: tensor<1023xf32>):
    %c511 = arith.constant 511 : index
    %keys = attn.key_length
    %keys_i32 = arith.index_cast %keys : index to i32
    %keys_real = arith.sitofp %keys_i32 : i32 to f32
    %quotient = arith.divf %x, %keys_real : f32
    %difference = arith.subi %key, %query : index
    %sum = arith.addi %difference, %c511 : index
    %bias_here = attn.load %bias_in[%sum] : tensor<1023xf32>
    %sum_1 = arith.addf %quotient, %bias_here : f32
    attn.yield %sum_1 : f32
  } : tensor<?x1x?x?xf32>
  %weights = attn.normalize relu_squared %modified : tensor<?x1x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x1x?x?xf32>, tensor<?x?x1x128xf32>) -> tensor<?x?x1x128xf32>
  attn.return %out : tensor<?x?x1x128xf32>
}
