// A dense mask that a model computes: a truth for each batch entry, query and key, on top of causal attention. Blocks of the
// tensor without a true pair are skipped, and where all are true no pair is asked.
//
// heedc --preset causal=bottom_right,boolean_mask=bqk --heads 12 --kv-heads 4 --head-dim 64 describes the same kernel.
attn.kernel @boolean(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>, %mask: tensor<?x?x?xi1>)
    -> tensor<?x?x12x64xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
  %m = attn.mask %s captures(%mask : tensor<?x?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %counts: tensor<?x?x?xi1>):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %before = arith.cmpi sle, %key, %place : index
    %true = attn.load %counts[%batch, %query, %key] : tensor<?x?x?xi1>
    %keep = arith.andi %before, %true : i1
    attn.yield %keep : i1
  } : tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x12x64xf32>
  attn.return %o : tensor<?x?x12x64xf32>
}
