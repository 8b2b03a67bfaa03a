"""Writes the first inputs of the fuzz targets: small, valid files of each kind, from the fixtures of the tests.

usage: seeds.py FOLDER      Needs numpy and gguf. With FOOTNOTE set to the program, also a model of each family.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import gguf
import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORE = ROOT / "Tests/TransformerCoreTests/Fixtures"
TOKENIZERS = ROOT / "Tests/TokenizersTests/Fixtures"
BYTES = [chr(c) for c in range(33, 127)] + [chr(c) for c in range(161, 173)] + [chr(c) for c in range(174, 256)] \
    + [chr(c) for c in range(256, 324)]


def vocabulary(path, model, tokens, types, pre="default", scores=None, merges=None):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    if scores is not None:
        writer.add_token_scores(scores)
    if merges is not None:
        writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def vocabularies(folder):
    special, merges = ["<unk>", "<s>", "</s>"], ["l o", "lo w", "Ġ w", "e r", "Ġw o", "a a", "aa aa"]
    pairs = special + BYTES + [m.replace(" ", "") for m in merges]
    for pre in ["gpt-2", "llama-bpe", "qwen2", "smollm", "deepseek-llm", "falcon", "command-r", "starcoder", "mpt", "refact",
                "deepseek-coder", "deepseek-v3", "gpt-4o", "roberta-bpe", "default", "modern-bert"]:
        vocabulary(folder / f"{pre}.gguf", "gpt2", pairs, [2, 3, 3] + [1] * (len(pairs) - 3), pre, merges=merges)
    pieces = special + [f"<0x{b:02X}>" for b in range(256)] + ["▁", "a", "aa", "▁h", "e", "l", "ll", "o", "▁hello", "世", "\n\n"]
    types = [2, 3, 3] + [6] * 256 + [1] * 10 + [4]
    scores = [0.0] * 259 + [-float(i) for i in range(11)]
    vocabulary(folder / "llama.gguf", "llama", pieces, types, scores=scores)
    vocabulary(folder / "t5.gguf", "t5", pieces[:3] + pieces[259:], [2, 3, 3] + [1] * 11, scores=scores[:3] + scores[259:])
    words = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "▁hello", "▁world", "##s", "s", "▁a", "a", "▁,", "▁世"]
    vocabulary(folder / "bert.gguf", "bert", words, [3] * 5 + [1] * 8)


def tokenizer_files(folder):
    for path in TOKENIZERS.glob("*.tokenizer.json"):
        shutil.copy(path, folder)
    words = {w: i for i, w in enumerate(["[UNK]", "[CLS]", "[SEP]", "hello", "##s", "a"])}
    (folder / "wordpiece.json").write_text(json.dumps({
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "added_tokens": [{"id": 0, "content": "[UNK]", "special": True}],
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "vocab": words}}))
    (folder / "vocab.txt").write_text("\n".join(words))
    tiny = {"type": "BPE", "vocab": {c: i for i, c in enumerate(BYTES)}, "merges": []}
    (folder / "bytepair.json").write_text(json.dumps({
        "added_tokens": [{"id": len(BYTES), "content": "<s>", "special": True}], "normalizer": None, "model": tiny,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}}))


def conversions(folder):
    """tokenizer.json of each kind; in some files tokenizer_config.json follows behind a zero byte."""
    tokenizer_files(folder)
    special = [{"id": i, "content": c, "special": i < 3} for i, c in enumerate(["<unk>", "<s>", "</s>", "<0x41>"])]
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
                "pair": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "</s>"}},
                         {"Sequence": {"id": "B"}}],
                "special_tokens": {"<s>": {"id": "<s>", "ids": [1]}, "</s>": {"id": "</s>", "ids": [2]}}}
    options = {"bos_token": "<s>", "eos_token": {"content": "</s>"}, "unk_token": "<unk>", "add_bos_token": True,
               "add_eos_token": False, "chat_template": "{{ messages[0].content }}"}
    pieces = ["<unk>", "<s>", "</s>", "<0x41>", "\u2581", "a", "aa", "\u2581a", "b"]
    kinds = {
        "sentencepiece": {"type": "BPE", "byte_fallback": True, "unk_token": "<unk>", "merges": [["a", "a"], "\u2581 a"],
                          "vocab": {piece: i for i, piece in enumerate(pieces)}},
        "unigram": {"type": "Unigram", "unk_id": 0, "vocab": [[piece, -float(i)] for i, piece in enumerate(pieces)]},
    }
    for name, model in kinds.items():
        text = json.dumps({
            "added_tokens": special, "model": model, "post_processor": template,
            "normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
                {"type": "Precompiled", "precompiled_charsmap": "AAAA"}]},
            "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}})
        (folder / f"{name}.bin").write_bytes(text.encode() + b"\0" + json.dumps(options).encode())
    pairs = {"type": "RobertaProcessing", "cls": ["<s>", 1], "sep": ["</s>", 2]}
    (folder / "roberta.bin").write_text(json.dumps({
        "added_tokens": special, "post_processor": pairs, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
        "model": {"type": "BPE", "vocab": {c: i for i, c in enumerate(pieces[:4] + BYTES)}, "merges": ["a a"]}})
        + "\0" + json.dumps(options))


def models(folder):
    writer = gguf.GGUFWriter(folder / "tensors.gguf", "none")
    writer.add_array("numbers", [1, 2, 3])
    writer.add_array("words", ["a", "b"])
    writer.add_tensor("plain", numpy.ones((2, 3), numpy.float32))
    writer.add_tensor("half", numpy.ones((2, 32), numpy.float16))
    for kind in ["Q4_0", "Q8_0", "Q4_K", "Q6_K"]:
        kind = gguf.GGMLQuantizationType[kind]
        block = gguf.GGML_QUANT_SIZES[kind]
        writer.add_tensor(kind.name, numpy.zeros((2, block[1]), numpy.uint8), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    program = os.environ.get("FOOTNOTE")
    for family in sorted((CORE / "Families").iterdir()) if program else []:
        subprocess.run(
            [program, "model", "convert", family, folder / f"{family.name}.gguf", "--without-tokenizer"], check=True,
            stdout=subprocess.DEVNULL)


def safetensors(folder):
    for name, header, data in [
        ("plain", {"a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
                   "b": {"dtype": "BF16", "shape": [3], "data_offsets": [16, 22]},
                   "c": {"dtype": "I64", "shape": [], "data_offsets": [22, 30]}}, 30),
        ("meta", {"__metadata__": {"format": "pt"}, "x": {"dtype": "F16", "shape": [1, 4], "data_offsets": [0, 8]}}, 8),
        ("empty", {}, 0),
    ]:
        text = json.dumps(header).encode()
        (folder / f"{name}.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(range(data)))


def texts(folder):
    (folder["Template"] / "loop.jinja").write_text(
        "{% for m in messages %}{{ '<|' ~ m.role | upper ~ '|>' + m['content'] | trim }}{% if not loop.last %}, {% endif %}"
        "{% endfor %}{% set ns = namespace(n=0) %}{% macro f(a, b=1) %}{{ a * b }}{% endmacro %}{{ f('x', b=3) }}"
        "{{ messages[1:] | map(attribute='content') | join('-') }}{{ [1, 2] | tojson }}{{ 'a' if x is defined else none }}")
    for path in (CORE / "ChatTemplates").glob("*.jinja"):
        shutil.copy(path, folder["Template"])
    for number, text in enumerate([
        'root ::= "a" ("b" | "c" root)? "d"*', 'root ::= item ("," root)?\nitem ::= [ab]+ | "a" item | ""',
        "root ::= [é-ëß€\\u20AD]{0,4} . [^\\n]{2,}\n# comment", 'root ::=\n  pair |\n  "<" root ">"\npair ::= "x" pair "y" |',
    ]):
        (folder["Grammar"] / f"{number}.gbnf").write_text(text)
    for number, schema in enumerate([
        {"type": "object", "properties": {"a": {"type": "integer", "minimum": -5, "maximum": 120}}, "required": ["a"]},
        {"$defs": {"n": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/n"}, {"type": "string", "pattern": "^[a-z]{1,3}\\d+$"}]}},
         "type": "array", "items": {"$ref": "#/$defs/n"}, "minItems": 1, "maxItems": 3},
        {"enum": [1, "a", None, {"b": [True]}]}, {"type": "string", "format": "date-time", "minLength": 2},
        {"allOf": [{"type": "number"}, {"exclusiveMinimum": 0}], "multipleOf": 0.5}, {"const": {"x": 1.5}},
    ]):
        (folder["Schema"] / f"{number}.json").write_text(json.dumps(schema))


def main(target):
    folder = {}
    for name in ["GGUF", "Safetensors", "Vocabulary", "TokenizerJSON", "Conversion", "Template", "Grammar", "Schema"]:
        folder[name] = pathlib.Path(target) / name
        folder[name].mkdir(parents=True, exist_ok=True)
    vocabularies(folder["Vocabulary"])
    tokenizer_files(folder["TokenizerJSON"])
    conversions(folder["Conversion"])
    models(folder["GGUF"])
    safetensors(folder["Safetensors"])
    texts(folder)


main(sys.argv[1])
