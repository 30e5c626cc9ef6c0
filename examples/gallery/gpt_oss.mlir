// A learned logit for each head stands in softmax's denominator, so that a head can attend to nothing. Window of 128 in the
// model.
//
// OpenAI: gpt-oss-120b and gpt-oss-20b Model Card, 2025, section 2.2; sinks after Xiao et al. 2023.
attn.kernel @gpt_oss(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>, %sinks: tensor<8xf32>)
    -> tensor<?x?x8x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c32 = arith.constant 32 : index
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    %difference = arith.subi %place, %key : index
    %is_lt = arith.cmpi slt, %difference, %c32 : index
    %both = arith.andi %is_le, %is_lt : i1
    attn.yield %both : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax_sinks %masked captures(%sinks : tensor<8xf32>) : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x8x64xf32>
  attn.return %out : tensor<?x?x8x64xf32>
}
