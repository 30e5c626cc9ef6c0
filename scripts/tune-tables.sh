#!/usr/bin/env bash
# Makes the tables that come with Heed: schedules/TARGET/attention.json, over the cases of heed-bench.
#
#   scripts/tune-tables.sh [BUILD [TARGET [TIME]]]      default: build, host's best, 60s a shape
#
# Shapes of one kernel are tuned together, so that thresholds between them are found. Odd lengths are left out: scripts/untuned.py
# measures what tables are worth at shapes that nobody tuned. The log, BUILD/tune-TARGET.log, makes a
# second run go on where the first ended. Keep the machine quiet meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly BUILD=${1:-build} TARGET=${2:-x86-64-avx512} TIME=${3:-60}
readonly SECONDS_EACH=${TIME%s}
mkdir -p "schedules/$TARGET"

declare -A shapes counts
while read -r name options; do
  case $name in dense1000 | dense1023 | causal1000) continue ;; esac
  shape="" rest=""
  set -- $options
  while [ $# -gt 0 ]; do
    if [ "$1" = --shape ]; then shape=$2; else rest+=" $1 ${2//\'/}"; fi
    shift 2
  done
  size=${shape##*d=}
  key="${rest:- --preset dense}|${size%%,*}"
  [[ $key = *--preset* ]] || key=" --preset dense$key"
  shapes[$key]+=" --shape $shape"
  counts[$key]=$((${counts[$key]:-0} + 1))
done < <("$BUILD/tools/heed-bench" --list)

for key in "${!shapes[@]}"; do
  echo "== ${key%|*}${shapes[$key]}"
  "$BUILD/tools/heed-tune" ${key%|*} ${shapes[$key]} --target "$TARGET" --budget "$((SECONDS_EACH * ${counts[$key]}))s" \
    --table "schedules/$TARGET/attention.json" --log "$BUILD/tune-$TARGET.log" --page "$BUILD/tune-$TARGET.html"
done
