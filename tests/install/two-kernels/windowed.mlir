attn.kernel @windowed(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>, %v: tensor<?x?x?x16xf32>)
    -> tensor<?x?x?x16xf32> {
  %s = attn.score dot %q, %k
      : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>) -> tensor<?x?x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %reach = arith.constant 3 : index
    %end = arith.addi %query, %reach : index
    %start = arith.subi %query, %reach : index
    %low = arith.cmpi sge, %key, %start : index
    %high = arith.cmpi sle, %key, %end : index
    %keep = arith.andi %low, %high : i1
    attn.yield %keep : i1
  } : tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x16xf32>) -> tensor<?x?x?x16xf32>
  attn.return %o : tensor<?x?x?x16xf32>
}
