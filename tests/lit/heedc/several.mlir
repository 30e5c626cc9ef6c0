// A module of two kernels becomes one library with three entries: a linear kernel brings its packing.
// RUN: rm -rf %t && heedc %s --target host,x86-64-sse41 -o %t/new/pair && ls %t/new | FileCheck %s --check-prefix=FILES
// FILES: pair.a
// FILES-NEXT: pair.h
// FILES-NEXT: pair.json
// FILES-NOT: {{.}}

// RUN: FileCheck %s --check-prefix=HEADER < %t/new/pair.h
// HEADER: #ifndef PAIR_H
// HEADER: #include <heed/heed.h>
// HEADER: heed_status twice(const DLTensor *x, DLTensor *out);
// HEADER: #define UP_PACKED_PANELS 2
// HEADER-NEXT: #define UP_PACKED_INPUTS 16
// HEADER-NEXT: #define UP_PACKED_WIDTH 48
// HEADER: heed_status up(const DLTensor *x, const DLTensor *w, const DLTensor *bias, DLTensor *out);
// HEADER: heed_status up_pack(

// RUN: FileCheck %s --check-prefix=MANIFEST < %t/new/pair.json
// MANIFEST: "source": "several.mlir"
// MANIFEST: "name": "twice"
// MANIFEST: "target": "x86-64-{{.*}}"
// MANIFEST: "form": "rowwise"
// MANIFEST: "plan_from": "default"
// MANIFEST: "target": "x86-64-sse41"
// MANIFEST: "symbol": "twice__x86_64_sse41"
// MANIFEST: "name": "up"
// MANIFEST: "form": "linear"
// MANIFEST: "name": "up_pack"

// Any C compiler takes the header and the archive.
// RUN: cc -std=c99 -pedantic -Wall -Wextra -Werror -I %t/new -I %include %S/twice.c %t/new/pair.a %runtime -lm -lpthread -o %t/app
// RUN: %t/app | FileCheck %s --check-prefix=PRINTS
// RUN: env HEED_TARGET=x86-64-sse41 %t/app | FileCheck %s --check-prefix=PRINTS
// PRINTS: ok
// PRINTS-NEXT: 2 4 6
// PRINTS-NEXT: wrong shape

attn.kernel @twice(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = attn.rowwise captures(%x : tensor<?x3xf32>) {
  ^bb0(%row: index, %column: index, %xt: tensor<?x3xf32>):
    %a = attn.load %xt[%row, %column] : tensor<?x3xf32>
    %b = arith.addf %a, %a : f32
    attn.yield %b : f32
  } : tensor<?x3xf32>
  attn.return %y : tensor<?x3xf32>
}
attn.kernel @up(%x: tensor<?x16xf32>, %w: tensor<16x96xf32>, %bias: tensor<96xf32>) -> tensor<?x96xf32> {
  %y = attn.linear %x, %w captures(%bias : tensor<96xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<96xf32>):
    %c = attn.load %b[%column] : tensor<96xf32>
    %d = arith.addf %acc, %c : f32
    attn.yield %d : f32
  } : (tensor<?x16xf32>, tensor<16x96xf32>) -> tensor<?x96xf32>
  attn.return %y : tensor<?x96xf32>
}
