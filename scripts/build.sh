#!/usr/bin/env bash
# Configures once and builds: scripts/build.sh BUILD JOBS [tests]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 jobs=$2 tests=OFF
[ "${3:-}" = tests ] && tests=ON
if [ ! -e "$build/build.ninja" ] || { [ $tests = ON ] && ! grep -q '^HEED_TESTS:BOOL=ON' "$build/CMakeCache.txt"; }; then
  printf '\033[1m== configuring %s\033[0m\n' "$build"
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-22 \
    -DCMAKE_CXX_COMPILER=clang++-22 -DHEED_TESTS=$tests >"$build.configure.log" 2>&1 ||
    { cat "$build.configure.log" >&2; echo "heed: configuring failed; the log is above and in $build.configure.log" >&2; exit 1; }
  mv "$build.configure.log" "$build/configure.log"
fi
printf '\033[1m== building (the first time takes a few minutes)\033[0m\n'
exec cmake --build "$build" -j "$jobs"
