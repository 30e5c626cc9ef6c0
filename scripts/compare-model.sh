#!/usr/bin/env bash
# MiniLM on Heed beside ONNX Runtime, on the same weights: scripts/compare-model.sh BUILD [compare-model.py's flags].
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
for needed in "$build/tools/heed-run" .deps/venv/bin/python .deps/minilm/model.safetensors; do
  [ -e "$needed" ] || { echo "heed: $needed is missing; run: make compare-model" >&2; exit 1; }
done
exec .deps/venv/bin/python scripts/compare-model.py --heed-run "$build/tools/heed-run" --model .deps/minilm "$@"
