#!/bin/sh
# Makes smollm2_logits.bin and smollm2_text.bin with llama.cpp, from the default language model dequantised to F32.
# usage: make_llama_golden.sh LLAMA_CPP MODEL.gguf
#   LLAMA_CPP  a checkout of llama.cpp, built in its folder `build` with shared libraries
#   MODEL.gguf SmolLM2-135M-Instruct.Q4_1.gguf
set -eu
here=$(cd "$(dirname "$0")" && pwd)
llama=$1
model=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$llama/build/bin/llama-quantize" --allow-requantize "$model" "$work/f32.gguf" F32
g++ -O2 -std=c++17 -I "$llama/include" -I "$llama/ggml/include" "$here/llama_golden.cpp" -o "$work/golden" \
    -L "$llama/build/bin" -lllama -lggml -lggml-base -Wl,-rpath,"$llama/build/bin"
# The text is the repository's own: the English collections, in a fixed order.
find "$here/../../../corpora/tidewater" "$here/../../../corpora/handbook" -name '*.md' | LC_ALL=C sort | xargs cat > "$work/text"
"$work/golden" "$work/f32.gguf" "$here/llama_prompts.txt" "$work/text" "$here"
