#!/usr/bin/env python3
"""Fits the two models of evidence on features that `footnote eval qa --dump-features` wrote.

usage: fit_evidence.py sentences|questions FEATURES.jsonl [FEATURES.jsonl …]

sentences: how likely a sentence holds the answer (SentenceModel.swift); conditional logistic regression within each
           question: the sentence that holds the answer against the others found for it.
questions: how likely the passages found hold an answer at all (EvidenceModel.swift).
Prints weights, and what they reach on a fifth of the questions that the fit has not seen. Needs numpy and scipy.
"""
import json
import sys
import zlib

import numpy as np
from scipy.optimize import minimize


def load(files):
    return [json.loads(line) for file in files for line in open(file)]


def is_held_out(question):
    return zlib.crc32(question["id"].encode()) % 5 == 0


def rank(weights, question):
    values = np.array([s["values"] for s in question["sentences"]])
    return np.argsort(-(values @ weights), kind="stable")


def hits(weights, questions):
    """Share of questions whose answer the first one, two, three sentences hold."""
    found = np.zeros(3)
    for question in questions:
        order = rank(weights, question)
        holds = [question["sentences"][i]["holds"] for i in order[:3]]
        found += [any(holds[:n]) for n in (1, 2, 3)]
    return found / len(questions)


def fit_sentences(questions):
    usable = [q for q in questions if q["kind"] == "answerable" and any(s["holds"] for s in q["sentences"])]
    train = [q for q in usable if not is_held_out(q)]
    arrays = [(np.array([s["values"] for s in q["sentences"]]), np.array([s["holds"] for s in q["sentences"]]))
              for q in train]

    def loss(weights):
        total, gradient = 0.01 * weights @ weights, 0.02 * weights
        for values, holds in arrays:
            scores = values @ weights
            scores -= scores.max()
            p = np.exp(scores)
            right = p[holds].sum()
            total -= np.log(right / p.sum())
            gradient = gradient - (p[holds] @ values[holds] / right - p @ values / p.sum())
        return total, gradient

    result = minimize(loss, np.zeros(len(arrays[0][0][0])), jac=True, method="L-BFGS-B")
    weights = result.x
    # A bias that makes the logistic function of the score the share of sentences that hold the answer.
    scores = np.concatenate([values @ weights for values, _ in arrays])
    labels = np.concatenate([holds for _, holds in arrays])
    bias = minimize(lambda b: np.logaddexp(0, np.where(labels, -1, 1) * (scores + b[0])).sum(), [-4.0]).x[0]
    print("weights", [round(float(w), 2) for w in weights], "bias", round(float(bias), 2))
    held = [q for q in questions if q["kind"] == "answerable" and is_held_out(q)]
    print("answer in the first 1, 2, 3 sentences:", np.round(hits(weights, held), 3), f"of {len(held)} held-out questions")


def fit_questions(questions):
    names = ["sentenceSimilarity", "chunkSimilarity", "sentenceCoverage", "chunkCoverage"]
    rows = np.array([[q["evidence"][n] for n in names] for q in questions])
    labels = np.array([q["kind"] == "answerable" for q in questions])
    held = np.array([is_held_out(q) for q in questions])
    # Both kinds weigh the same, so that one half is the border between them.
    weight = np.where(labels, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))

    def loss(w):
        z = rows[~held] @ w[:-1] + w[-1]
        return (weight[~held] * np.logaddexp(0, np.where(labels[~held], -z, z))).sum() + 0.01 * w @ w

    w = minimize(loss, np.zeros(len(names) + 1)).x
    print("weights", dict(zip(names + ["bias"], np.round(w, 2))))
    z = rows[held] @ w[:-1] + w[-1]
    kinds = np.array([q["kind"] for q in questions])[held]
    for kind in sorted(set(kinds)):
        print(f"{kind}: {np.mean(z[kinds == kind] < 0):.3f} refused of {np.sum(kinds == kind)} held-out questions")


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("sentences", "questions"):
        sys.exit(__doc__)
    questions = load(sys.argv[2:])
    (fit_sentences if sys.argv[1] == "sentences" else fit_questions)(questions)


main()
