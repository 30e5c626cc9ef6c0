// Attention as no library has it ready: ALiBi's slope on the distance (Press et al. 2021), scores capped
// at +-50 (Gemma 2), and a causal window of 128 keys beside which the first 4 keys always count
// (StreamingLLM). 8 query heads share 2 key heads of size 32; batch and lengths are free.
attn.kernel @alibi(%q: tensor<?x?x8x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>,
                   %slopes: tensor<8xf32>) -> tensor<?x?x8x32xf32> {
  %s = attn.score scaled_dot %q, %k
      : (tensor<?x?x8x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x8x?x?xf32>
  %b = attn.modify %s captures(%slopes : tensor<8xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %sl: tensor<8xf32>):
    %cap = arith.constant 50.0 : f32
    %ratio = arith.divf %x, %cap : f32
    %squashed = math.tanh %ratio : f32
    %capped = arith.mulf %squashed, %cap : f32
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %distance = arith.subi %place, %key : index
    %distance32 = arith.index_cast %distance : index to i32
    %length = arith.sitofp %distance32 : i32 to f32
    %slope = attn.load %sl[%head] : tensor<8xf32>
    %penalty = arith.mulf %slope, %length : f32
    %y = arith.subf %capped, %penalty : f32
    attn.yield %y : f32
  } : tensor<?x8x?x?xf32>
  %m = attn.mask %b {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %window = arith.constant 128 : index
    %sinks = arith.constant 4 : index
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %distance = arith.subi %place, %key : index
    %past = arith.cmpi sle, %key, %place : index
    %near = arith.cmpi slt, %distance, %window : index
    %first = arith.cmpi slt, %key, %sinks : index
    %kept = arith.ori %near, %first : i1
    %keep = arith.andi %past, %kept : i1
    attn.yield %keep : i1
  } : tensor<?x8x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x8x?x?xf32>
  %o = attn.weighted_sum %w, %v
      : (tensor<?x8x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x8x32xf32>
  attn.return %o : tensor<?x?x8x32xf32>
}
