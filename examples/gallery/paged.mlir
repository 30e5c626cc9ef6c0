// Keys and values in pages of 16 tokens, which a table finds; each sequence has its own length.
//
// Kwon, Li, Zhuang, Sheng, Zheng, Yu, Gonzalez, Zhang, Stoica: Efficient Memory Management for Large Language Model Serving with
// PagedAttention, 2023, section 4.1.
attn.kernel @paged(%q: tensor<?x?x8x64xf32>, %k: tensor<?x16x2x64xf32>, %v: tensor<?x16x2x64xf32>,
    %page_table: tensor<?x?xi32>, %key_lengths: tensor<?xi32> {attn.key_lengths})
    -> tensor<?x?x8x64xf32> {
  %k_paged = attn.rowwise captures(%page_table, %k : tensor<?x?xi32>, tensor<?x16x2x64xf32>) positions(%page_table[1] * 16) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %page_table_in: tensor<?x?xi32>, %k_in: tensor<?x16x2x64xf32>):
    %c16 = arith.constant 16 : index
    %quotient = arith.floordivsi %position, %c16 : index
    %page_table_here = attn.load %page_table_in[%batch, %quotient] : tensor<?x?xi32>
    %page_table_here_index = arith.index_cast %page_table_here : i32 to index
    %product = arith.muli %quotient, %c16 : index
    %difference = arith.subi %position, %product : index
    %k_here = attn.load %k_in[%page_table_here_index, %difference, %head, %column] : tensor<?x16x2x64xf32>
    attn.yield %k_here : f32
  } : tensor<?x?x2x64xf32>
  %v_paged = attn.rowwise captures(%page_table, %v : tensor<?x?xi32>, tensor<?x16x2x64xf32>) positions(%page_table[1] * 16) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %page_table_in: tensor<?x?xi32>, %v_in: tensor<?x16x2x64xf32>):
    %c16 = arith.constant 16 : index
    %quotient = arith.floordivsi %position, %c16 : index
    %page_table_here = attn.load %page_table_in[%batch, %quotient] : tensor<?x?xi32>
    %page_table_here_index = arith.index_cast %page_table_here : i32 to index
    %product = arith.muli %quotient, %c16 : index
    %difference = arith.subi %position, %product : index
    %v_here = attn.load %v_in[%page_table_here_index, %difference, %head, %column] : tensor<?x16x2x64xf32>
    attn.yield %v_here : f32
  } : tensor<?x?x2x64xf32>
  %scores = attn.score scaled_dot %q, %k_paged
      : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v_paged
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
