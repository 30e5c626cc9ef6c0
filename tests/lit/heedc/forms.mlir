// Which form a kernel is built in: the whole row where something needs it, and what is said of a plan of the other form.
// RUN: heedc %s --target x86-64-avx2 --emit plan -o %t.json
// RUN: FileCheck %s --check-prefix=PLAN --input-file %t.json
// RUN: heedc %s --target x86-64-avx2 --plan %t.json --emit graph | FileCheck %s --check-prefix=GRAPH
// RUN: sed 's/"form": "row"/"form": "online", "task_tiles": 1, "edge_key_tile": 8, "query_vectors": 2, "edge_vectors": 2, "reduce_unroll": 4/' %t.json > %t.online.json
// RUN: not heedc %s --target x86-64-avx2 --plan %t.online.json --emit graph 2>&1 | FileCheck %s --check-prefix=WRONG

// PLAN: "sparse": [
// PLAN: "form": "row"
// PLAN: "weights": [
// PLAN: "form": "row"
// PLAN: "plain": [
// PLAN: "form": "online"
// PLAN: "merge": [
// PLAN: "form": "merge"

// GRAPH-DAG: // sparse__x86_64_avx2{{$}}
// GRAPH-DAG: // weights__x86_64_avx2{{$}}
// GRAPH-DAG: // weights__x86_64_avx2_weights
// GRAPH-DAG: // weights__x86_64_avx2_scores
// GRAPH-DAG: // weights__x86_64_avx2_key_sums
// GRAPH-DAG: // plain__x86_64_avx2{{$}}
// GRAPH-DAG: // merge__x86_64_avx2{{$}}

// WRONG: forms.mlir:[[@LINE+1]]:1: error: sparsemax needs the whole row: its plan has to be of form 'row'
attn.kernel @sparse(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x2x?x?xf32>
  %w = attn.normalize sparsemax %s : tensor<?x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}

attn.kernel @weights(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x8xf32>)
    -> (tensor<?x?x2x8xf32>, tensor<?x2x?x?xf32>, tensor<?x2x?x?xf32>, tensor<?x2x?xf32>) {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x2x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x2x?x?xf32>
  %n = attn.key_sum %w : tensor<?x2x?x?xf32> -> tensor<?x2x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o, %s, %w, %n : tensor<?x?x2x8xf32>, tensor<?x2x?x?xf32>, tensor<?x2x?x?xf32>, tensor<?x2x?xf32>
}

attn.kernel @plain(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> tensor<?x2x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x?x?xf32>, tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
  attn.return %o : tensor<?x?x2x8xf32>
}

attn.kernel @merge(%a: tensor<?x?x2x10xf32>, %b: tensor<?x?x2x10xf32>) -> tensor<?x?x2x10xf32> {
  %p = attn.merge softmax %a, %b : tensor<?x?x2x10xf32>
  attn.return %p : tensor<?x?x2x10xf32>
}
