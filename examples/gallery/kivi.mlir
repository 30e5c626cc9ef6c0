// A cache of int8: keys have a scale for each column, values one for each token, since keys have outlying columns. (The paper
// goes down to 2 bits.)
//
// Liu, Yuan, Jin, Zhong, Xu, Braverman, Chen, Hu: KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache, 2024, section 3.2.
attn.kernel @kivi(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xi8>, %v: tensor<?x?x2x64xi8>,
    %key_scales: tensor<2x64xf32>, %value_scales: tensor<?x?x2xf32>)
    -> tensor<?x?x8x64xf32> {
  %k_dequantized = attn.rowwise captures(%k, %key_scales : tensor<?x?x2x64xi8>, tensor<2x64xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x2x64xi8>, %key_scales_in: tensor<2x64xf32>):
    %k_here = attn.load %k_in[%batch, %position, %head, %column] : tensor<?x?x2x64xi8>
    %k_here_1 = arith.sitofp %k_here : i32 to f32
    %key_scales_here = attn.load %key_scales_in[%head, %column] : tensor<2x64xf32>
    %product = arith.mulf %k_here_1, %key_scales_here : f32
    attn.yield %product : f32
  } : tensor<?x?x2x64xf32>
  %v_dequantized = attn.rowwise captures(%v, %value_scales : tensor<?x?x2x64xi8>, tensor<?x?x2xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %v_in: tensor<?x?x2x64xi8>, %value_scales_in: tensor<?x?x2xf32>):
    %v_here = attn.load %v_in[%batch, %position, %head, %column] : tensor<?x?x2x64xi8>
    %v_here_1 = arith.sitofp %v_here : i32 to f32
    %value_scales_here = attn.load %value_scales_in[%batch, %position, %head] : tensor<?x?x2xf32>
    %product = arith.mulf %v_here_1, %value_scales_here : f32
    attn.yield %product : f32
  } : tensor<?x?x2x64xf32>
  %scores = attn.score scaled_dot %q, %k_dequantized
      : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v_dequantized
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
