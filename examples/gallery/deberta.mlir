// Disentangled attention: besides q . k, query content meets key position and key content query position. Both products come in as
// tables over the relative position, clamped to 2 k = 64 places.
//
// He, Liu, Gao, Chen: DeBERTa: Decoding-enhanced BERT with Disentangled Attention, 2021, section 3.1.
attn.kernel @deberta(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>,
    %content_to_position: tensor<?x8x?x64xf32>, %position_to_content: tensor<?x8x?x64xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %modified = attn.modify %scores captures(%content_to_position, %position_to_content : tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %content_to_position_in: tensor<?x8x?x64xf32>, %position_to_content_in: tensor<?x8x?x64xf32>):
    %c32 = arith.constant 32 : index
    %c0_07216878364870322 = arith.constant 0.07216878364870322 : f32
    %difference = arith.subi %query, %key : index
    %sum = arith.addi %difference, %c32 : index
    %content_to_position_here = attn.load %content_to_position_in[%batch, %head, %query, %sum] : tensor<?x8x?x64xf32>
    %sum_1 = arith.addf %x, %content_to_position_here : f32
    %difference_1 = arith.subi %key, %query : index
    %sum_2 = arith.addi %difference_1, %c32 : index
    %position_to_content_here = attn.load %position_to_content_in[%batch, %head, %key, %sum_2] : tensor<?x8x?x64xf32>
    %sum_3 = arith.addf %sum_1, %position_to_content_here : f32
    %product = arith.mulf %sum_3, %c0_07216878364870322 : f32
    attn.yield %product : f32
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %modified : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
