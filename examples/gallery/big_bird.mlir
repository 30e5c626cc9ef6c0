// Block-sparse attention: a table says for each head which blocks of 16 queries see which blocks of 16 keys (window, global and
// random ones).
//
// Zaheer, Guruganesh, Dubey, Ainslie, Alberti, Ontanon, Pham, Ravula, Wang, Yang, Ahmed: Big Bird: Transformers for Longer
// Sequences, 2020, section 2 and appendix D.
attn.kernel @big_bird(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x8x64xf32>, %v: tensor<?x?x8x64xf32>,
    %layout: tensor<8x?x?xi1>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores captures(%layout : tensor<8x?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %layout_in: tensor<8x?x?xi1>):
    %c16 = arith.constant 16 : index
    %quotient = arith.floordivsi %query, %c16 : index
    %quotient_1 = arith.floordivsi %key, %c16 : index
    %layout_here = attn.load %layout_in[%head, %quotient, %quotient_1] : tensor<8x?x?xi1>
    attn.yield %layout_here : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
