// Documents packed into one sequence: a query sees its own document, up to itself. starts holds [0, end of the first, ...].
//
// Krell, Kosec, Perez, Fitzgibbon: Efficient Sequence Packing without Cross-contamination, 2021, section 3.2.
attn.kernel @packed_documents(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>,
    %starts: tensor<?xi32> {attn.segments})
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores captures(%starts : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %starts_in: tensor<?xi32>):
    %begin = attn.segment_begin %starts_in[%query] : tensor<?xi32>
    %is_ge = arith.cmpi sge, %key, %begin : index
    %is_le = arith.cmpi sle, %key, %query : index
    %both = arith.andi %is_ge, %is_le : i1
    attn.yield %both : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
