#!/usr/bin/env python3
"""Fits the models of evidence on features that `footnote eval qa --dump-features` wrote.

usage: fit_evidence.py sentences|questions [--use NAME,NAME…] [--wrong SHARE] [--near SHARE]
                       FEATURES.jsonl …

sentences: how likely a sentence holds the answer (SentenceModel.swift); conditional logistic regression within each
           question: the sentence that holds the answer against the others found for it.
questions: how likely the passages found hold an answer at all (EvidenceModel.swift). The bias is set so that the share
           --wrong of the answerable questions falls below one half; --near is the weight of near misses.
--use fits with these features alone; the others get the weight 0. Prints weights, and what they reach on a fifth of the
questions that the fit has not seen. Needs numpy and scipy.
"""
import argparse
import json
import zlib

import numpy as np
from scipy.optimize import minimize

SENTENCE = ["similarity", "coverage", "contextCoverage", "passage", "fit", "novelty", "reading", "span"]
QUESTION = ["reading", "sentence", "sentenceSimilarity", "chunkSimilarity", "sentenceCoverage", "chunkCoverage",
            "foundNames", "missingNames", "lexicalLead"]


def is_held_out(question):
    return zlib.crc32(question["id"].encode()) % 5 == 0


def matrix(question):
    return np.array([s["values"] for s in question["sentences"]])


def figures(weights, questions):
    """The answer in the first 1, 2, 3 sentences; the right passage first, among three; F1 of the first one's words."""
    found, passage, f1 = np.zeros(3), np.zeros(2), 0.0
    for question in questions:
        if not question["sentences"]:
            continue
        order = np.argsort(-(matrix(question) @ weights), kind="stable")
        sentences = [question["sentences"][i] for i in order]
        holds = [s["holds"] for s in sentences[:3]]
        found += [any(holds[:n]) for n in (1, 2, 3)]
        places = list(dict.fromkeys(s["passage"] for s in sentences))
        right = [question["passages"][p]["isRight"] for p in places]
        passage += [any(right[:1]), any(right[:3])]
        f1 += sentences[0]["f1"]
    return np.round(np.concatenate([found, passage, [f1]]) / len(questions), 3)


def fit_sentences(questions, used):
    usable = [q for q in questions if q["kind"] == "answerable" and any(s["holds"] for s in q["sentences"])]
    mask = np.array([name in used for name in SENTENCE], float)
    arrays = [(matrix(q) * mask, np.array([s["holds"] for s in q["sentences"]])) for q in usable if not is_held_out(q)]

    def loss(weights):
        total, gradient = 0.01 * weights @ weights, 0.02 * weights
        for values, holds in arrays:
            scores = values @ weights
            p = np.exp(scores - scores.max())
            right = p[holds].sum()
            total -= np.log(right / p.sum())
            gradient = gradient - (p[holds] @ values[holds] / right - p @ values / p.sum())
        return total, gradient

    weights = minimize(loss, np.zeros(len(SENTENCE)), jac=True, method="L-BFGS-B").x * mask
    # A bias that makes the logistic function of the score the share of sentences that hold the answer.
    scores = np.concatenate([values @ weights for values, _ in arrays])
    labels = np.concatenate([holds for _, holds in arrays])
    bias = minimize(lambda b: np.logaddexp(0, np.where(labels, -1, 1) * (scores + b[0])).sum(), [-4.0]).x[0]
    print("weights", [round(float(w), 2) for w in weights], "bias", round(float(bias), 2))
    held = [q for q in questions if q["kind"] == "answerable" and is_held_out(q)]
    print("sentence@1 @2 @3, passage@1 @3, F1:", figures(weights, held), f"of {len(held)} held-out questions")


def class_weights(kinds, near):
    """Answerable and other questions weigh the same; near misses, which these features hardly see, `near` of the others."""
    weights = np.zeros(len(kinds))
    for kind, share in (("answerable", 1), ("outOfScope", 1 - near), ("nearMiss", near)):
        if (kinds == kind).any():
            weights[kinds == kind] = share / np.sum(kinds == kind)
    return weights


def fit_questions(questions, used, wrong, near):
    columns = [QUESTION.index(name) for name in used]
    rows = np.array([[q["evidence"][QUESTION[c]] for c in columns] for q in questions])
    kinds = np.array([q["kind"] for q in questions])
    labels = kinds == "answerable"
    fold = np.array([zlib.crc32(q["id"].encode()) % 10 for q in questions])

    def fit(train):
        mean, deviation = rows[train].mean(0), rows[train].std(0) + 1e-6
        x, y, weight = (rows[train] - mean) / deviation, labels[train], class_weights(kinds[train], near)
        loss = lambda w: (weight * np.logaddexp(0, np.where(y, -1, 1) * (x @ w[:-1] + w[-1]))).sum() + 1e-4 * w[:-1] @ w[:-1]
        w = minimize(loss, np.zeros(len(columns) + 1)).x
        return w[:-1] / deviation, w[-1] - mean @ (w[:-1] / deviation)

    scores = np.zeros(len(questions))
    for k in range(10):
        w, bias = fit(fold != k)
        scores[fold == k] = rows[fold == k] @ w + bias
    for share in (0.02, 0.03, 0.05, 0.08, 0.1):
        border = np.quantile(scores[labels], share)
        refused = {kind: f"{np.mean(scores[kinds == kind] < border):.3f} of {np.sum(kinds == kind)}"
                   for kind in ("outOfScope", "nearMiss") if (kinds == kind).any()}
        print(f"cross-validated, at {share:.0%} wrongly refused:", refused)
    w, bias = fit(fold >= 0)
    bias -= np.quantile((rows @ w + bias)[labels], wrong)
    print("weights", dict(zip(used, np.round(w, 2).tolist())), "bias", round(float(bias), 2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["sentences", "questions"])
    parser.add_argument("--use")
    parser.add_argument("--wrong", type=float, default=0.035)
    parser.add_argument("--near", type=float, default=0.2)
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    questions = [json.loads(line) for file in arguments.files for line in open(file)]
    names = SENTENCE if arguments.what == "sentences" else QUESTION
    used = arguments.use.split(",") if arguments.use else names
    if arguments.what == "sentences":
        fit_sentences(questions, used)
    else:
        fit_questions(questions, used, arguments.wrong, arguments.near)


if __name__ == "__main__":
    main()
