// A cache that holds the last tokens only: position p of a sequence is in row p modulo its size, so its oldest is somewhere in
// the middle.
//
// Jiang, Sablayrolles, Mensch, Bamford, Chaplot, de las Casas, Bressand, Lengyel, Lample, Saulnier, et al.: Mistral 7B, 2023,
// section 2.
attn.kernel @rolling_buffer(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>,
    %ring_begins: tensor<?xi32>)
    -> tensor<?x?x8x64xf32> {
  %k_unrolled = attn.rowwise captures(%ring_begins, %k : tensor<?xi32>, tensor<?x?x2x64xf32>) positions(%k[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %ring_begins_in: tensor<?xi32>, %k_in: tensor<?x?x2x64xf32>):
    %ring_begins_here = attn.load %ring_begins_in[%batch] : tensor<?xi32>
    %ring_begins_here_index = arith.index_cast %ring_begins_here : i32 to index
    %sum = arith.addi %position, %ring_begins_here_index : index
    %k_extent = attn.extent %k_in[1] : tensor<?x?x2x64xf32>
    %quotient = arith.floordivsi %sum, %k_extent : index
    %product = arith.muli %quotient, %k_extent : index
    %difference = arith.subi %sum, %product : index
    %k_here = attn.load %k_in[%batch, %difference, %head, %column] : tensor<?x?x2x64xf32>
    attn.yield %k_here : f32
  } : tensor<?x?x2x64xf32>
  %v_unrolled = attn.rowwise captures(%ring_begins, %v : tensor<?xi32>, tensor<?x?x2x64xf32>) positions(%v[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %ring_begins_in: tensor<?xi32>, %v_in: tensor<?x?x2x64xf32>):
    %ring_begins_here = attn.load %ring_begins_in[%batch] : tensor<?xi32>
    %ring_begins_here_index = arith.index_cast %ring_begins_here : i32 to index
    %sum = arith.addi %position, %ring_begins_here_index : index
    %v_extent = attn.extent %v_in[1] : tensor<?x?x2x64xf32>
    %quotient = arith.floordivsi %sum, %v_extent : index
    %product = arith.muli %quotient, %v_extent : index
    %difference = arith.subi %sum, %product : index
    %v_here = attn.load %v_in[%batch, %difference, %head, %column] : tensor<?x?x2x64xf32>
    attn.yield %v_here : f32
  } : tensor<?x?x2x64xf32>
  %scores = attn.score scaled_dot %q, %k_unrolled
      : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v_unrolled
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
