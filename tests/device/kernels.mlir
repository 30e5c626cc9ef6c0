// Causal, with lengths, grouped heads and the log-sum-exp.
attn.kernel @device_causal(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x24xf32>,
                           %lengths: tensor<?xi32> {attn.key_lengths}) -> (tensor<?x?x4x24xf32>, tensor<?x4x?xf32>) {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %at = arith.addi %query, %offset : index
    %keep = arith.cmpi sle, %key, %at : index
    attn.yield %keep : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x24xf32>) -> tensor<?x?x4x24xf32>
  %l = attn.log_sum_exp %m : tensor<?x4x?x?xf32> -> tensor<?x4x?xf32>
  attn.return %o, %l : tensor<?x?x4x24xf32>, tensor<?x4x?xf32>
}

// A bias by distance, from a table.
attn.kernel @device_table(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x4x32xf32>, %v: tensor<?x?x4x32xf32>,
                          %table: tensor<?xf32>) -> tensor<?x?x4x32xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> tensor<?x4x?x?xf32>
  %b = attn.modify %s captures(%table : tensor<?xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %t: tensor<?xf32>):
    %away = arith.subi %query, %key : index
    %steps = math.absi %away : index
    %bias = attn.load %t[%steps] : tensor<?xf32>
    %y = arith.addf %x, %bias : f32
    attn.yield %y : f32
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %b : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}

// Which pairs count is in tensors.
attn.kernel @device_masked(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x4x32xf32>, %v: tensor<?x?x4x32xf32>,
                           %mask: tensor<?x?xi1>, %lengths: tensor<?xi32> {attn.key_lengths}) -> tensor<?x?x4x32xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s captures(%mask : tensor<?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?x?xi1>):
    %keep = attn.load %t[%query, %key] : tensor<?x?xi1>
    attn.yield %keep : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}

// Packed documents.
attn.kernel @device_documents(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x4x32xf32>, %v: tensor<?x?x4x32xf32>,
                              %starts: tensor<?xi32> {attn.segments}) -> tensor<?x?x4x32xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s captures(%starts : tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?xi32>):
    %begin = attn.segment_begin %t[%query] : tensor<?xi32>
    %end = attn.segment_end %t[%query] : tensor<?xi32>
    %from = arith.cmpi sge, %key, %begin : index
    %to = arith.cmpi slt, %key, %end : index
    %keep = arith.andi %from, %to : i1
    attn.yield %keep : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x4x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
