// Libraries with the runtime inside.
// RUN: rm -rf %t && mkdir %t
// RUN: heedc %s --target host -o %t/one --standalone
// RUN: sed s/@thrice/@fourfold/ %s > %t/two.mlir && heedc %t/two.mlir --target host -o %t/two --standalone

// Two of them live in one program without libheed.a, each with a runtime of its own.
// RUN: cc -std=c99 -I %t -I %include %S/two-standalone.c %t/one.a %t/two.a -lm -lpthread -o %t/app && %t/app | FileCheck %s
// CHECK: null argument: {{.+}}
// CHECK-NEXT: nothing said to two
// CHECK-NEXT: 3 1

// RUN: llvm-nm --defined-only --extern-only %t/one.a | FileCheck %s --check-prefix=SYMBOLS
// SYMBOLS-NOT: heed_
// SYMBOLS-NOT: halide_
// SYMBOLS: T one_host_target
// SYMBOLS: T thrice

// A shared library exports its entries and the runtime's functions.
// RUN: heedc %s --target host -o %t/one --emit shared
// RUN: llvm-nm --defined-only --extern-only -D %t/one.so | FileCheck %s --check-prefix=EXPORTS
// EXPORTS-NOT: halide
// EXPORTS: heed_host_target
// EXPORTS: heed_last_error
// EXPORTS-NOT: argv
// EXPORTS: T thrice
// RUN: %python -c "import ctypes; l = ctypes.CDLL('%t/one.so'); print(l.thrice(None, None))" | FileCheck %s --check-prefix=STATUS
// STATUS: 1

// Without the tools the message says what to install.
// RUN: not env PATH=%t heedc %s --target host -o %t/x --standalone 2>&1 | FileCheck %s --check-prefix=LD
// LD: heedc: error: this needs one of ld, {{.*}} on the PATH: install binutils
// RUN: not env PATH=%t heedc %s --target host -o %t/x --emit shared 2>&1 | FileCheck %s --check-prefix=CC
// CC: heedc: error: this needs one of cc, {{.*}} on the PATH: install gcc
// RUN: not ls %t/x.h

attn.kernel @thrice(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = attn.rowwise captures(%x : tensor<?x3xf32>) {
  ^bb0(%row: index, %column: index, %xt: tensor<?x3xf32>):
    %a = attn.load %xt[%row, %column] : tensor<?x3xf32>
    %b = arith.addf %a, %a : f32
    %c = arith.addf %a, %b : f32
    attn.yield %c : f32
  } : tensor<?x3xf32>
  attn.return %y : tensor<?x3xf32>
}
