#!/usr/bin/env bash
# Runs every test: scripts/test.sh BUILD JOBS. Closes with the line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
(cd "$1" && ctest -j "$2" --output-on-failure --no-tests=error) 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
awk '/tests passed, .* tests failed out of/ { sub("%", ""); print $NF - $4 " passed, " $4 " failed" }' "$log"
exit "$status"
