"""LlamaIndex: reads a folder, chunks, embeds with all-MiniLM-L6-v2 and stores the index.

usage: llamaindex_index.py DOCUMENTS MODEL_FOLDER STORAGE THREADS CHUNK_TOKENS
The way its documentation shows it: visible text of each page, SentenceSplitter, VectorStoreIndex, persist.
"""
import json
import sys

documents, model_folder, storage, threads, chunk_tokens = sys.argv[1:]

import torch

torch.set_num_threads(int(threads))
import mixed
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

Settings.llm = None
embedding = HuggingFaceEmbedding(model_name=model_folder, device="cpu", embed_batch_size=32, max_length=256)
pages = [Document(text=text, metadata={"path": path}) for path, text in mixed.documents(documents)]
# The splitter counts with the embedding model's tokenizer, so that nothing of a chunk is cut off.
tokenizer = embedding._model.tokenizer
splitter = SentenceSplitter(
    chunk_size=int(chunk_tokens), chunk_overlap=0, include_metadata=False,
    tokenizer=lambda text: tokenizer.encode(text, add_special_tokens=False))
nodes = splitter.get_nodes_from_documents(pages)
for node in nodes:
    node.excluded_embed_metadata_keys = ["path"]
index = VectorStoreIndex(nodes, embed_model=embedding)
index.storage_context.persist(storage)
tokens = sum(len(tokenizer.encode(node.get_content(), add_special_tokens=False)) for node in nodes[::50]) * 50
print(json.dumps({"documents": len(pages), "chunks": len(nodes), "tokens": tokens}))
