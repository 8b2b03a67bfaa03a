"""Writes strings.jsonl: the strings on which the tokenizers are compared with the reference, one JSON value a line.

A line is a string, or {"repeat": string, "count": n} for a very long one, or {"hex": bytes} for bytes that are not
valid UTF-8 and are repaired while decoding. Usage: python make_strings.py > strings.jsonl
"""
import json
import random
import sys
import unicodedata

random.seed(20240607)

SENTENCES = """The quick brown fox jumps over the lazy dog.|How do I rotate the signing keys?|It's we've they'll I'd you're
can't won't DON'T I'M WE'LL 'S 'tis O'Neil's rock'n'roll|Ünïcödé àccénts çedilla Ångström naïve café résumé|
Größe straße Äpfel über Öl|Быстрая коричневая лиса прыгает через ленивую собаку.|Ελληνικά: Η γρήγορη αλεπού ΣΊΣΥΦΟΣ|
العربية: الثعلب البني السريع يقفز|עברית: השועל החום המהיר|हिन्दी: तेज़ भूरी लोमड़ी|বাংলা ভাষা|ไทย: สุนัขจิ้งจอกสีน้ำตาล|
日本語：素早い茶色の狐がのろまな犬を飛び越える。カタカナ ｶﾀｶﾅ ひらがな|中文：敏捷的棕色狐狸跳过了懒狗。知识库检索|한국어: 빠른 갈색 여우가 게으른 개를 뛰어넘는다|
Tiếng Việt: Con cáo nâu nhanh nhẹn|Türkçe İstanbul ISPARTA ılık|ქართული ენა|Հայերեն լեզու|አማርኛ ቋንቋ|ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ|
mixed中文and English混排text，with标点。|RTL שלום mixed עם English ו-123|Ελλάδα και Россия и 日本""".replace("\n", "").split("|")

CODE = [
    "def main(argv):\n    for i in range(10):\n\t\tprint(f\"{i:>3}\")\n", "let x = y?.z ?? 0 // comment\r\n\r\nfunc f() {}",
    "SELECT * FROM t WHERE a >= 10 AND b != 'x''y';", "<div class=\"a b\">&nbsp;</div>", "#!/bin/sh\nset -eu\necho \"$HOME\" | wc -l",
    "a=b+c*d/e-f%g^h&i|j~k<l>m", "{\"key\": [1, 2.5, -3e10, null, true]}", "if (a&&b||!c) { return a->b::c; }",
    "https://example.org/a/b?c=d&e=%20f#g-h_i.j~k", "user.name+tag@mail.example.co.uk", "C:\\Users\\me\\file.txt",
    "/usr/lib/x86_64-linux-gnu/libm.so.6", "snake_case camelCase PascalCase kebab-case SCREAMING_SNAKE", "0x1F 0b1010 1e-9 1_000",
    "    four\n        eight\n\t\ttabs\n", "\n\n\n  \n\t\n", "x\ty\t\tz", "-----BEGIN-----\n=====\n*****\n",
]

SPECIALS = ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "[unused1]", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<s>", "</s>",
            "<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<pad>", "<unk>", "<repo_name>", "##ing", "Ġhello", "Ċ"]

EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "1️⃣", "☕️", "✈︎", "🧑🏿‍🚀", "❤️‍🔥", "🫠", "🦙"]

SPACES = [" ", "  ", "   ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\x85", "\xa0", "\u1680", "\u2000", "\u2003", "\u2009", "\u200a",
          "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u200b", "\ufeff", "\u180e", "\u2060"]

COMBINING = ["e\u0301", "a\u0323\u0302", "a\u0302\u0323", "o\u0308\u0304", "\u0301x", " \u0301", "q\u0307\u0323", "\u0344", "\u212b", "\u2126",
             "\u1e9b\u0323", "\uac00\u11a8", "\u1100\u1161\u11a8", "\u0958", "\u0915\u093c", "\u2adc", "\ufb1d", "\u0f71\u0f72\u0f74", "\u302a\u302e",
             "\u4e00\u302e\u0301", "\U0001d15e", "\U0001d158\U0001d165\U0001d16e", "=\u0338", "\u2260", "\u037e", "\u1fef", "\uf900", "\ufa0e",
             "\u0130", "\u0131", "\u017f", "\u212a", "'\u017f", "'\u017ft", "\u00df", "\u1e9e", "\ufb00", "\u03a3\u03c2\u03c3", "a\u0345\u0301"]

NUMBERS = ["0", "7", "42", "123", "1234", "12345", "1234567", "3.14159", "1,000,000", "2024-01-31", "12:34:56", "+49 (0)30 123-456", "½ ¾ ⅓",
           "²³¹", "Ⅷ ⅸ", "①②③", "٠١٢٣", "०१२३", "１２３", "𝟎𝟏𝟐", "x1y22z333w4444", "v1.2.3-rc4+5", "10%", "$9.99", "€5", "99 bottles", "a 1 b  2   c"]


def assigned(block):
    return [chr(c) for c in range(block, block + 0x80) if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"]


def by_block():
    for block in range(0, 0x30000, 0x80):
        chars = assigned(block)
        if not chars or (block >= 0x3400 and random.random() > 0.16 and 0x3400 <= block < 0xD800):
            continue
        yield "".join(random.choices(chars, k=24))
        yield "".join(random.choice(chars) + random.choice(["", "", " ", "a", "1", "'s", "."]) for _ in range(12))


def random_mixes():
    pools = [SENTENCES, CODE, SPECIALS, EMOJI, SPACES, COMBINING, NUMBERS]
    for _ in range(900):
        yield "".join(random.choice(random.choice(pools)) for _ in range(random.randint(1, 7)))
    for _ in range(500):  # fragments, so that words and rules are cut anywhere
        text = random.choice(SENTENCES + CODE)
        start = random.randrange(len(text))
        yield text[start:start + random.randint(1, 30)]
    for _ in range(500):
        yield "".join(random.choice("aB z'’.,!?-_\t\n\r 019é中ßſ\u0301\u00a0\u200d😀#[]<>|") for _ in range(random.randint(1, 24)))
    for _ in range(250):
        yield "".join(chr(random.choice([c for c in (random.randrange(0x300), random.randrange(0xD800), random.randrange(0xE000, 0x110000))]))
                      for _ in range(random.randint(1, 16)))
    for _ in range(250):
        yield "".join(random.choice(["'", "’"]) + random.choice(["s", "S", "t", "T", "re", "RE", "rE", "ve", "Ve", "m", "M", "ll", "LL", "lL", "d", "D", "x", "l", "r", "ſ"])
                      + random.choice(["", " ", "a", "1", ".", "\n"]) for _ in range(random.randint(1, 4)))


def words():
    random_words = "retrieval augmented generation transformer tokenizer embedding knowledge provenance citation lexical semantic".split()
    for length in [98, 99, 100, 101, 102, 199, 200]:
        yield "x" * length
        yield "é" * length
        yield "中" * length
        yield "ж" * length
        yield "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(length))
        yield "a" * (length - 1) + "\u0301"
        yield " ".join(["ok", "y" * length, "end."])
    for _ in range(200):
        yield "".join(random.choice(random_words)[:random.randint(1, 14)] for _ in range(random.randint(1, 5)))
    for repeated, count in [("a", 100_000), ("ab", 40_000), (" ", 20_000), ("\n", 5_000), ("é", 30_000), ("中", 20_000), ("1", 20_000),
                            ("!", 20_000), ("\u0301", 5_000), ("a\u0323\u0302", 5_000), ("👩‍👩‍👧‍👦", 3_000), ("word ", 10_000), ("ไทย", 5_000), ("\u302e", 3_000)]:
        yield {"repeat": repeated, "count": count}


def broken():
    samples = ["ff", "c3", "c328", "e282", "e28228", "f09f98", "f09f9828", "80", "8080", "f8888080", "eda080", "c0af", "f4908080", "61c3", "61e282ac62ff63",
               "efbbbf61", "ee", "e0809f", "f0808080", "fefe", "61f09f9880f09f98"]
    for sample in samples:
        yield {"hex": sample}
        yield {"hex": ("abc " + "é").encode().hex() + sample + " xyz".encode().hex()}
    for _ in range(120):
        yield {"hex": bytes(random.choice([0x61, 0x20, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xFF, 0xED, 0xA0]) for _ in range(random.randint(1, 20))).hex()}


def main():
    items = ["", " ", *SENTENCES, *CODE, *SPECIALS, *EMOJI, *SPACES, *COMBINING, *NUMBERS]
    items += [s + "x" for s in SPACES] + ["x" + s for s in SPACES] + [a + b for a in SPACES for b in ["\n", " ", "a", " a", "\r\nb", "1"]]
    items += [a + b for a in COMBINING for b in ["a", " b", "\u0327"]] + [f"a {s} b" for s in SPECIALS] + [f"x{s}y" for s in SPECIALS]
    items += [*by_block(), *random_mixes(), *words(), *broken()]
    for item in items:
        # Some readers drop a byte order mark that is not escaped.
        sys.stdout.write(json.dumps(item, ensure_ascii=False).replace("\ufeff", "\\ufeff") + "\n")


main()
