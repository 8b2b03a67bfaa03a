#!/usr/bin/env python3
"""Writes small random BERT models that read two texts together, and what transformers makes of pairs of tokens.

usage: make_tiny_bert.py      (needs torch, transformers, safetensors and what scripts/train_reader.py imports)

  tiny_bert.bin            a BertModel in safetensors, tiny_reader.bin the adapters and outputs of a reader on top of it,
                           made and saved by the classes of scripts/train_reader.py
  tiny_cross1.bin, tiny_cross2.bin   a BertForSequenceClassification with one label, and one with two
  tiny_bert.json           their config.json, the pairs, and the logits

Not called .safetensors: files of that name are models, which the repository does not hold.
"""
import importlib.util
import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification, BertModel

HERE = Path(__file__).resolve().parent
SIZES = dict(vocab_size=70, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64,
             max_position_embeddings=64, type_vocab_size=2)
FIRST_LAYER, RANK = 1, 4


def train_reader():
    path = HERE.parents[2] / "scripts" / "train_reader.py"
    spec = importlib.util.spec_from_file_location("train_reader", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def randomise(model):
    """Weights large enough that layers, types and positions matter, and exactly halves, as they are saved."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "LayerNorm.weight" in name:
                values = 1 + 0.3 * torch.randn_like(parameter)
            elif "embeddings" in name:
                values = 0.6 * torch.randn_like(parameter)
            else:
                values = 1.5 * torch.randn_like(parameter) / parameter.shape[-1] ** 0.5
            parameter.copy_(values.half().float())
    return model.eval()


def halves(model):
    return {name: value.half().contiguous() for name, value in model.state_dict().items() if "position_ids" not in name}


def pairs(generator):
    """Two texts as token ids with their framing, of the lengths that matter: one token, the most positions, ragged."""
    out = []
    for first, second in ((1, 1), (5, 9), (3, 58), (12, 30), (1, 40), (20, 2), (7, 7), (9, 25)):
        ids = torch.randint(3, SIZES["vocab_size"], (first + second,), generator=generator).tolist()
        out.append(dict(ids=[1] + ids[:first] + [2] + ids[first:] + [2], second=first + 2))
    return out


def tensors(pair):
    ids = torch.tensor([pair["ids"]])
    types = torch.zeros_like(ids)
    types[0, pair["second"]:] = 1
    return ids, types, torch.ones_like(ids)


@torch.no_grad()
def reader_logits(reader, pair):
    span, answers = reader(*tensors(pair))
    span = span[0, pair["second"]:]
    return dict(begin=span[:, 0].tolist(), end=span[:, 1].tolist(), answers=float(answers[0]))


@torch.no_grad()
def make_reader(examples):
    base = randomise(BertModel(BertConfig(**SIZES), add_pooling_layer=False))
    save_file(halves(base), HERE / "tiny_bert.bin")
    module = train_reader()
    with tempfile.TemporaryDirectory() as folder:
        base.save_pretrained(folder)
        reader = module.Reader(folder, RANK, FIRST_LAYER)
    reader.span = torch.nn.Linear(SIZES["hidden_size"], 2)
    reader.answers = torch.nn.Linear(SIZES["hidden_size"], 1)
    for adapter in reader.adapters.values():
        adapter.down.copy_(adapter.down.half().float())
        adapter.up.copy_((torch.randn_like(adapter.up) * 0.7 / RANK ** 0.5).half().float())
    reader.save(HERE / "tiny_reader.bin")
    plain = BertModel(BertConfig(**SIZES), add_pooling_layer=False)
    plain.load_state_dict(base.state_dict())
    plain.eval()
    for example in examples:
        ids, types, mask = tensors(example)
        adapted = reader.encoder(ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        hidden = plain(ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        assert (adapted - hidden).abs().max() > 0.5, "the adapters must matter"
    return [reader_logits(reader, example) for example in examples]


@torch.no_grad()
def make_cross_encoder(examples, labels):
    model = randomise(BertForSequenceClassification(BertConfig(**SIZES, num_labels=labels)))
    save_file(halves(model), HERE / f"tiny_cross{labels}.bin")
    config = json.loads(model.config.to_json_string(use_diff=True))
    config["architectures"] = ["BertForSequenceClassification"]
    scores = []
    for example in examples:
        ids, types, mask = tensors(example)
        logits = model(input_ids=ids, token_type_ids=types, attention_mask=mask).logits[0]
        scores.append(float(logits[0] if labels == 1 else logits[1] - logits[0]))
    return config, scores


def main():
    torch.manual_seed(4)
    examples = pairs(torch.Generator().manual_seed(5))
    readings = make_reader(examples)
    encoder = json.loads(BertConfig(**SIZES).to_json_string(use_diff=False))
    keys = ["model_type", "layer_norm_eps", "hidden_act", *SIZES]
    out = dict(config={key: encoder[key] for key in keys}, pairs=examples, readings=readings)
    for labels in (1, 2):
        config, scores = make_cross_encoder(examples, labels)
        out[f"cross{labels}"] = dict(architectures=config["architectures"], scores=scores)
    (HERE / "tiny_bert.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
