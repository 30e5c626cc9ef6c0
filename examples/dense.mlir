// Attention as it was first written down (Vaswani et al. 2017): every query sees every key.
//
//   heedc examples/dense.mlir -o build/dense        # build/dense.a, build/dense.h, build/dense.json
//
// The three stages of every attention kernel: score says how alike a query and a key are, normalize turns the scores
// of a query into weights, weighted_sum mixes the values. Tensors are (batch, sequence, head, dim). A ? is an extent that
// each call chooses; the head dim, 64, is part of the kernel. The arguments' names are those of the C function's parameters.
attn.kernel @dense(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x12x64xf32>, %v: tensor<?x?x12x64xf32>)
    -> tensor<?x?x12x64xf32> {
  // q . k / sqrt(64), as (batch, head, query, key). No tensor of that size is ever stored.
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x12x64xf32>, tensor<?x?x12x64xf32>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x12x?x?xf32>, tensor<?x?x12x64xf32>) -> tensor<?x?x12x64xf32>
  attn.return %o : tensor<?x?x12x64xf32>
}
