// Rotary positions: columns c and c + 32 of queries and keys turn by an angle that grows with the position. The angles'
// cosines and sines are tables (position, dim / 2). This order of columns is that of GPT-NeoX and Llama.
//
// Su, Lu, Pan, Murtadha, Wen, Liu: RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021, section 3.2.2.
attn.kernel @rope(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>,
    %cosines: tensor<?x32xf32>, %sines: tensor<?x32xf32>)
    -> tensor<?x?x8x64xf32> {
  %q_turned = attn.rowwise captures(%q, %cosines, %sines : tensor<?x?x8x64xf32>, tensor<?x32xf32>, tensor<?x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %q_in: tensor<?x?x8x64xf32>, %cosines_in: tensor<?x32xf32>, %sines_in: tensor<?x32xf32>):
    %c32 = arith.constant 32 : index
    %q_here = attn.load %q_in[%batch, %position, %head, %column] : tensor<?x?x8x64xf32>
    %offset = attn.query_offset
    %place = arith.addi %position, %offset : index
    %quotient = arith.floordivsi %column, %c32 : index
    %product = arith.muli %quotient, %c32 : index
    %difference = arith.subi %column, %product : index
    %cosines_here = attn.load %cosines_in[%place, %difference] : tensor<?x32xf32>
    %product_1 = arith.mulf %q_here, %cosines_here : f32
    %is_lt = arith.cmpi slt, %column, %c32 : index
    %sum = arith.addi %column, %c32 : index
    %difference_1 = arith.subi %column, %c32 : index
    %chosen = arith.select %is_lt, %sum, %difference_1 : index
    %q_here_1 = attn.load %q_in[%batch, %position, %head, %chosen] : tensor<?x?x8x64xf32>
    %sines_here = attn.load %sines_in[%place, %difference] : tensor<?x32xf32>
    %negative = arith.negf %sines_here : f32
    %chosen_1 = arith.select %is_lt, %negative, %sines_here : f32
    %product_2 = arith.mulf %q_here_1, %chosen_1 : f32
    %sum_1 = arith.addf %product_1, %product_2 : f32
    attn.yield %sum_1 : f32
  } : tensor<?x?x8x64xf32>
  %k_turned = attn.rowwise captures(%k, %cosines, %sines : tensor<?x?x2x64xf32>, tensor<?x32xf32>, tensor<?x32xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %k_in: tensor<?x?x2x64xf32>, %cosines_in: tensor<?x32xf32>, %sines_in: tensor<?x32xf32>):
    %c32 = arith.constant 32 : index
    %k_here = attn.load %k_in[%batch, %position, %head, %column] : tensor<?x?x2x64xf32>
    %quotient = arith.floordivsi %column, %c32 : index
    %product = arith.muli %quotient, %c32 : index
    %difference = arith.subi %column, %product : index
    %cosines_here = attn.load %cosines_in[%position, %difference] : tensor<?x32xf32>
    %product_1 = arith.mulf %k_here, %cosines_here : f32
    %is_lt = arith.cmpi slt, %column, %c32 : index
    %sum = arith.addi %column, %c32 : index
    %difference_1 = arith.subi %column, %c32 : index
    %chosen = arith.select %is_lt, %sum, %difference_1 : index
    %k_here_1 = attn.load %k_in[%batch, %position, %head, %chosen] : tensor<?x?x2x64xf32>
    %sines_here = attn.load %sines_in[%position, %difference] : tensor<?x32xf32>
    %negative = arith.negf %sines_here : f32
    %chosen_1 = arith.select %is_lt, %negative, %sines_here : f32
    %product_2 = arith.mulf %k_here_1, %chosen_1 : f32
    %sum_1 = arith.addf %product_1, %product_2 : f32
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
