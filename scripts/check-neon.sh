#!/usr/bin/env bash
# Compiles the kernels for 64-bit ARM, runs them emulated, and compares them with their plain twins.
# Needs clang and the Debian packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(mktemp -d)
trap 'rm -r "$build"' EXIT
for source in Sources/CKernels/*.c Tests/Kernels/compare_instruction_sets.c; do
    "${CC:-clang}" --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -std=gnu11 -O2 -Wall \
        -ISources/CKernels/include -c "$source" -o "$build/$(basename "$source" .c).o"
done
aarch64-linux-gnu-gcc -static "$build"/*.o -lm -lpthread -o "$build/compare"
qemu-aarch64-static "$build/compare"
