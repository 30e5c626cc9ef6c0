// --emit stops at any level.
// RUN: heedc %s --target x86-64-avx2 --emit attn | FileCheck %s --check-prefix=ATTN
// ATTN: attn.kernel @causal(
// ATTN: ranges
// RUN: heedc %s --emit attn | heedc - --emit attn | FileCheck %s --check-prefix=ATTN

// RUN: heedc %s --target x86-64-avx2 --emit graph | FileCheck %s --check-prefix=GRAPH
// GRAPH: // causal__x86_64_avx2
// GRAPH: for {{.*}} in [
// GRAPH: out

// RUN: heedc %s --target x86-64-avx2 --emit stmt | FileCheck %s --check-prefix=STMT
// STMT: // causal__x86_64_avx2
// STMT: parallel

// RUN: rm -f %t.s && heedc %s --target x86-64-avx2 --emit asm -o %t.s | count 0
// RUN: FileCheck %s --check-prefix=ASM < %t.s
// ASM: # causal__x86_64_avx2
// ASM: vfmadd{{.*}}ymm
// ASM: causal__x86_64_avx2_argv:

// A plan has one name a kernel, and one line a target; what --emit prints, --plan reads.
// RUN: heedc %s --emit plan -o %t.json && FileCheck %s --check-prefix=PLAN < %t.json
// PLAN: "causal": [
// PLAN: "form": "online"
// PLAN: "target": "x86-64-avx512"
// PLAN: "target": "x86-64-avx2"
// PLAN: "target": "x86-64-sse41"
// RUN: heedc %s --plan %t.json --emit plan | FileCheck %s --check-prefix=PLAN

// Every phase leaves its files.
// RUN: rm -rf %t && heedc %s --target x86-64-avx2 -o %t/out/causal --dump-phases-to %t/phases
// RUN: ls %t/phases | FileCheck %s --check-prefix=PHASES
// PHASES: 00-input.mlir
// PHASES-NEXT: 10-after-
// PHASES: after-attn-mask-ranges.mlir
// PHASES: 20-plan.json
// PHASES-NEXT: 30-causal__x86_64_avx2.graph.txt
// PHASES-NEXT: 30-causal__x86_64_avx2_1.graph.txt
// PHASES-NEXT: 40-causal__x86_64_avx2.stmt
// PHASES-NEXT: 40-causal__x86_64_avx2_1.stmt
// PHASES-NEXT: 50-causal__x86_64_avx2.s
// PHASES-NEXT: 50-causal__x86_64_avx2_1.s
// PHASES-NOT: {{.}}

attn.kernel @causal(%q: tensor<?x?x4x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x16xf32>)
    -> tensor<?x?x4x16xf32> {
  %s = attn.score scaled_dot %q, %k
      : (tensor<?x?x4x16xf32>, tensor<?x?x2x16xf32>) -> tensor<?x4x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x4x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x4x?x?xf32>
  %o = attn.weighted_sum %w, %v
      : (tensor<?x4x?x?xf32>, tensor<?x?x2x16xf32>) -> tensor<?x?x4x16xf32>
  attn.return %o : tensor<?x?x4x16xf32>
}
