// ALiBi (Press et al. 2022): each head lowers scores by its slope times the distance. Causal, with grouped heads.
//
// modify changes one score, given its place. Tensors come into a region as captures, and attn.load reads them: here one slope
// for each head, which the C function takes as a fourth argument. There are 12 query heads to 4 key heads, so three query heads
// share a key head (Ainslie et al. 2023); %head counts query heads.
attn.kernel @alibi_causal(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>,
                          %slopes: tensor<12xf32>) -> tensor<?x?x12x64xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
  %b = attn.modify %s captures(%slopes : tensor<12xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %sl: tensor<12xf32>):
    %slope = attn.load %sl[%head] : tensor<12xf32>
    %distance = arith.subi %key, %query : index
    %distance32 = arith.index_cast %distance : index to i32
    %distancef = arith.sitofp %distance32 : i32 to f32
    %bias = arith.mulf %slope, %distancef : f32
    %y = arith.addf %x, %bias : f32
    attn.yield %y : f32
  } : tensor<?x12x?x?xf32>
  %m = attn.mask %b {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x12x64xf32>
  attn.return %o : tensor<?x?x12x64xf32>
}
