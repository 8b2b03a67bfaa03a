#!/usr/bin/env python3
"""Trains the reader: what turns the default embedding model into a model that reads question and passage together.

usage: train_reader.py --model FOLDER --data FOLDER --out FILE.safetensors [--tokens N] [--compile] …

FOLDER of --model is all-MiniLM-L6-v2; that of --data holds question files in the layout of `footnote eval qa`.
The encoder stays as it is. Low-rank adapters (Hu et al. 2021, arXiv:2106.09685) beside its linear layers and three rows
of output weights are trained: two rows score each token as begin and end of the answer, as in BERT's reader for SQuAD
(Devlin et al. 2019, arXiv:1810.04805, section 4.2); one scores the first token as "this passage answers the question".
`answers` learns from four kinds of passages that do not: others of the same article, those that share words with the
question (BM25), the right one without the sentence that answers, and questions in which a name or number was exchanged.

Questions of what is reported on are not trained on: SquadShifts not at all, and of SQuAD 2.0 only the articles that
`is_held_out` does not name. Needs torch, transformers, scipy and safetensors.
"""
import argparse
import gzip
import json
import random
import re
import time
import zlib
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scipy import sparse
from transformers import AutoTokenizer, BertModel

# Questions of each file for an epoch; None for all.
FILES = {"en.squad1-train44": None, "en.qed-nq": None, "en.tydiqa-goldp": None, "en.policyqa": 2500,
         "en.fairytaleqa": 2500, "en.qamr": 6000, "en.squad2-half": None}
# Near misses made by people are few: each is read so often in an epoch.
REPEATS = {"en.squad2-half": 3}
LONGEST = 288
QUESTION_TOKENS = 48


def is_held_out(row):
    """Whether a question is kept for measuring: whole articles where the set has such, else by passage."""
    if row["source"].startswith("squad2"):
        return zlib.crc32(row["title"].encode()) % 2 == 0
    return zlib.crc32((row["title"] or row["context"]).encode()) % 12 == 0


def load(folder, name, limit, generator):
    with gzip.open(folder / f"{name}.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [row for row in rows if not is_held_out(row)]
    rows = [row for row in rows if not row["answerable"] or row["answer_start"] >= 0]
    if limit and len(rows) > limit:
        rows = generator.sample(rows, limit)
    return rows


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


class LexicalNeighbours:
    """The passages that share most words with a question, by BM25."""

    def __init__(self, passages, k1=1.2, b=0.75):
        self.vocabulary, rows, columns, counts = {}, [], [], []
        lengths = np.zeros(len(passages))
        for index, passage in enumerate(passages):
            terms = words(passage)
            lengths[index] = len(terms)
            tally = {}
            for term in terms:
                key = self.vocabulary.setdefault(term, len(self.vocabulary))
                tally[key] = tally.get(key, 0) + 1
            rows += [index] * len(tally)
            columns += list(tally)
            counts += list(tally.values())
        counts, rows, columns = np.array(counts, float), np.array(rows), np.array(columns)
        frequency = np.bincount(columns, minlength=len(self.vocabulary))
        rarity = np.log(1 + (len(passages) - frequency + 0.5) / (frequency + 0.5))
        norm = k1 * (1 - b + b * lengths[rows] / lengths.mean())
        values = rarity[columns] * counts * (k1 + 1) / (counts + norm)
        self.matrix = sparse.csr_matrix((values, (rows, columns)), (len(passages), len(self.vocabulary))).T.tocsr()

    def best(self, question, count):
        keys = [self.vocabulary[w] for w in set(words(question)) if w in self.vocabulary]
        if not keys:
            return []
        scores = np.asarray(self.matrix[keys].sum(axis=0)).ravel()
        return np.argsort(-scores)[:count]


def holds(passage, answers):
    lower = passage.lower()
    return any(answer.lower() in lower for answer in answers)


NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w'-]+)(?: (?:of |the )?[A-Z][\w'-]+)*|\b\d[\d,.]*\d\b|\b\d\b")


def exchanged(row, names, generator):
    """The question with one name or number replaced by another of its article; None where it has none."""
    found = list(NAME.finditer(row["question"]))
    if not found:
        return None
    place = generator.choice(found)
    old = place.group()
    others = [n for n in names.get(row["title"] or row["source"], [])
              if n[0].isdigit() == old[0].isdigit() and n.lower() != old.lower()]
    if not others:
        return None
    return row["question"][:place.start()] + generator.choice(others) + row["question"][place.end():]


def without_answer(row, generator):
    """The passage without the sentences that hold the answer; None when little is left."""
    sentences = re.split(r"(?<=[.!?])\s+", row["context"])
    rest = " ".join(s for s in sentences if not holds(s, row["answers"]))
    return rest if len(rest) > 150 and not holds(rest, row["answers"]) else None


class Examples:
    """Question, passage, answer's characters and whether it answers, one after another for ever."""

    def __init__(self, folder, seed):
        self.generator = random.Random(seed)
        self.sets = {name: load(folder, name, limit, self.generator) for name, limit in FILES.items()}
        self.rows = [row for rows in self.sets.values() for row in rows]
        self.passages = {name: sorted({row["context"] for row in rows}) for name, rows in self.sets.items()}
        self.neighbours = {name: LexicalNeighbours(p) for name, p in self.passages.items()}
        self.names, self.by_title = {}, {}
        for row in self.rows:
            key = row["title"] or row["source"]
            self.names.setdefault(key, set()).update(m.group() for m in NAME.finditer(row["question"]))
            self.by_title.setdefault(key, set()).add(row["context"])
        self.names = {key: sorted(value) for key, value in self.names.items()}
        self.by_title = {key: sorted(value) for key, value in self.by_title.items()}
        self.source = {id(row): name for name, rows in self.sets.items() for row in rows}

    def negative(self, row):
        name = self.source[id(row)]
        kind = self.generator.choices(["words", "article", "cut", "exchanged"], [0.35, 0.1, 0.2, 0.35])[0]
        if kind == "exchanged" and (question := exchanged(row, self.names, self.generator)):
            return question, row["context"]
        if kind == "cut" and (passage := without_answer(row, self.generator)):
            return row["question"], passage
        if kind == "article":
            others = [p for p in self.generator.sample(self.by_title[row["title"] or row["source"]],
                                                       min(4, len(self.by_title[row["title"] or row["source"]])))
                      if p != row["context"] and not holds(p, row["answers"])]
            if others:
                return row["question"], others[0]
        near = [self.passages[name][i] for i in self.neighbours[name].best(row["question"], 12)]
        near = [p for p in near if p != row["context"] and not holds(p, row["answers"])]
        return (row["question"], near[int(len(near) * self.generator.random() ** 2)]) if near else None

    def epoch(self):
        rows = [row for row in self.rows for _ in range(REPEATS.get(self.source[id(row)], 1))]
        self.generator.shuffle(rows)
        for row in rows:
            title = row["title"].replace("_", " ") if row["title"] and self.generator.random() < 0.4 else None
            answer = None
            if row["answerable"]:
                answer = row["answer_start"], row["answer_start"] + len(row["answers"][0])
            yield row["question"], title, row["context"], answer
            if row["answerable"] and row["source"] != "qamr" and (other := self.negative(row)):
                yield other[0], title, other[1], None


class Encoded:
    """Token ids of `[CLS] question [SEP] title: passage [SEP]` with the answer's first and last token."""

    def __init__(self, tokenizer, question, title, passage, answer, generator):
        q = tokenizer(question, add_special_tokens=False, truncation=True, max_length=QUESTION_TOKENS)["input_ids"]
        lead = tokenizer(title + ": ", add_special_tokens=False)["input_ids"][:24] if title else []
        p = tokenizer(passage, add_special_tokens=False, return_offsets_mapping=True)
        ids, offsets = p["input_ids"], p["offset_mapping"]
        first = last = None
        if answer:
            inside = [i for i, (a, b) in enumerate(offsets) if a < answer[1] and b > answer[0]]
            first, last = (inside[0], inside[-1]) if inside else (None, None)
        room = LONGEST - len(q) - len(lead) - 3
        if len(ids) > room:
            low, high = 0, len(ids) - room
            if first is not None:
                low, high = max(0, min(high, last - room + 1)), max(0, min(high, first))
            cut = generator.randint(min(low, high), max(low, high))
            ids = ids[cut:cut + room]
            if first is not None:
                first, last = first - cut, last - cut
        cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
        self.ids = [cls] + q + [sep] + lead + ids + [sep]
        self.text = len(q) + 2 + len(lead)
        self.types = [0] * (len(q) + 2) + [1] * (len(self.ids) - len(q) - 2)
        self.answers = answer is not None and first is not None and 0 <= first <= last < len(ids)
        self.span = (self.text + first, self.text + last) if self.answers else (0, 0)
        self.skip = answer is not None and not self.answers


class Adapted(torch.nn.Module):
    """A linear layer with a low-rank addition."""

    def __init__(self, base, rank):
        super().__init__()
        self.base = base
        self.down = torch.nn.Parameter(torch.randn(rank, base.in_features) / base.in_features ** 0.5)
        self.up = torch.nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + (x @ self.down.T) @ self.up.T


LAYERS = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
          "attention_output": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense"}


class Reader(torch.nn.Module):
    def __init__(self, folder, rank, first_layer):
        super().__init__()
        self.encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
        self.encoder.requires_grad_(False)
        self.adapters = {}
        for index, layer in enumerate(self.encoder.encoder.layer):
            if index < first_layer:
                continue
            for name, path in LAYERS.items():
                parent_path, child = path.rsplit(".", 1)
                parent = layer.get_submodule(parent_path)
                adapter = Adapted(getattr(parent, child), rank)
                setattr(parent, child, adapter)
                self.adapters[f"layers.{index}.{name}"] = adapter
        self.span = torch.nn.Linear(384, 2)
        self.answers = torch.nn.Linear(384, 1)
        self.encoder.eval()

    def forward(self, ids, types, mask):
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return self.span(hidden), self.answers(hidden[:, 0])[:, 0]

    def save(self, path):
        tensors = {}
        for name, adapter in self.adapters.items():
            tensors[name + ".lora_a"] = adapter.down.detach().half().contiguous()
            tensors[name + ".lora_b"] = adapter.up.detach().half().contiguous()
        tensors["outputs.weight"] = torch.cat([self.span.weight, self.answers.weight]).detach().float()
        tensors["outputs.bias"] = torch.cat([self.span.bias, self.answers.bias]).detach().float()
        save_file(tensors, path, metadata={"base": "all-MiniLM-L6-v2"})

    @torch.no_grad()
    def restore(self, path):
        tensors = load_file(path)
        for name, adapter in self.adapters.items():
            adapter.down.copy_(tensors[name + ".lora_a"])
            adapter.up.copy_(tensors[name + ".lora_b"])
        for part, rows in ((self.span, slice(0, 2)), (self.answers, slice(2, 3))):
            part.weight.copy_(tensors["outputs.weight"][rows])
            part.bias.copy_(tensors["outputs.bias"][rows])

    def trained(self):
        return [p for p in self.parameters() if p.requires_grad]


def batch_of(examples):
    width = max(len(e.ids) for e in examples)
    ids = torch.zeros(len(examples), width, dtype=torch.long)
    types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    text = torch.zeros(len(examples), width, dtype=torch.bool)
    for row, e in enumerate(examples):
        n = len(e.ids)
        ids[row, :n] = torch.tensor(e.ids)
        types[row, :n] = torch.tensor(e.types)
        mask[row, :n] = 1
        text[row, e.text:n - 1] = True
    return ids, types, mask, text


def batches(encoded, tokens):
    """Batches of about so many tokens from a list, of sequences of similar length."""
    encoded = sorted(encoded, key=lambda e: len(e.ids))
    batch, out = [], []
    for e in encoded:
        if batch and (len(batch) + 1) * len(e.ids) > tokens:
            out.append(batch)
            batch = []
        batch.append(e)
    return out + [batch] if batch else out


def loss_of(reader, examples):
    ids, types, mask, text = batch_of(examples)
    span, answers = reader(ids, types, mask)
    labels = torch.tensor([float(e.answers) for e in examples])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(answers, labels, reduction="sum")
    rows = [i for i, e in enumerate(examples) if e.answers]
    if rows:
        logits = span[rows].masked_fill(~text[rows][:, :, None], -1e4)
        for side in (0, 1):
            gold = torch.tensor([examples[i].span[side] for i in rows])
            loss = loss + 0.5 * torch.nn.functional.cross_entropy(logits[:, :, side], gold, reduction="sum")
    return loss / len(examples)


def tokens_of(text):
    return [w for w in words(text) if w not in ("a", "an", "the")]


def f1(answer, accepted):
    best = 0.0
    for gold in accepted:
        a, g = tokens_of(answer), tokens_of(gold)
        common = sum(min(a.count(w), g.count(w)) for w in set(a))
        if common:
            best = max(best, 2 * common / (len(a) + len(g)))
    return best


@torch.no_grad()
def measure(reader, tokenizer, rows, generator):
    """Mean F1 of the best span of up to 24 tokens, and what share of near misses 8% wrong refusals catch."""
    scores, answer, miss = [], [], []
    for start in range(0, len(rows), 16):
        part = rows[start:start + 16]
        encoded = [Encoded(tokenizer, r["question"], None, r["context"], None, generator) for r in part]
        ids, types, mask, text = batch_of(encoded)
        span, answers = reader(ids, types, mask)
        span = span.masked_fill(~text[:, :, None], -1e4)
        for i, row in enumerate(part):
            (answer if row["answerable"] else miss).append(float(answers[i]))
            if not row["answerable"]:
                continue
            pair = span[i, :, 0][:, None] + span[i, :, 1][None, :]
            allowed = torch.ones_like(pair).triu().tril(23) > 0
            best = int(pair.masked_fill(~allowed, -1e9).argmax())
            a, b = divmod(best, pair.shape[1])
            scores.append(f1(tokenizer.decode(ids[i, a:b + 1]), row["answers"]))
    line = f"F1 {np.mean(scores):.3f} of {len(scores)}"
    if miss:
        border = np.quantile(answer, 0.08)
        line += f", near misses refused at 8% wrongly {np.mean(np.array(miss) < border):.3f}"
    return line


def held_out(folder, name, count):
    rows = [json.loads(line) for line in gzip.open(folder / f"{name}.jsonl.gz", "rt")]
    rows = [r for r in rows if name.startswith("en.squadshifts") or is_held_out(r)]
    return random.Random(0).sample(rows, min(count, len(rows)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=float, default=10e6, help="tokens to read in all")
    parser.add_argument("--batch", type=int, default=4096, help="tokens of a step")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first-layer", type=int, default=2, help="layers below stay as they are")
    parser.add_argument("--start", type=Path, help="go on from this file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--compile", action="store_true", help="a third faster; needs a C++ compiler")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    reader = Reader(arguments.model, arguments.rank, arguments.first_layer)
    if arguments.start:
        reader.restore(arguments.start)
    trained = torch.compile(reader, dynamic=True) if arguments.compile else reader
    optimizer = torch.optim.AdamW(reader.trained(), lr=arguments.rate, weight_decay=0.01)
    examples = Examples(arguments.data, seed=arguments.seed)
    generator = random.Random(arguments.seed)
    tests = {name: held_out(arguments.data, name, 400) for name in ("en.squad2-half", "en.squadshifts-newwiki")}
    print(len(examples.rows), "questions,", sum(p.numel() for p in reader.trained()), "parameters", flush=True)
    read, step, started, losses = 0, 0, time.time(), []
    while read < arguments.tokens:
        pending = []
        for item in examples.epoch():
            encoded = Encoded(tokenizer, *item, generator)
            if not encoded.skip:
                pending.append(encoded)
            if len(pending) < 1500:
                continue
            group = batches(pending, arguments.batch)
            generator.shuffle(group)
            pending = []
            for batch in group:
                done = read / arguments.tokens
                for g in optimizer.param_groups:
                    g["lr"] = arguments.rate * min(1, step / 100) * max(0.02, 1 - done)
                loss = loss_of(trained, batch)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(reader.trained(), 1.0)
                optimizer.step()
                losses.append(float(loss.detach()))
                read += sum(len(e.ids) for e in batch)
                step += 1
                if step % 20 == 0:
                    print(f"{step} {read / 1e6:.2f}M loss {np.mean(losses[-50:]):.3f} {time.time() - started:.0f} s", flush=True)
                if step % 200 == 0 or read >= arguments.tokens:
                    for name, rows in tests.items():
                        print(f"  {name}: {measure(reader, tokenizer, rows, generator)}", flush=True)
                    reader.save(arguments.out)
                if read >= arguments.tokens:
                    return


if __name__ == "__main__":
    main()
