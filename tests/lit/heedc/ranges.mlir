// Several plans of one kernel, each for a range of shapes: --emit plan, --explain, symbols, manifest.
// RUN: rm -rf %t && mkdir %t
// RUN: heedc --preset dense --head-dim 16 --target x86-64-avx2 --emit plan -o %t/one.json
// RUN: %python -c "import json; p = json.load(open('%t/one.json'))['dense'][-1]; small = dict(p, query_tile=16, key_tile=32); json.dump({'dense': [dict(small, when={'queries': [1, 16]}), dict(p, when={'keys': [4096, None], 'batch_heads': [1, 4]}), dict(small, when={'queries': [17, 20]})]}, open('%t/plans.json', 'w'))"

// RUN: heedc --preset dense --head-dim 16 --target x86-64-avx2 --plan %t/plans.json --emit plan | FileCheck %s --check-prefix=PLAN
// PLAN: "dense": [
// PLAN: "query_tile": 16,
// PLAN: "when": {
// PLAN-NEXT: "queries": [
// PLAN-NEXT: 1,
// PLAN-NEXT: 16
// PLAN: "when": {
// PLAN: "batch_heads": [
// PLAN-NEXT: 1,
// PLAN-NEXT: 4
// PLAN: "keys": [
// PLAN-NEXT: 4096,
// PLAN-NEXT: null
// PLAN: "when": {
// PLAN: 17,
// PLAN: "form": "split"
// PLAN: "when": {
// PLAN: "form": "online"
// PLAN-NOT: "when"

// What --emit plan gives, --plan takes.
// RUN: heedc --preset dense --head-dim 16 --target x86-64-avx2 --plan %t/plans.json --emit plan -o %t/all.json
// RUN: heedc --preset dense --head-dim 16 --target x86-64-avx2 --plan %t/all.json --emit plan | diff %t/all.json -

// RUN: heedc --preset dense --head-dim 16 --target x86-64-avx2 --plan %t/plans.json --explain -o %t/dense | FileCheck %s --check-prefix=EXPLAIN
// EXPLAIN: x86-64-avx2, queries up to 16: the plan in plans.json
// EXPLAIN-NEXT: tiles of 16 queries
// EXPLAIN: x86-64-avx2, batch_heads up to 4 and keys from 4096: the plan in plans.json
// EXPLAIN: x86-64-avx2, queries from 17 to 20: the plan in plans.json
// EXPLAIN: x86-64-avx2: the default plan

// Equal plans share one object; the plan that serves every shape has the plain name.
// RUN: FileCheck %s --check-prefix=MANIFEST --input-file %t/dense.json
// MANIFEST: "when": {
// MANIFEST: "plan_from": "plans.json"
// MANIFEST: "symbol": "dense__x86_64_avx2_1"
// MANIFEST: "symbol": "dense__x86_64_avx2"
// MANIFEST: "symbol": "dense__x86_64_avx2_1"
// MANIFEST: "when": {}
// MANIFEST: "plan_from": "default"
// MANIFEST: "symbol": "dense__x86_64_avx2"
// RUN: llvm-nm %t/dense.a | grep '[.]o:' | FileCheck %s --check-prefix=MEMBERS
// MEMBERS: dense.o:
// MEMBERS-NEXT: dense__x86_64_avx2_1.o:
// MEMBERS-NEXT: dense__x86_64_avx2.o:
// MEMBERS-NEXT: dense__x86_64_avx2_2.o:
// MEMBERS-NOT: {{.}}
// RUN: heedc --preset dense --head-dim 16 --target x86-64-avx2 --plan %t/plans.json --emit graph | grep -c '^// dense__' | grep -x 3

// Fixed extents are decided while compiling.
// RUN: heedc %s --target x86-64-avx2 --emit plan -o %t/fixed.json
// RUN: %python -c "import json; p = json.load(open('%t/fixed.json'))['fixed'][-1]; json.dump([dict(p, when={'queries': [9, 16]}), dict(p, key_tile=64, when={'queries': [1, 8], 'batch_heads': [1, 6]}), p], open('%t/plans.json', 'w'))"
// RUN: heedc %s --target x86-64-avx2 --plan %t/plans.json --explain --emit plan -o %t/some.json | FileCheck %s --check-prefix=FIXED
// FIXED: x86-64-avx2, batch_heads up to 6: the plan in plans.json
// FIXED-NEXT: keys are split in parts
// FIXED-NEXT: key head are rows: 64 keys at a time
// FIXED: x86-64-avx2: the plan in plans.json

// Mistakes.
// RUN: %python -c "import json; p = json.load(open('%t/fixed.json'))['fixed'][-1]; json.dump([dict(p, when={'rows': [9, 16]})], open('%t/plans.json', 'w'))"
// RUN: not heedc %s --target x86-64-avx2 --plan %t/plans.json --emit plan 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: ranges.mlir:[[@LINE+4]]:1: error: has no extent 'rows' that the plan in plans.json could depend on; it has: batch, heads, key_heads, keys, queries, batch_heads
// RUN: %python -c "import json; p = json.load(open('%t/fixed.json'))['fixed'][-1]; json.dump([dict(p, when={'keys': [9, 6]})], open('%t/plans.json', 'w'))"
// RUN: not heedc %s --target x86-64-avx2 --plan %t/plans.json --emit plan 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: plans.json: error: when: keys is [9,6]: low is above high, so no shape is served
attn.kernel @fixed(%q: tensor<?x8x2x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x16xf32>) -> tensor<?x8x2x16xf32> {
  %s = attn.score scaled_dot %q, %k : (tensor<?x8x2x16xf32>, tensor<?x?x2x16xf32>) -> tensor<?x2x8x?xf32>
  %w = attn.normalize softmax %s : tensor<?x2x8x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x2x8x?xf32>, tensor<?x?x2x16xf32>) -> tensor<?x8x2x16xf32>
  attn.return %o : tensor<?x8x2x16xf32>
}
