"""onnxruntime with all-MiniLM-L6-v2: for each line on standard input, embeds all passages and prints seconds.

usage: onnx_embedding.py MODEL_FOLDER PASSAGES.txt ONNX_FOLDER THREADS f32|int8
The model is exported once, pooling and normalisation included. Passages are sorted by length and embedded in
batches of 32, tokenisation included, as a careful user would.
"""
import json
import pathlib
import sys
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def export(model_folder, f32, int8):
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = AutoModel.from_pretrained(model_folder, attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask,
                                  token_type_ids=token_type_ids).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)

    ids = torch.ones(2, 9, dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "sequence"} for name in names} | {"embedding": {0: "batch"}}
    torch.onnx.export(Pooled(), (ids, ids, ids * 0), str(f32), input_names=names, output_names=["embedding"],
                      opset_version=17, dynamo=False, dynamic_axes=axes)
    quantize_dynamic(str(f32), str(int8), weight_type=QuantType.QInt8, per_channel=True)


def main():
    model_folder, passages_file, onnx_folder, threads, precision = sys.argv[1:]
    folder = pathlib.Path(onnx_folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {"f32": folder / "minilm.onnx", "int8": folder / "minilm.int8.onnx"}
    if not files["int8"].exists():
        export(model_folder, files["f32"], files["int8"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(str(files[precision]), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(model_folder + "/tokenizer.json")
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    texts = pathlib.Path(passages_file).read_text().splitlines()
    result = np.zeros((len(texts), 384), np.float32)

    def embed(count):
        tokens = 0
        order = sorted(range(count), key=lambda i: len(texts[i]))
        for start in range(0, count, 32):
            rows = order[start:start + 32]
            encoded = tokenizer.encode_batch([texts[i] for i in rows])
            ids = np.array([e.ids for e in encoded], np.int64)
            mask = np.array([e.attention_mask for e in encoded], np.int64)
            tokens += int(mask.sum())
            result[rows] = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0})[0]
        return tokens

    embed(min(64, len(texts)))
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        begin = time.perf_counter()
        tokens = embed(len(texts))
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "passages": len(texts), "tokens": tokens}), flush=True)
    np.save(folder / f"{precision}.npy", result)


main()
