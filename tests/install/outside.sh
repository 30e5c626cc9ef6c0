#!/usr/bin/env bash
# Builds and runs one program against an installed Heed, in a folder outside the tree:
#   outside.sh CASE PREFIX SOURCE-TREE PYTHON
set -euo pipefail
case=$1 prefix=$2 source=$3 python=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cd "$work"

fail() { echo "outside.sh: $*" >&2; exit 1; }

# Copies a folder of sources here: nothing may lead back into the tree.
take() { cp -r "$source/$1/." . && chmod -R u+w .; }

cmakeBuild() { # CMake's arguments
  cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix" "$@" && cmake --build build
}

testLayout() {
  for file in bin/heedc bin/heed-opt bin/heed-bench bin/heed-run include/heed/heed.h include/dlpack/dlpack.h lib/libheed.a lib/libheed_builder.a include/heed/builder.h lib/heed/libHalide.so \
    share/doc/heed/LICENSE share/doc/heed/THIRD_PARTY_NOTICES share/doc/heed/Halide-LICENSE.txt; do
    [ -f "$prefix/$file" ] || fail "$file is not installed"
  done
  for tool in "$prefix"/bin/*; do
    ldd "$tool" >log
    grep -q 'not found' log && fail "$tool misses libraries: $(cat log)"
    grep 'libHalide.so' log | grep -vF "$prefix" && fail "$tool does not use the installed libHalide.so"
  done
  grep -rqI "$source" "$prefix" && fail "an installed file names the source tree: $(grep -rlI "$source" "$prefix")"
  # C programs link libheed.a with plain cc: it needs no C++ library.
  nm -u "$prefix/lib/libheed.a" | grep -E ' (_ZSt|_ZN?K?St|_Zn|_Zd|__cxa|__gxx)' && fail "libheed.a needs libstdc++"
  # Everything in it that is no public function stays private to the program or library it is linked into.
  readelf -sW "$prefix/lib/libheed.a" |
    awk '$5 != "LOCAL" && $6 == "DEFAULT" && $7 != "UND" && $8 !~ /^heed_/' | grep . && fail "libheed.a exports these"
  return 0
}

# What heed_add_kernel says when it is used wrongly.
testUsage() {
  cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(usage LANGUAGES C)
find_package(heed 0.1 REQUIRED)
heed_add_kernel(alibi TARGETS host)
EOF
  cmakeBuild >log 2>&1 && fail "heed_add_kernel without SOURCE was accepted"
  grep -q 'Usage: heed_add_kernel(NAME SOURCE file.mlir' log || fail "no usage in: $(cat log)"
}

testCAppCmake() {
  take examples/c-app
  cmakeBuild && build/app
  touch alibi.mlir && cmake --build build >log
  grep -q 'Compiling the attention kernel alibi' log || fail "a changed description is not compiled again"
}

testCAppMake() {
  take examples/c-app
  make && ./app
}

# Two archives and one runtime in a C++ program, called at the same time.
testTwoKernels() {
  take tests/install/two-kernels
  "$prefix/bin/heedc" capped.mlir --target host --emit plan -o capped.plan.json
  cmakeBuild && build/two
}

# Two archives with a runtime each in a C program.
testTwoStandalone() {
  take tests/install/two-kernels
  for kernel in capped windowed; do
    "$prefix/bin/heedc" $kernel.mlir --target host --standalone -o $kernel
  done
  cc -O1 -I"$prefix/include" standalone.c capped.a windowed.a -lm -lpthread -o two && ./two
}

# A description from C++, compiled while the project is built.
testBuilder() {
  take examples/builder
  cmakeBuild && build/app
}

testPython() {
  take examples/python
  "$prefix/bin/heedc" "$source/examples/c-app/alibi.mlir" --target host --emit shared -o alibi
  "$python" alibi.py ./alibi.so | tee log
  grep -q "a mistake is a message: wrong shape: alibi: argument 'k': extent 0 (batch) is 1, but 'q' has 2" log
}

case $case in
  layout) testLayout ;;
  usage) testUsage ;;
  c-app-cmake) testCAppCmake ;;
  c-app-make) testCAppMake ;;
  two-kernels) testTwoKernels ;;
  two-standalone) testTwoStandalone ;;
  builder) testBuilder ;;
  python) testPython ;;
  *) fail "there is no case '$case'" ;;
esac
