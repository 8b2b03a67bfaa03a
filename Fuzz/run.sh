#!/usr/bin/env bash
# Runs a fuzz target: run.sh TARGET SECONDS [options of libFuzzer]. Stops at the first input that breaks it.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 seconds=$2
shift 2
corpus=.build/corpus/$target
mkdir -p "$corpus" ".build/found/$target"
[ -d ".build/seeds/$target" ] || python3 seeds.py .build/seeds
limit=65536
[ "$target" = GGUF ] || [ "$target" = Vocabulary ] && limit=262144
# A memory limit catches what reserves by a number in the file; twenty seconds are a hang; FUZZ_TIMEOUT sets another bound where other work takes turns.
# What is made once for the whole process is no leak.
export ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}"
exec ".build/$target" "$corpus" ".build/seeds/$target" -max_total_time="$seconds" -max_len="$limit" -timeout="${FUZZ_TIMEOUT:-20}" \
    -rss_limit_mb=2048 -malloc_limit_mb=1024 -artifact_prefix=".build/found/$target/" -print_final_stats=1 "$@"
