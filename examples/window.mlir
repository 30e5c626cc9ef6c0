// A sliding window: a query sees its own key and the 1024 before it, however long the sequence is.
//
// Two masks in a row keep what both keep. The cost is linear in the length: for each tile of queries only the keys between
// its first query's lowest and its last query's own are read.
attn.kernel @window(%q: tensor<?x?x8x128xf32>, %k: tensor<?x?x8x128xf32>, %v: tensor<?x?x8x128xf32>)
    -> tensor<?x?x8x128xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x8x128xf32>, tensor<?x?x8x128xf32>) -> tensor<?x8x?x?xf32>
  %c = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x8x?x?xf32>
  %m = attn.mask %c {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %width = arith.constant 1024 : index
    %lowest = arith.subi %query, %width : index
    %keep = arith.cmpi sge, %key, %lowest : index
    attn.yield %keep : i1
  } : tensor<?x8x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x8x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x8x?x?xf32>, tensor<?x?x8x128xf32>) -> tensor<?x?x8x128xf32>
  attn.return %o : tensor<?x?x8x128xf32>
}
