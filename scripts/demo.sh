#!/usr/bin/env bash
# What `make demo` shows: scripts/demo.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
model=.deps/minilm
sentence="The animal didn't cross the street because it was too tired"

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

[ -x "$build/tools/heed-run" ] && [ -e "$model/config.json" ] || {
  echo "heed: nothing to show in $build: run 'make demo', which builds and fetches the model first" >&2
  exit 1
}

say "MiniLM reads one sentence, on kernels compiled for this CPU"
"$build/tools/heed-run" "$model" --text "$sentence" --word it --heatmap "$build/heatmap.html"

echo
say "The same model ranks sentences by meaning"
"$build/tools/heed-run" "$model" --compare \
  --text "A man is eating food." \
  --text "A man is eating a piece of bread." \
  --text "Someone is having a meal." \
  --text "A cheetah chases its prey." \
  --text "The girl is carrying a baby." \
  --text "How do I reset my password?"
