// ALiBi: each head lowers scores by its slope times the distance. Causal.
//
// Press, Smith, Lewis: Train Short, Test Long: Attention with Linear Biases Enables Input Length Extrapolation, 2022, section 3.
attn.kernel @alibi(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>, %slopes: tensor<8xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %modified = attn.modify %scores captures(%slopes : tensor<8xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %slopes_in: tensor<8xf32>):
    %slopes_here = attn.load %slopes_in[%head] : tensor<8xf32>
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %difference = arith.subi %key, %place : index
    %distance = math.absi %difference : index
    %distance_i32 = arith.index_cast %distance : index to i32
    %distance_real = arith.sitofp %distance_i32 : i32 to f32
    %product = arith.mulf %slopes_here, %distance_real : f32
    %difference_1 = arith.subf %x, %product : f32
    attn.yield %difference_1 : f32
  } : tensor<?x8x?x?xf32>
  %masked = attn.mask %modified {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
