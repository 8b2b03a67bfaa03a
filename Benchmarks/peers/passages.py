"""Real passages of about 160 tokens for the embedding measurement, cut from a folder of HTML."""
import pathlib

from bs4 import BeautifulSoup
from tokenizers import Tokenizer


def make(documents, tokenizer_file, count, tokens):
    """`count` passages of about `tokens` tokens each, taken at even distances through the folder."""
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    passages = []
    for path in sorted(pathlib.Path(documents).rglob("*.html")):
        words = BeautifulSoup(path.read_bytes(), "html.parser").get_text(" ").split()
        passage, length = [], 0
        for word in words:
            passage.append(word)
            length += len(tokenizer.encode(word, add_special_tokens=False).ids)
            if length >= tokens - 2:
                passages.append(" ".join(passage))
                passage, length = [], 0
        if len(passages) > count * 24:
            break
    step = len(passages) / count
    return [passages[int(i * step)] for i in range(count)]
