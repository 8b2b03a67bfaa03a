"""Makes minilm_embeddings.bin with sentence-transformers: token ids of passages and their embeddings.

usage: make_minilm_golden.py MODEL_FOLDER
Passages are windows of different lengths over the repository's own text, with a few short and cut ones. The file
holds ids, not text, so that it stays valid when the text changes and tests the encoder alone:
  uint32 count, uint32 dimension; then for each passage uint16 length, uint16 ids, float16 vector.
"""

import pathlib
import random
import re
import struct
import sys

import numpy
from sentence_transformers import SentenceTransformer

COUNT = 500
here = pathlib.Path(__file__).resolve().parent
root = here.parents[2]


def source_words():
    for path in sorted((root / "corpora").rglob("*")):
        if path.suffix in {".md", ".txt", ".html"}:
            yield path.name, re.sub(r"<[^>]*>", " ", path.read_text("utf-8")).split()


def passages():
    rng = random.Random(2)
    files = [words for _, words in source_words() if len(words) > 20]
    texts = ["", "a", "[SEP]", "Hello, world!", "naïve café", "知识库", "🙂"]
    while len(texts) < COUNT:
        words = rng.choice(files)
        # Mostly paragraphs of about 160 tokens; some short, some longer than the model takes.
        length = rng.choice([3, 10, 30, 60, 90, 120, 120, 120, 150, 200, 300])
        start = rng.randrange(max(1, len(words) - length // 2))
        texts.append(" ".join(words[start : start + length]))
    return texts


model = SentenceTransformer(sys.argv[1], device="cpu")
assert model.max_seq_length == 256
texts = passages()
vectors = model.encode(texts, batch_size=16, normalize_embeddings=True, convert_to_numpy=True)
lengths = []
with open(here / "minilm_embeddings.bin", "wb") as out:
    out.write(struct.pack("<II", len(texts), vectors.shape[1]))
    for text, vector in zip(texts, vectors):
        ids = model.tokenizer(text, truncation=True, max_length=model.max_seq_length)["input_ids"]
        lengths.append(len(ids))
        out.write(struct.pack(f"<H{len(ids)}H", len(ids), *ids))
        out.write(vector.astype("<f2").tobytes())
print(len(texts), "passages,", sum(lengths) / len(lengths), "tokens on average, longest", max(lengths))
