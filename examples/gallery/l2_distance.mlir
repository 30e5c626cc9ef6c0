// Scores fall with the squared distance of query and key: -|q - k|^2 / sqrt(dim). Unlike dot products these are Lipschitz.
//
// Kim, Papamakarios, Mnih: The Lipschitz Constant of Self-Attention, 2021, section 3.2.
attn.kernel @l2_distance(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>)
    -> tensor<?x?x4x64xf32> {
  %scores = attn.score pairwise %q, %k {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index):
    %difference = arith.subf %x, %y : f32
    %product = arith.mulf %difference, %difference : f32
    %negative = arith.negf %product : f32
    attn.yield %negative : f32
  }
      : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %modified = attn.modify %scores {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    %c0_125 = arith.constant 0.125 : f32
    %product = arith.mulf %x, %c0_125 : f32
    attn.yield %product : f32
  } : tensor<?x4x?x?xf32>
  %weights = attn.normalize softmax %modified : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %out : tensor<?x?x4x64xf32>
}
