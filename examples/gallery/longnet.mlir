// Dilated attention: within segments of 32, each head sees every 4th position from its own offset.
//
// Ding, Ma, Dong, Zhang, Huang, Wang, Zheng, Wei: LongNet: Scaling Transformers to 1,000,000,000 Tokens, 2023, sections 2.2 and 2.3.
attn.kernel @longnet(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>)
    -> tensor<?x?x4x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x4x?x?xf32>
  %masked = attn.mask %scores {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c32 = arith.constant 32 : index
    %c4 = arith.constant 4 : index
    %quotient = arith.floordivsi %query, %c32 : index
    %quotient_1 = arith.floordivsi %key, %c32 : index
    %is_eq = arith.cmpi eq, %quotient, %quotient_1 : index
    %quotient_2 = arith.floordivsi %query, %c4 : index
    %product = arith.muli %quotient_2, %c4 : index
    %difference = arith.subi %query, %product : index
    %quotient_3 = arith.floordivsi %head, %c4 : index
    %product_1 = arith.muli %quotient_3, %c4 : index
    %difference_1 = arith.subi %head, %product_1 : index
    %is_eq_1 = arith.cmpi eq, %difference, %difference_1 : index
    %both = arith.andi %is_eq, %is_eq_1 : i1
    %quotient_4 = arith.floordivsi %key, %c4 : index
    %product_2 = arith.muli %quotient_4, %c4 : index
    %difference_2 = arith.subi %key, %product_2 : index
    %is_eq_2 = arith.cmpi eq, %difference_2, %difference_1 : index
    %both_1 = arith.andi %both, %is_eq_2 : i1
    %is_le = arith.cmpi sle, %key, %query : index
    %both_2 = arith.andi %both_1, %is_le : i1
    attn.yield %both_2 : i1
  } : tensor<?x4x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x4x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x4x64xf32>
  attn.return %out : tensor<?x?x4x64xf32>
}
