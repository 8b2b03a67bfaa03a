#!/bin/sh
# Makes the golden data of the decoder tests with llama.cpp: smollm2_logits.bin and smollm2_text.bin from the default
# language model dequantised to F32, and tiny_*.bin with tiny_*_logits.bin, small random models of other kinds.
# usage: make_llama_golden.sh LLAMA_CPP MODEL.gguf
#   LLAMA_CPP  a checkout of llama.cpp, built in its folder `build` with shared libraries
#   MODEL.gguf SmolLM2-135M-Instruct.Q4_1.gguf
# $PYTHON names a Python with the package gguf.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
llama=$1
model=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for program in tiny_golden llama_golden; do
    g++ -O2 -std=c++17 -I "$llama/include" -I "$llama/ggml/include" "$here/$program.cpp" -o "$work/$program" \
        -L "$llama/build/bin" -lllama -lggml -lggml-base -Wl,-rpath,"$llama/build/bin"
done

"${PYTHON:-python3}" "$here/make_tiny_models.py" "$here"
for kind in qwen2 llama3 linear; do
    "$work/tiny_golden" "$here/tiny_$kind.bin" "$here/tiny_${kind}_logits.bin"
done

"$llama/build/bin/llama-quantize" --allow-requantize "$model" "$work/f32.gguf" F32
# The text is the repository's own: the English collections, in a fixed order.
find "$here/../../../corpora/tidewater" "$here/../../../corpora/handbook" -name '*.md' | LC_ALL=C sort | xargs cat > "$work/text"
"$work/llama_golden" "$work/f32.gguf" "$here/llama_prompts.txt" "$work/text" "$here"
