#!/usr/bin/env bash
# Reads and writes with any GGUF files, Footnote and llama.cpp in turn, and prints medians and their ratios.
#
# usage: Benchmarks/generation.sh FILE.gguf…
#   LLAMA_BENCH   llama.cpp's llama-bench; default: the one that Benchmarks/run.sh builds
#   FOOTNOTE      the command line; default .build/release/footnote
#   LLAMA_COMPLETION   its llama-completion, for starts and memory; default: beside llama-bench, passed over where it is not
#   PROMPT, GENERATE, THREADS, ROUNDS   default 512, 64, 2, 3
#   STARTS, CONTEXT   programs started for each figure, and their context length; default 7, 2048
#   FOOTNOTE_ISA  holds Footnote to an instruction set (avx2, avx512); llama.cpp must be built for the same
# Nothing else may run meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
export LLAMA_BENCH=${LLAMA_BENCH:-${FOOTNOTE_PEERS:-$HOME/.cache/footnote-peers}/llama.cpp/build/bin/llama-bench}
export FOOTNOTE=${FOOTNOTE:-.build/release/footnote}
export LLAMA_COMPLETION=${LLAMA_COMPLETION:-$(dirname "$LLAMA_BENCH")/llama-completion}
[ "${ROUNDS:-3}" = 0 ] || python3 Benchmarks/peers/generation.py "$@"
[ ! -x "$LLAMA_COMPLETION" ] || python3 Benchmarks/peers/start.py "$@"
