// A window on both sides, and a few global tokens that see all and are seen by all.
//
// Beltagy, Peters, Cohan: Longformer: The Long-Document Transformer, 2020, section 3.1.
attn.kernel @longformer(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>,
    %is_global: tensor<?x?xi1>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores captures(%is_global : tensor<?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %is_global_in: tensor<?x?xi1>):
    %c12 = arith.constant 12 : index
    %difference = arith.subi %query, %key : index
    %distance = math.absi %difference : index
    %is_le = arith.cmpi sle, %distance, %c12 : index
    %is_global_here = attn.load %is_global_in[%batch, %key] : tensor<?x?xi1>
    %either = arith.ori %is_le, %is_global_here : i1
    %is_global_here_1 = attn.load %is_global_in[%batch, %query] : tensor<?x?xi1>
    %either_1 = arith.ori %either, %is_global_here_1 : i1
    attn.yield %either_1 : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
