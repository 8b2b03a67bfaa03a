#!/usr/bin/env python3
"""Converts a tiny random model of every family with llama.cpp's converter and with `footnote model convert`, and compares
what Footnote makes of both files with transformers: logits after every token, and token ids of hard texts.

usage: compare_converters.py LLAMA_CPP FOOTNOTE [NAME...]

LLAMA_CPP is llama.cpp's source with convert_hf_to_gguf.py, FOOTNOTE the program. Each model gets a tokenizer of its
family's kind, trained on strings.jsonl. Needs the packages torch, transformers, tokenizers, sentencepiece and gguf.
Prints one line for each model and converter; exit status 1 when some file does not load, a logit differs by more than
1e-3 of the largest, or a text's ids differ.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import sentencepiece
import torch
import transformers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer

from make_families import DECODERS, make_config, randomise

here = pathlib.Path(__file__).parent
llama, program, names = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:] or list(DECODERS)
lines = (here / "../../TokenizersTests/Fixtures/strings.jsonl").read_text().split("\n")
strings = [text if isinstance(text, str) else text.get("text", "") for text in map(json.loads, filter(None, lines))]
corpus = [text for text in strings if "\0" not in text and 8 < len(text) < 2000][:400]
# transformers takes what spells a special token for one; Footnote, for which texts are data, never does.
texts = [text for text in strings if "\0" not in text and "<" not in text and 0 < len(text) < 300][::4][:60] + [
    "  two  spaces\tand\n\nlines  ", "e\u0301 A\u030A", "👩‍👩‍👧 🏳️‍🌈", "1234567 3.14 ٣٤", "don't WE'LL I’m", "日本語のテスト"]

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
DEEPSEEK3 = ("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
             "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+")


def split(pattern, behavior="isolated"):
    return pre_tokenizers.Split(Regex(pattern), behavior)


def byte_level(regex=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=regex)


# How each family cuts texts; the name is llama.cpp's, which knows published vocabularies by a digest.
RULES = {
    "llama-bpe": lambda: pre_tokenizers.Sequence([split(LLAMA3), byte_level()]),
    "qwen2": lambda: pre_tokenizers.Sequence([split(LLAMA3.replace("{1,3}", "")), byte_level()]),
    "smollm": lambda: pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(True)]),
    "gpt-2": lambda: byte_level(True),
    "falcon": lambda: pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), byte_level(True), pre_tokenizers.Digits(individual_digits=False),
        split("[0-9][0-9][0-9]")]),
    "deepseek-v3": lambda: pre_tokenizers.Sequence([
        split(r"\p{N}{1,3}"), split("[一-龥぀-ゟ゠-ヿ]+"), split(DEEPSEEK3), byte_level()]),
}


def byte_pairs(folder, rule):
    tokenizer = Tokenizer(models.BPE(ignore_merges=rule == "llama-bpe"))
    tokenizer.pre_tokenizer = RULES[rule]()
    if rule == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    # transformers adds Qwen's end of text by itself where a model of that family lacks it: one id more than embeddings.
    special = ["<unk>", "<s>", "</s>"] + ["<|endoftext|>"] * (rule == "qwen2")
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=420, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    if rule in ("llama-bpe", "deepseek-v3"):
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
                single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>").save_pretrained(folder)


def sentence_pieces(folder, prefixes):
    """Llama's or Gemma's: as SentencePiece trains it, and as transformers converts it."""
    with tempfile.TemporaryDirectory() as temporary:
        latin = [text.replace("\n", " ") for text in corpus if max(map(ord, text)) < 0x180]
        (pathlib.Path(temporary) / "corpus.txt").write_text("\n".join(latin))
        sentencepiece.SentencePieceTrainer.train(
            input=f"{temporary}/corpus.txt", model_prefix=f"{temporary}/m", model_type="bpe", vocab_size=700,
            byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, minloglevel=2,
            add_dummy_prefix=prefixes, character_coverage=0.99)
        data = (pathlib.Path(temporary) / "m.model").read_bytes()
    (folder / "tokenizer.model").write_bytes(data)
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    pieces = [processor.id_to_piece(index) for index in range(processor.get_piece_size())]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    merges = []
    for index, piece in enumerate(pieces):
        if processor.is_byte(index) or processor.is_control(index) or processor.is_unknown(index):
            continue
        pairs = [(piece[:cut], piece[cut:]) for cut in range(1, len(piece))]
        pairs = [pair for pair in pairs if pair[0] in vocabulary and pair[1] in vocabulary]
        merges += [(index, vocabulary[a], vocabulary[b], a, b) for a, b in pairs]
    merges = [(a, b) for _, _, _, a, b in sorted(merges)]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        ([normalizers.Prepend("▁")] if prefixes else []) + [normalizers.Replace(" ", "▁")])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>").save_pretrained(folder)


KINDS = {
    "llama2": True, "mistral": True, "mixtral": True, "phi3": True, "phi3long": True, "gemma2": False, "gemma3": False,
    "llama3": "llama-bpe", "smollm2": "smollm", "qwen25": "qwen2", "qwen3": "qwen2", "qwen3moe": "qwen2", "gpt2": "gpt-2",
    "falcon7": "falcon", "falcon40": "falcon", "deepseek2": "deepseek-v3", "deepseek2big": "deepseek-v3",
    "deepseek3": "deepseek-v3",
}
# Runs llama.cpp's converter with the name of the rule given, as no tiny vocabulary has a digest that it knows.
CONVERT = """
import runpy, sys
sys.path[:0] = [{llama!r}, {llama!r} + "/gguf-py"]
from conversion import base
base.TextModel.get_vocab_base_pre = lambda self, tokenizer: {rule!r}
sys.argv = ["convert_hf_to_gguf.py", {folder!r}, "--outfile", {output!r}, "--outtype", "f32"]
runpy.run_path({llama!r} + "/convert_hf_to_gguf.py", run_name="__main__")
"""


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, **options)


@torch.no_grad()
def make(name, folder):
    kind = KINDS[name]
    byte_pairs(folder, kind) if isinstance(kind, str) else sentence_pieces(folder, kind)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model_type, options = DECODERS[name]
    if name == "falcon7":
        # As in the published file; transformers takes the one head of keys from multi_query.
        options = {**options, "num_kv_heads": 1}
    config = make_config(model_type, {**options, "vocab_size": len(tokenizer)})
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    randomise(model, 7)
    model.save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    ids = tokenizer("The keys are rotated every 90 days.", add_special_tokens=False)["input_ids"][:24]
    return tokenizer, ids, model(torch.tensor([ids])).logits[0]


def compare(path, tokenizer, ids, expected):
    result = run(program, "model", "logits", path, "--exact", "--all", "--json", "--tokens", ",".join(map(str, ids)))
    if result.returncode:
        return None, result.stderr.strip()[:300]
    actual = torch.tensor([row["logits"] for row in json.loads(result.stdout)["positions"]])
    error = float((actual[:, :expected.shape[1]] - expected).abs().max() / expected.abs().max())
    wrong = []
    for text in texts:
        result = run(program, "tokenize", "--model", path, "-", input=text)
        if result.returncode:
            return error, result.stderr.strip()[:300]
        found = [int(word) for word in result.stdout.split()]
        if found != tokenizer(text, add_special_tokens=False)["input_ids"]:
            wrong.append(text)
    return error, wrong


bad = False
for name in names:
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / name
        folder.mkdir()
        tokenizer, ids, expected = make(name, folder)
        ours, theirs = folder / "ours.gguf", folder / "theirs.gguf"
        first = run(program, "model", "convert", folder, ours)
        script = CONVERT.format(llama=str(llama), rule=KINDS[name], folder=str(folder), output=str(theirs))
        second = run(sys.executable, "-c", script, env={**os.environ, "PYTHONPATH": ""})
        for converter, path, result in [("footnote", ours, first), ("llama.cpp", theirs, second)]:
            if not path.exists():
                print(f"{name:13} {converter:9} not converted: {result.stderr.strip()[-300:]}", flush=True)
                bad = True
                continue
            error, wrong = compare(path, tokenizer, ids, expected)
            bad = bad or error is None or error > 1e-3 or bool(wrong)
            note = wrong if isinstance(wrong, str) else [w[:40] for w in wrong[:3]] if wrong else ""
            count = len(texts) - len(wrong) if isinstance(wrong, list) else 0
            print(f"{name:13} {converter:9} logits {error if error is None else f'{error:.1e}'}, "
                  f"{count} of {len(texts)} texts {note}", flush=True)
sys.exit(1 if bad else 0)
