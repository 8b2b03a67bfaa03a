"""Writes what Hugging Face `tokenizers` makes of strings.jsonl, and the small vocabularies of the byte-pair tests.

Usage: python make_golden.py MINILM_FOLDER SMOLLM2_GGUF
       python make_golden.py --published FOLDER OUTPUT   (vocabularies ggml-vocab-*.gguf, not kept here)
Needs: tokenizers 0.23, gguf

A golden file has a line per string: the ids, or `#count:hash` where they are many; the hash is FNV-1a over whole
numbers (see `digest`); `-` means not compared. Special-token spellings in the strings are encoded as plain text.
"""
import json
import sys
import unicodedata

import gguf
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def strings():
    for line in open("strings.jsonl", encoding="utf-8", newline="\n"):
        item = json.loads(line)
        if isinstance(item, str):
            yield item
        elif "repeat" in item:
            yield item["repeat"] * item["count"]
        else:
            yield bytes.fromhex(item["hex"]).decode("utf-8", "replace")


def digest(numbers):
    value = 0xCBF29CE484222325
    for number in numbers:
        value = (value ^ number) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"#{len(numbers)}:{value:016x}"


def write(name, rows, limit):
    with open(name, "w", encoding="ascii") as out:
        for row in rows:
            if row is None:
                out.write("-\n")
            else:
                out.write((digest(row) if len(row) > limit else " ".join(map(str, row))) + "\n")


def split_regex(pattern):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])


def digits_then_byte_level():
    return pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True)])


PRE_TOKENIZERS = {
    "gpt2": lambda: pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True),
    "smollm": digits_then_byte_level,
    "llama3": lambda: split_regex(LLAMA3),
    "qwen2": lambda: split_regex(QWEN2),
}


def byte_pair(name, model):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[name]()
    tokenizer.decoder = decoders.ByteLevel()
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    return tokenizer


def train(name, corpus):
    """A small vocabulary; Llama's is made to need `ignore_merges` by tokens that no merges reach."""
    tokenizer = byte_pair(name, models.BPE(ignore_merges=name == "llama3"))
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=1400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=SPECIALS, show_progress=False))
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    if name == "llama3":
        data = json.loads(tokenizer.to_str())
        vocabulary = data["model"]["vocab"]
        for piece in [" jumps", " signing", "中文", " Russian", "Größe"]:
            spelling = "".join(part for part, _ in pre_tokenizers.ByteLevel(False, use_regex=False).pre_tokenize_str(piece))
            vocabulary.setdefault(spelling, len(vocabulary))
        tokenizer = Tokenizer.from_str(json.dumps(data))
    with open(f"{name}.tokenizer.json", "w", encoding="utf-8") as out:
        json.dump(json.loads(tokenizer.to_str()), out, ensure_ascii=False, separators=(",", ":"))
    return tokenizer


def plain_ids(tokenizer, text):
    tokenizer.encode_special_tokens = True
    return tokenizer.encode(text, add_special_tokens=False).ids


def from_gguf(path, rule):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ", 1)) for merge in fields["tokenizer.ggml.merges"].contents()]
    types = fields["tokenizer.ggml.token_type"].contents()
    tokenizer = byte_pair(rule, models.BPE(
        vocab={token: i for i, token in enumerate(tokens)}, merges=merges, ignore_merges=rule == "llama3"))
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t, kind in zip(tokens, types) if kind == 3])
    return tokenizer


def offsets(tokenizer, text):
    """UTF-8 offsets of every token, start and end in turn; `None` where marks are put in canonical order, because
    the reference then attributes them by position and not by the character they come from."""
    if any(unicodedata.combining(c) for c in tokenizer.normalizer.normalize_str(text)):
        return None
    at, total = [0], 0
    for character in text:
        total += len(character.encode())
        at.append(total)
    return [at[x] for pair in tokenizer.encode(text, add_special_tokens=False).offsets for x in pair]


def main(minilm, gguf_path):
    corpus = list(strings())
    bert = Tokenizer.from_file(minilm + "/tokenizer.json")
    bert.no_truncation()
    bert.no_padding()
    write("minilm.golden", (plain_ids(bert, text) for text in corpus), 40)
    write("minilm.offsets.golden", (offsets(bert, text) for text in corpus), 0)
    smol = from_gguf(gguf_path, "smollm")
    write("smollm2.golden", (plain_ids(smol, text) for text in corpus), 40)
    for name in PRE_TOKENIZERS:
        tokenizer = train(name, [text for text in corpus if len(text) < 1000] * 2)
        write(f"{name}.golden", (plain_ids(tokenizer, text) for text in corpus), 0)
        splitter = PRE_TOKENIZERS[name]()
        write(f"{name}.splits.golden", ([x for _, span in splitter.pre_tokenize_str(text) for x in span] for text in corpus), 0)


def published(folder, output):
    corpus = list(strings())
    for name, rule in {"gpt-2": "gpt2", "llama-bpe": "llama3", "qwen2": "qwen2"}.items():
        tokenizer = from_gguf(f"{folder}/ggml-vocab-{name}.gguf", rule)
        write(f"{output}/{name}.golden", (plain_ids(tokenizer, text) for text in corpus), 40)


published(*sys.argv[2:]) if sys.argv[1] == "--published" else main(*sys.argv[1:])
