#!/usr/bin/env bash
# Heed among other ways to run attention on this CPU: scripts/compare.sh BUILD [compare.py's flags; --help lists them].
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
for needed in "$build/tools/heed-bench" "$build/tools/heedc" .deps/peers/bin/python; do
  [ -e "$needed" ] || { echo "heed: $needed is missing; run: make compare" >&2; exit 1; }
done
exec .deps/peers/bin/python scripts/compare/compare.py --build "$build" "$@"
