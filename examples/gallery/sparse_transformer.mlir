// Strided attention: the last 8 keys, and of the earlier ones every 8th.
//
// Child, Gray, Radford, Sutskever: Generating Long Sequences with Sparse Transformers, 2019, section 4.3.
attn.kernel @sparse_transformer(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %difference = arith.subi %place, %key : index
    %is_ge = arith.cmpi sge, %difference, %c0 : index
    %is_lt = arith.cmpi slt, %difference, %c8 : index
    %quotient = arith.floordivsi %difference, %c8 : index
    %product = arith.muli %quotient, %c8 : index
    %difference_1 = arith.subi %difference, %product : index
    %is_eq = arith.cmpi eq, %difference_1, %c0 : index
    %either = arith.ori %is_lt, %is_eq : i1
    %both = arith.andi %is_ge, %either : i1
    attn.yield %both : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
