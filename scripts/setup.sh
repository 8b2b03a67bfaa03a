#!/usr/bin/env bash
# Makes sure that what the build needs from the system is there; installs only what is missing.
# Debian and Ubuntu: through apt-get, as root or with sudo. Elsewhere: says what is missing.
set -euo pipefail

fail() { echo "setup: $*" >&2; exit 1; }

command -v swift >/dev/null || fail "no 'swift' in PATH. Install a Swift 6.2 toolchain or newer from swift.org, then run this again."

missing=()
need() { missing+=("$1"); }                      # Debian package
command -v pkg-config >/dev/null || need pkg-config
has_library() { command -v pkg-config >/dev/null && pkg-config --exists "$1"; }
has_library sqlite3    || need libsqlite3-dev
has_library libxml-2.0 || need libxml2-dev
has_library zlib       || need zlib1g-dev
# Reads PDF; without it PDF files are reported as needing it. OCR of images works once tesseract-ocr is there too.
command -v pdftotext >/dev/null || { need poppler-utils; need poppler-data; }
[ "$(uname)" = Darwin ] || has_library libcrypto || need libssl-dev
# Python's package installer fetches the default models; nothing else uses it.
python3 -m pip --version >/dev/null 2>&1 || need python3-pip

[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null || fail "missing (by their Debian names): ${missing[*]}. Install them, then run this again."
if [ "$(id -u)" = 0 ]; then root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then root=(sudo)
else fail "missing packages, and no right to install them. Run as root: apt-get install ${missing[*]}"
fi

echo "setup: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
install_missing() { "${root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >&2; }
# The package lists of a fresh machine are empty or old.
install_missing || { "${root[@]}" apt-get update -q >&2 && install_missing; } \
    || fail "apt-get could not install: ${missing[*]}. See its message above."
