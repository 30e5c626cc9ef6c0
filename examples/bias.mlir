// A learned bias for each head and distance, as in T5 (without its buckets): bias[head, key - query + 512].
//
// An index that is no position of the region, as %row here, is clamped to the axis: distances past 512 take the bias at the end.
// An axis loaded at a position itself (%head) must have that position's extent, which the runtime checks.
attn.kernel @bias(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>,
                  %bias: tensor<8x1025xf32>) -> tensor<?x?x8x64xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %b = attn.modify %s captures(%bias : tensor<8x1025xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %table: tensor<8x1025xf32>):
    %middle = arith.constant 512 : index
    %distance = arith.subi %key, %query : index
    %row = arith.addi %distance, %middle : index
    %here = attn.load %table[%head, %row] : tensor<8x1025xf32>
    %y = arith.addf %x, %here : f32
    attn.yield %y : f32
  } : tensor<?x8x?x?xf32>
  %w = attn.normalize softmax %b : tensor<?x8x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %o : tensor<?x?x8x64xf32>
}
