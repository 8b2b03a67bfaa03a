#!/usr/bin/env bash
# Builds the fuzz targets named (all by default) into Fuzz/.build: Linux, swiftc and clang of one Swift toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."
build=Fuzz/.build
mkdir -p "$build/modules" "$build/objects"
sanitize="-sanitize=fuzzer,address"
# Optimised, since debug builds of numeric code are many times slower; array bounds and overflow stay checked.
swift=(swiftc -swift-version 6 -package-name footnote -O -g -parse-as-library $sanitize -I "$build/modules"
    -Xcc -fmodule-map-file="$build/CKernels.modulemap"
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
    -enable-upcoming-feature InternalImportsByDefault)

printf 'module CKernels {\n    umbrella "%s/Sources/CKernels/include"\n    export *\n}\n' "$PWD" > "$build/CKernels.modulemap"

newest() { find "$@" -type f -newer "$build/.core" -print -quit 2>/dev/null; }
if [ ! -e "$build/.core" ] || [ -n "$(newest Sources/CKernels Sources/Tokenizers Sources/TransformerCore)" ]; then
    clang="$(dirname "$(readlink -f "$(command -v swiftc)")")/clang"
    for source in Sources/CKernels/*.c; do
        "$clang" -std=c11 -D_GNU_SOURCE -O2 -g -fsanitize=fuzzer-no-link,address -ISources/CKernels/include \
            -c "$source" -o "$build/objects/$(basename "$source" .c).o"
    done
    for module in Tokenizers TransformerCore; do
        "${swift[@]}" -wmo -module-name "$module" -emit-module -emit-module-path "$build/modules/$module.swiftmodule" \
            -c -o "$build/objects/$module.o" $(find "Sources/$module" -name '*.swift' | sort)
    done
    touch "$build/.core"
fi

for target in "${@:-}"; do
    for source in Fuzz/Targets/${target:-[A-Z]*}.swift; do
        name=$(basename "$source" .swift)
        [ "$name" = Support ] && continue
        "${swift[@]}" -wmo -module-name "Fuzz$name" -o "$build/$name" "$source" Fuzz/Targets/Support.swift \
            "$build"/objects/*.o -lm -lpthread
    done
done
