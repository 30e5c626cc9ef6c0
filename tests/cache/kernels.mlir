// Attention over a cache of keys and values, in each of its layouts (heed/cache.h): up to a few new queries
// that see what stands before them; `recent` and `ring` only the last 24 of it.
attn.kernel @slots(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>,
    %lengths: tensor<?xi32> {attn.key_lengths}, %offsets: tensor<?xi32> {attn.query_offsets}) -> tensor<?x?x4x32xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %before = arith.cmpi sle, %key, %place : index
    attn.yield %before : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
attn.kernel @recent(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>,
    %lengths: tensor<?xi32> {attn.key_lengths}, %offsets: tensor<?xi32> {attn.query_offsets}) -> tensor<?x?x4x32xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %before = arith.cmpi sle, %key, %place : index
    %window = arith.constant 24 : index
    %away = arith.subi %place, %key : index
    %near = arith.cmpi slt, %away, %window : index
    %keep = arith.andi %before, %near : i1
    attn.yield %keep : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
attn.kernel @paged(%q: tensor<?x?x4x32xf32>, %keys: tensor<?x8x2x32xf32>, %values: tensor<?x8x2x32xf32>,
    %table: tensor<?x?xi32>,
    %lengths: tensor<?xi32> {attn.key_lengths}, %offsets: tensor<?xi32> {attn.query_offsets}) -> tensor<?x?x4x32xf32> {
  %k = attn.rowwise captures(%keys, %table : tensor<?x8x2x32xf32>, tensor<?x?xi32>) positions(%table[1] * 8) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %pool: tensor<?x8x2x32xf32>, %pages: tensor<?x?xi32>):
    %size = arith.constant 8 : index
    %entry = arith.divsi %position, %size : index
    %row = arith.remsi %position, %size : index
    %number_of_page = attn.load %pages[%batch, %entry] : tensor<?x?xi32>
    %page = arith.index_cast %number_of_page : i32 to index
    %element = attn.load %pool[%page, %row, %head, %column] : tensor<?x8x2x32xf32>
    attn.yield %element : f32
  } : tensor<?x?x2x32xf32>
  %v = attn.rowwise captures(%values, %table : tensor<?x8x2x32xf32>, tensor<?x?xi32>) positions(%table[1] * 8) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %pool: tensor<?x8x2x32xf32>, %pages: tensor<?x?xi32>):
    %size = arith.constant 8 : index
    %entry = arith.divsi %position, %size : index
    %row = arith.remsi %position, %size : index
    %number_of_page = attn.load %pages[%batch, %entry] : tensor<?x?xi32>
    %page = arith.index_cast %number_of_page : i32 to index
    %element = attn.load %pool[%page, %row, %head, %column] : tensor<?x8x2x32xf32>
    attn.yield %element : f32
  } : tensor<?x?x2x32xf32>
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %before = arith.cmpi sle, %key, %place : index
    attn.yield %before : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
attn.kernel @paged_int8(%q: tensor<?x?x4x32xf32>, %keys: tensor<?x8x2x32xi8>, %values: tensor<?x8x2x32xi8>,
    %key_scales: tensor<?x8x2xf32>, %value_scales: tensor<?x8x2xf32>, %table: tensor<?x?xi32>,
    %lengths: tensor<?xi32> {attn.key_lengths}, %offsets: tensor<?xi32> {attn.query_offsets}) -> tensor<?x?x4x32xf32> {
  %k = attn.rowwise captures(%keys, %table, %key_scales : tensor<?x8x2x32xi8>, tensor<?x?xi32>, tensor<?x8x2xf32>) positions(%table[1] * 8) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %pool: tensor<?x8x2x32xi8>, %pages: tensor<?x?xi32>, %scale: tensor<?x8x2xf32>):
    %size = arith.constant 8 : index
    %entry = arith.divsi %position, %size : index
    %row = arith.remsi %position, %size : index
    %number_of_page = attn.load %pages[%batch, %entry] : tensor<?x?xi32>
    %page = arith.index_cast %number_of_page : i32 to index
    %element = attn.load %pool[%page, %row, %head, %column] : tensor<?x8x2x32xi8>
    %number = arith.sitofp %element : i32 to f32
    %unit = attn.load %scale[%page, %row, %head] : tensor<?x8x2xf32>
    %value = arith.mulf %number, %unit : f32
    attn.yield %value : f32
  } : tensor<?x?x2x32xf32>
  %v = attn.rowwise captures(%values, %table, %value_scales : tensor<?x8x2x32xi8>, tensor<?x?xi32>, tensor<?x8x2xf32>) positions(%table[1] * 8) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %pool: tensor<?x8x2x32xi8>, %pages: tensor<?x?xi32>, %scale: tensor<?x8x2xf32>):
    %size = arith.constant 8 : index
    %entry = arith.divsi %position, %size : index
    %row = arith.remsi %position, %size : index
    %number_of_page = attn.load %pages[%batch, %entry] : tensor<?x?xi32>
    %page = arith.index_cast %number_of_page : i32 to index
    %element = attn.load %pool[%page, %row, %head, %column] : tensor<?x8x2x32xi8>
    %number = arith.sitofp %element : i32 to f32
    %unit = attn.load %scale[%page, %row, %head] : tensor<?x8x2xf32>
    %value = arith.mulf %number, %unit : f32
    attn.yield %value : f32
  } : tensor<?x?x2x32xf32>
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %before = arith.cmpi sle, %key, %place : index
    attn.yield %before : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
attn.kernel @ring(%q: tensor<?x?x4x32xf32>, %keys: tensor<?x?x2x32xf32>, %values: tensor<?x?x2x32xf32>, %first: tensor<?xi32>,
    %lengths: tensor<?xi32> {attn.key_lengths}, %offsets: tensor<?xi32> {attn.query_offsets}) -> tensor<?x?x4x32xf32> {
  %k = attn.rowwise captures(%keys, %first : tensor<?x?x2x32xf32>, tensor<?xi32>) positions(%keys[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %rows: tensor<?x?x2x32xf32>, %from: tensor<?xi32>):
    %oldest = attn.load %from[%batch] : tensor<?xi32>
    %start = arith.index_cast %oldest : i32 to index
    %token = arith.addi %start, %position : index
    %size = attn.extent %rows[1] : tensor<?x?x2x32xf32>
    %row = arith.remsi %token, %size : index
    %element = attn.load %rows[%batch, %row, %head, %column] : tensor<?x?x2x32xf32>
    attn.yield %element : f32
  } : tensor<?x?x2x32xf32>
  %v = attn.rowwise captures(%values, %first : tensor<?x?x2x32xf32>, tensor<?xi32>) positions(%values[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %rows: tensor<?x?x2x32xf32>, %from: tensor<?xi32>):
    %oldest = attn.load %from[%batch] : tensor<?xi32>
    %start = arith.index_cast %oldest : i32 to index
    %token = arith.addi %start, %position : index
    %size = attn.extent %rows[1] : tensor<?x?x2x32xf32>
    %row = arith.remsi %token, %size : index
    %element = attn.load %rows[%batch, %row, %head, %column] : tensor<?x?x2x32xf32>
    attn.yield %element : f32
  } : tensor<?x?x2x32xf32>
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %before = arith.cmpi sle, %key, %place : index
    %window = arith.constant 24 : index
    %away = arith.subi %place, %key : index
    %near = arith.cmpi slt, %away, %window : index
    %keep = arith.andi %before, %near : i1
    attn.yield %keep : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x4x?x?xf32>, tensor<?x?x2x32xf32>) -> tensor<?x?x4x32xf32>
  attn.return %o : tensor<?x?x4x32xf32>
}
