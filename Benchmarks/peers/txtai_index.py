"""txtai: reads a folder, chunks, embeds with all-MiniLM-L6-v2 and stores the index with its content.

usage: txtai_index.py DOCUMENTS MODEL_FOLDER STORAGE THREADS CHUNK_TOKENS
The way its documentation shows it: Embeddings with content, index, save. It has no splitter that counts tokens:
sentences are packed up to CHUNK_TOKENS here.
"""
import json
import re
import sys

documents, model_folder, storage, threads, chunk_tokens = sys.argv[1:]

import torch

torch.set_num_threads(int(threads))
import mixed
from tokenizers import Tokenizer
from txtai import Embeddings

tokenizer = Tokenizer.from_file(model_folder + "/tokenizer.json")
tokenizer.no_truncation()
tokenizer.no_padding()


def chunks(text):
    part, length = [], 0
    for sentence in re.split(r"(?<=[.!?])\s+|\n{2,}", text):
        count = len(tokenizer.encode(sentence, add_special_tokens=False).ids)
        if part and length + count > int(chunk_tokens):
            yield " ".join(part)
            part, length = [], 0
        part.append(sentence)
        length += count
    if part:
        yield " ".join(part)


rows = [(f"{path}#{number}", chunk) for path, text in mixed.documents(documents)
        for number, chunk in enumerate(chunks(text)) if chunk.strip()]
embeddings = Embeddings(path=model_folder, content=True, maxlength=256)
embeddings.index(rows)
embeddings.save(storage)
print(json.dumps({"chunks": len(rows)}))
