// What each key gets from all queries, besides the output: keys with small sums can leave the cache.
//
// Zhang, Sheng, Zhou, Chen, Zheng, Cai, Song, Tian, Re, Barrett, Wang, Chen: H2O: Heavy-Hitter Oracle for Efficient Generative
// Inference of Large Language Models, 2023, section 4.
attn.kernel @h2o(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x64xf32>)
    -> (tensor<?x?x8x64xf32>, tensor<?x8x?xf32>) {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>) -> tensor<?x8x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %is_le = arith.cmpi sle, %key, %place : index
    attn.yield %is_le : i1
  } : tensor<?x8x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x8x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x64xf32>) -> tensor<?x?x8x64xf32>
  %key_sums = attn.key_sum %weights : tensor<?x8x?x?xf32> -> tensor<?x8x?xf32>
  attn.return %out, %key_sums : tensor<?x?x8x64xf32>, tensor<?x8x?xf32>
}
