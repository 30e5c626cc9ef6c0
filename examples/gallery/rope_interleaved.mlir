// Rotary positions as first written down: columns 2 c and 2 c + 1 turn together.
//
// Su, Lu, Pan, Murtadha, Wen, Liu: RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021, section 3.2.2.
attn.kernel @rope_interleaved(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>,
    %cosines: tensor<?x32xf32>, %sines: tensor<?x32xf32>)
    -> tensor<?x?x8x64xf32> {
  %q_turned = attn.rowwise captures(%q, %cosines, %sines : tensor<?x?x8x64xf32>, tensor<?x32xf32>, tensor<?x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %q_in: tensor<?x?x8x64xf32>, %cosines_in: tensor<?x32xf32>, %sines_in: tensor<?x32xf32>):
    %c2 = arith.constant 2 : index
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %q_here = attn.load %q_in[%batch, %position, %head, %column] : tensor<?x?x8x64xf32>
    %offset = attn.query_offset
    %place = arith.addi %position, %offset : index
    %quotient = arith.floordivsi %column, %c2 : index
    %cosines_here = attn.load %cosines_in[%place, %quotient] : tensor<?x32xf32>
    %product = arith.mulf %q_here, %cosines_here : f32
    %product_1 = arith.muli %quotient, %c2 : index
    %difference = arith.subi %column, %product_1 : index
    %is_eq = arith.cmpi eq, %difference, %c0 : index
    %sum = arith.addi %column, %c1 : index
    %difference_1 = arith.subi %column, %c1 : index
    %chosen = arith.select %is_eq, %sum, %difference_1 : index
    %q_here_1 = attn.load %q_in[%batch, %position, %head, %chosen] : tensor<?x?x8x64xf32>
    %sines_here = attn.load %sines_in[%place, %quotient] : tensor<?x32xf32>
    %negative = arith.negf %sines_here : f32
    %chosen_1 = arith.select %is_eq, %negative, %sines_here : f32
    %product_2 = arith.mulf %q_here_1, %chosen_1 : f32
    %sum_1 = arith.addf %product, %product_2 : f32
    attn.yield %sum_1 : f32
  } : tensor<?x?x8x64xf32>
  %k_turned = attn.rowwise captures(%k, %cosines, %sines : tensor<?x?x2x64xf32>, tensor<?x32xf32>, tensor<?x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x2x64xf32>, %cosines_in: tensor<?x32xf32>, %sines_in: tensor<?x32xf32>):
    %c2 = arith.constant 2 : index
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %k_here = attn.load %k_in[%batch, %position, %head, %column] : tensor<?x?x2x64xf32>
    %quotient = arith.floordivsi %column, %c2 : index
    %cosines_here = attn.load %cosines_in[%position, %quotient] : tensor<?x32xf32>
    %product = arith.mulf %k_here, %cosines_here : f32
    %product_1 = arith.muli %quotient, %c2 : index
    %difference = arith.subi %column, %product_1 : index
    %is_eq = arith.cmpi eq, %difference, %c0 : index
    %sum = arith.addi %column, %c1 : index
    %difference_1 = arith.subi %column, %c1 : index
    %chosen = arith.select %is_eq, %sum, %difference_1 : index
    %k_here_1 = attn.load %k_in[%batch, %position, %head, %chosen] : tensor<?x?x2x64xf32>
    %sines_here = attn.load %sines_in[%position, %quotient] : tensor<?x32xf32>
    %negative = arith.negf %sines_here : f32
    %chosen_1 = arith.select %is_eq, %negative, %sines_here : f32
    %product_2 = arith.mulf %k_here_1, %chosen_1 : f32
    %sum_1 = arith.addf %product, %product_2 : f32
    attn.yield %sum_1 : f32
  } : tensor<?x?x2x64xf32>
  %scores = attn.score scaled_dot %q_turned, %k_turned
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
