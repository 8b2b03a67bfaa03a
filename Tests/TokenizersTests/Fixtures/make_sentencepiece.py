#!/usr/bin/env python3
"""Trains two small SentencePiece models and writes what SentencePiece itself answers with them.

usage: make_sentencepiece.py      (beside strings.jsonl; needs the package sentencepiece)

sentencepiece.json   {"bpe": MODEL, "unigram": MODEL}, where a model has its pieces, scores, types, the compiled character
                     map in hex, and for each text the ids that SentencePiece gives it.
"""
import json
import pathlib
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

here = pathlib.Path(__file__).parent
root = here.parents[2]
texts = [json.loads(line) for line in (here / "strings.jsonl").read_text().split("\n") if line]
texts = [text if isinstance(text, str) else text.get("text", "") for text in texts]
texts = [text for text in texts if "\0" not in text and len(text) < 400][:220] + [
    "", " ", "  two  spaces ", "ﬁne ﬁsh ½", "日本語のテスト", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "a\u2581b", "naïve café", "1234567890"]
corpus = sorted(root.glob("docs/*.md"))


def train(kind, **options):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "rules.tsv").write_text("FB01\t66 69\nBD\t31 2F 32\nE9\t65\nE8 6C\t65\n")
        sentencepiece.SentencePieceTrainer.train(
            input=",".join(map(str, corpus)), model_prefix=f"{folder}/m", model_type=kind, vocab_size=700,
            minloglevel=2, max_sentence_length=8000, **{key: value.replace("DIR", folder) if isinstance(value, str)
                                                       else value for key, value in options.items()})
        data = (pathlib.Path(folder) / "m.model").read_bytes()
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(data)
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    return {
        "pieces": [piece.piece for piece in model.pieces], "scores": [piece.score for piece in model.pieces],
        "types": [piece.type for piece in model.pieces], "map": model.normalizer_spec.precompiled_charsmap.hex(),
        "ids": [processor.encode(text) for text in texts]}


golden = {
    "texts": texts,
    "bpe": train("bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
                 character_coverage=0.98),
    "unigram": train("unigram", normalization_rule_tsv="DIR/rules.tsv", character_coverage=0.98)}
(here / "sentencepiece.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")))
