// Attention sinks: besides a window of the last keys, every query keeps the first four.
//
// Xiao, Tian, Chen, Han, Lewis: Efficient Streaming Language Models with Attention Sinks, 2023, section 3.2.
attn.kernel @streaming_llm(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c4 = arith.constant 4 : index
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %difference = arith.subi %place, %key : index
    %is_ge = arith.cmpi sge, %difference, %c0 : index
    %is_lt = arith.cmpi slt, %difference, %c16 : index
    %is_lt_1 = arith.cmpi slt, %key, %c4 : index
    %either = arith.ori %is_lt, %is_lt_1 : i1
    %both = arith.andi %is_ge, %either : i1
    attn.yield %both : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
