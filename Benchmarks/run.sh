#!/usr/bin/env bash
# Sets up what Footnote is compared with, outside the repository, and prints ratios measured in one run.
#
# usage: Benchmarks/run.sh [MEASUREMENT…]      embedding generation index search; all of them when none is named
#   FOOTNOTE_PEERS   folder for the peers and their data; default ~/.cache/footnote-peers
#   ROUNDS           how often each side runs, in turn; the median counts; default 5
#   THREADS          threads of each side; default 2
#   RESULTS          JSON file of the figures; default Benchmarks/results.json
# The first run installs Python packages and builds llama.cpp, 15 to 30 minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")"
peers=${FOOTNOTE_PEERS:-$HOME/.cache/footnote-peers}
mkdir -p "$peers/data"

step() { echo "bench: $*" >&2; }

# A virtual environment of our own, which sees the packages of $peers/venv if somebody has made one.
python=$peers/bench/bin/python
if [ ! -x "$python" ]; then
    step "creating the virtual environment"
    base=python3; [ -x "$peers/venv/bin/python" ] && base=$peers/venv/bin/python
    "$base" -m venv "$peers/bench"
    if [ "$base" != python3 ]; then
        "$base" -c 'import site; print(site.getsitepackages()[0])' \
            > "$("$python" -c 'import site; print(site.getsitepackages()[0])')/footnote-peers.pth"
    fi
fi
"$python" - 2>/dev/null <<'P' || { step "installing Python packages"; "$python" -m pip install -q -r peers/requirements.txt; }
import onnxruntime, onnx, sentence_transformers, tokenizers, torch, bs4, matplotlib, cmake, ninja
import llama_index.core, llama_index.embeddings.huggingface, txtai
P

bench=$peers/llama.cpp/build/bin/llama-bench
if [ ! -x "$bench" ]; then
    version=0.3.36
    step "building llama.cpp from the source distribution of llama-cpp-python $version"
    mkdir -p "$peers/sdist"
    "$python" -m pip download -q --no-deps --no-binary llama-cpp-python -d "$peers/sdist" "llama-cpp-python==$version"
    tar xzf "$peers/sdist/llama_cpp_python-$version.tar.gz" -C "$peers/sdist"
    [ -d "$peers/llama.cpp" ] || mv "$peers/sdist/llama_cpp_python-$version/vendor/llama.cpp" "$peers/llama.cpp"
    # GCC 12 drops the stores to the tile configuration before its use, and the peer ends with an illegal instruction on
    # machines with AMX: an empty statement that reads it keeps them.
    sed -i '/^ *_tile_loadconfig(&tc);/i __asm__ volatile("" : : "m"(tc));' "$peers/llama.cpp/ggml/src/ggml-cpu/amx/mmq.cpp"
    PATH=$peers/bench/bin:$PATH
    cmake -S "$peers/llama.cpp" -B "$peers/llama.cpp/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
        -DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF >&2
    cmake --build "$peers/llama.cpp/build" -j"$(nproc)" --target llama-bench llama-completion >&2
fi

documents=/usr/share/doc/sqlite3
if [ ! -f "$documents/index.html" ]; then
    documents=$peers/data/sqlite3-doc
    if [ ! -d "$documents" ]; then
        step "fetching the Debian package sqlite3-doc"
        (cd "$peers/data" && apt-get download -q sqlite3-doc >&2 && dpkg-deb -x sqlite3-doc_*.deb unpacked)
        mv "$peers/data/unpacked/usr/share/doc/sqlite3" "$documents"
        rm -r "$peers/data/unpacked"
    fi
fi

mixed=$peers/data/mixed
if [ ! -d "$mixed" ]; then
    step "fetching Debian's documentation of four projects; every sixtieth file of it is indexed"
    "$python" peers/sample_documents.py "$mixed" 60
fi

step "building"
(cd .. && swift build -c release --product footnote >&2 && .build/release/footnote model pull >&2)
swift build -c release >&2

"$python" peers/measure.py \
    --footnote ../.build/release/footnote --driver .build/release/footnote-benchmarks --llama-bench "$bench" \
    --documents "$documents" --mixed "$mixed" --data "$peers/data" --rounds "${ROUNDS:-5}" --threads "${THREADS:-2}" \
    --results "${RESULTS:-results.json}" "$@"
"$python" peers/report.py "${RESULTS:-results.json}" ../docs
