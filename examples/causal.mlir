// A query sees the keys up to its own place: decoders.
//
// A mask is a region that says of one pair whether it counts. Nothing more is needed for speed: from the region the compiler
// derives which blocks of keys a tile of queries needs at all, and which need no mask (heed-opt --heed-pipeline shows it).
//
// Query i stands at place i + query_offset among the keys. Without an argument for it the offset is key length - query length, so
// that the last query stands at the last key: right for whole sequences, where it is 0, and with a cache of earlier keys.
attn.kernel @causal(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x12x64xf32>, %v: tensor<?x?x12x64xf32>)
    -> tensor<?x?x12x64xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x64xf32>, tensor<?x?x12x64xf32>) -> tensor<?x12x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %keep = arith.cmpi sle, %key, %place : index
    attn.yield %keep : i1
  } : tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x12x64xf32>) -> tensor<?x?x12x64xf32>
  attn.return %o : tensor<?x?x12x64xf32>
}
