"""Writes Sources/Tokenizers/Unicode/UnicodeTables.swift by asking Hugging Face `tokenizers` about every scalar.

The reference mixes several Unicode versions (its BERT punctuation and accent tables are far older than its regular
expressions), so its answers are recorded rather than taken from one edition of the standard.

Usage: python make_unicode_tables.py ../../../Sources/Tokenizers/Unicode/UnicodeTables.swift
Needs: tokenizers 0.23
"""
import sys
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def matching(pattern):
    """Scalars that a one-character pattern matches."""
    splitter = pre_tokenizers.Split(Regex(pattern), "removed")
    found = set()
    for block in range(0, 0x110000, 0x1000):
        text = "".join(chr(c) for c in range(block, block + 0x1000) if not 0xD800 <= c < 0xE000)
        kept = {ch for piece, _ in (splitter.pre_tokenize_str(text) if text else []) for ch in piece}
        found.update(ord(ch) for ch in text if ch not in kept)
    return found


def splits(pre_tokenizer, pieces):
    return {c for c in SCALARS if len(pre_tokenizer.pre_tokenize_str("a" + chr(c) + "a")) == pieces}


def erased(normalizer):
    return {c for c in SCALARS if normalizer.normalize_str(chr(c)) == ""}


def bert(**options):
    settings = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**settings, **options})


def scalar_classes():
    chinese = bert(handle_chinese_chars=True)
    sets = [
        matching(r"\p{L}"), matching(r"\p{N}"), matching(r"\s"),
        splits(pre_tokenizers.Digits(individual_digits=True), 3),
        erased(bert(clean_text=True)), splits(pre_tokenizers.BertPreTokenizer(), 3),
        erased(bert(strip_accents=True)), {c for c in SCALARS if chinese.normalize_str(chr(c)) != chr(c)},
    ]
    flags = [0] * 0x110000
    for bit, members in enumerate(sets):
        for c in members:
            flags[c] |= 1 << bit
    return runs(flags)


def runs(values):
    return [c << 8 | values[c] for c in range(0x110000) if c == 0 or values[c] != values[c - 1]]


def combining_classes():
    """Canonical combining classes as the reference knows them: a mark it does not know is never reordered."""
    nfd = normalizers.NFD().normalize_str
    values = [0] * 0x110000
    for c in SCALARS:
        ch = chr(c)
        if unicodedata.combining(ch) and nfd(ch) == ch:
            if nfd(ch + "\u0334") != ch + "\u0334" or nfd("\u0345" + ch) != "\u0345" + ch:
                values[c] = unicodedata.combining(ch)
    return runs(values)


def decompositions():
    """(scalar, first, second or 0, 1 when the pair composes back) for every canonical mapping but Hangul."""
    nfd, nfc = normalizers.NFD().normalize_str, normalizers.NFC().normalize_str
    rows = []
    for c in SCALARS:
        if 0xAC00 <= c < 0xD7A4 or nfd(chr(c)) == chr(c):
            continue
        parts = [int(x, 16) for x in unicodedata.decomposition(chr(c)).split()]
        composes = len(parts) == 2 and nfc(chr(c)) == chr(c)
        rows += [c, parts[0], parts[1] if len(parts) == 2 else 0, int(composes)]
    return rows


def literal(name, comment, numbers):
    lines, line = [], "   "
    for number in numbers:
        text = f" {number},"
        if len(line) + len(text) > 118:
            lines.append(line)
            line = "   "
        line += text
    lines.append(line)
    body = "\n".join(lines)
    return f"    /// {comment}\n    static let {name}: [UInt32] = [\n{body}\n    ]\n"


def main(path):
    parts = [
        literal("classRuns", "Runs of scalars of one `ScalarClass`: first scalar << 8 | class.", scalar_classes()),
        literal("combiningRuns", "Runs of one canonical combining class: first scalar << 8 | class.",
                combining_classes()),
        literal("decompositions", "Canonical mappings in fours: scalar, first, second or 0, 1 when it composes back.",
                decompositions()),
    ]
    with open(path, "w", encoding="utf-8") as out:
        out.write("// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py; do not edit.\n")
        out.write(f"// What Hugging Face tokenizers {tokenizers.__version__} answers for every Unicode scalar.\n\n")
        out.write("enum UnicodeTables {\n" + "\n".join(parts) + "}\n")


main(sys.argv[1])
