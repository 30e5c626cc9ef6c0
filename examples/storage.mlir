// Storage is said by the tensors' types: queries in float32 against a cache of bfloat16 keys and float16 values, which are narrower
// than the keys. Arithmetic is float32; where query, key and value are f64, it is float64. int8 needs scales: gallery/kivi.mlir.
//
// Nothing ties the number of queries to that of keys: this is cross-attention, too.
attn.kernel @storage(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x4x64xbf16>, %v: tensor<?x?x4x48xf16>) -> tensor<?x?x12x48xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xbf16>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x4x48xf16>) -> tensor<?x?x12x48xf32>
  attn.return %o : tensor<?x?x12x48xf32>
}
