#!/usr/bin/env bash
# Reads and writes with any GGUF files, Footnote and llama.cpp in turn, and prints medians and their ratios.
#
# usage: Benchmarks/generation.sh FILE.gguf…
#   LLAMA_BENCH   llama.cpp's llama-bench; default: the one that Benchmarks/run.sh builds
#   FOOTNOTE      the command line; default .build/release/footnote
#   LLAMA_COMPLETION   its llama-completion, for starts and memory; default: beside llama-bench, passed over where it is not
#   PROMPT, GENERATE, THREADS, ROUNDS   default 512, 64, 2, 3
#   STARTS, CONTEXT   programs started for each figure, and their context length; default 7, 2048
#   FOOTNOTE_ISA  holds Footnote to an instruction set; with avx2, llama.cpp is built for the same, from the source that
#                 Benchmarks/run.sh unpacks. For others name a LLAMA_BENCH of your own
# Nothing else may run meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${FOOTNOTE_PEERS:-$HOME/.cache/footnote-peers}
build=$peers/llama.cpp/build
if [ "${FOOTNOTE_ISA:-}" = avx2 ]; then
    build=$peers/llama.cpp/build-avx2
    if [ -z "${LLAMA_BENCH:-}" ] && [ ! -x "$build/bin/llama-bench" ]; then
        echo "bench: building llama.cpp for AVX2" >&2
        PATH=$peers/bench/bin:$PATH
        cmake -S "$peers/llama.cpp" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=OFF -DGGML_SSE42=ON -DGGML_AVX=ON \
            -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_AVX_VNNI=OFF -DGGML_AVX512=OFF \
            -DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF >&2
        cmake --build "$build" -j"$(nproc)" --target llama-bench llama-completion >&2
    fi
fi
export LLAMA_BENCH=${LLAMA_BENCH:-$build/bin/llama-bench}
export FOOTNOTE=${FOOTNOTE:-.build/release/footnote}
export LLAMA_COMPLETION=${LLAMA_COMPLETION:-$(dirname "$LLAMA_BENCH")/llama-completion}
[ "${ROUNDS:-3}" = 0 ] || python3 Benchmarks/peers/generation.py "$@"
[ ! -x "$LLAMA_COMPLETION" ] || python3 Benchmarks/peers/start.py "$@"
