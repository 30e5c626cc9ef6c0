// Retention: q . k fades by a factor for each head and step, and nothing is normalized.
//
// Sun, Dong, Huang, Ma, Xia, Xue, Wang, Wei: Retentive Network: A Successor to Transformer for Large Language Models, 2023, section 2.1.
attn.kernel @retention(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>,
    %log2_decay: tensor<4xf32>)
    -> tensor<?x?x4x64xf32> {
  %scores = attn.score dot %q, %k
      : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %modified = attn.modify %scores captures(%log2_decay : tensor<4xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %log2_decay_in: tensor<4xf32>):
    %c0 = arith.constant 0 : index
    %log2_decay_here = attn.load %log2_decay_in[%head] : tensor<4xf32>
    %difference = arith.subi %query, %key : index
    %larger = arith.maxsi %difference, %c0 : index
    %larger_i32 = arith.index_cast %larger : index to i32
    %larger_real = arith.sitofp %larger_i32 : i32 to f32
    %product = arith.mulf %log2_decay_here, %larger_real : f32
    %exp2 = math.exp2 %product : f32
    %product_1 = arith.mulf %x, %exp2 : f32
    attn.yield %product_1 : f32
  } : tensor<?x4x?x?xf32>
  %masked = attn.mask %modified {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %is_le = arith.cmpi sle, %key, %query : index
    attn.yield %is_le : i1
  } : tensor<?x4x?x?xf32>
  %weights = attn.normalize none %masked : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %out : tensor<?x?x4x64xf32>
}
