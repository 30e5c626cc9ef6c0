// Scores squeezed into (-50, 50), as in Gemma 2: 50 tanh(x / 50), and a scale that is not 1 / sqrt(dim).
//
// Any function of a score is written like this; what a region may hold stands in compiler/evaluate/OperationTable.h.
attn.kernel @softcap(%q: tensor<?x?x8x256xf32>, %k: tensor<?x?x4x256xf32>, %v: tensor<?x?x4x256xf32>)
    -> tensor<?x?x8x256xf32> {
  %s = attn.score scaled_dot %q, %k {scale = 0.0625 : f64}
      : (tensor<?x?x8x256xf32>, tensor<?x?x4x256xf32>) -> tensor<?x8x?x?xf32>
  %b = attn.modify %s {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index):
    %cap = arith.constant 50.0 : f32
    %inverse = arith.constant 0.02 : f32
    %scaled = arith.mulf %x, %inverse : f32
    %squeezed = math.tanh %scaled : f32
    %y = arith.mulf %squeezed, %cap : f32
    attn.yield %y : f32
  } : tensor<?x8x?x?xf32>
  %w = attn.normalize softmax %b : tensor<?x8x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x8x?x?xf32>, tensor<?x?x4x256xf32>) -> tensor<?x?x8x256xf32>
  attn.return %o : tensor<?x?x8x256xf32>
}
