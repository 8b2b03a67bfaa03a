#!/usr/bin/env python3
"""Fit the coefficients of EvidenceModel: the chance that what was found holds an answer.

usage: fit_evidence.py QA.jsonl.gz FOOTNOTE_BINARY [--questions 900] [--seed 1] [--save DATA.json] [--load DATA.json]

QA.jsonl.gz has one question with its passage a line: title, question, context, answerable. The passages of half of the
titles make a knowledge base; the questions of those titles are answerable or near misses, the questions of the other
titles are out of scope. Each is asked with --extractive and --min-evidence 0, and a logistic regression (Newton's method
with a ridge) is fitted to the features that the answers report. Prints the coefficients for both feature sets, and for
some thresholds how many are refused, on the half of the questions that the fit did not see. Needs numpy.
"""
import argparse, gzip, json, pathlib, random, subprocess, tempfile
import numpy as np

WITH_EMBEDDINGS = ["sentence_similarity", "chunk_similarity", "sentence_coverage", "chunk_coverage"]
WORDS_ALONE = ["sentence_coverage", "chunk_coverage"]
# A near miss has a passage on its very topic; for refusing it the relation must be understood, which these features
# cannot. It counts little, so that answerable questions are not lost for it.
WEIGHT = {"answerable": 1.0, "out of scope": 1.0, "near miss": 0.15}


def ask(binary, folder, question, extra=()):
    run = subprocess.run([binary, "ask", "--db", folder, "--extractive", "--json", "--min-evidence", "0", *extra, "--", question],
                         capture_output=True, text=True)
    if run.returncode not in (0, 3):
        raise SystemExit(f"asking failed ({run.returncode}): {run.stderr}")
    return json.loads(run.stdout)


def collect(args):
    rows = [json.loads(line) for line in gzip.open(args.qa, "rt", encoding="utf-8")]
    rng = random.Random(args.seed)
    titles = sorted({row["title"] for row in rows})
    rng.shuffle(titles)
    inside = set(titles[: len(titles) // 2])
    groups = {"answerable": [], "near miss": [], "out of scope": []}
    for row in rows:
        kind = "out of scope" if row["title"] not in inside else "answerable" if row["answerable"] else "near miss"
        if kind != "out of scope" or row["answerable"]:
            groups[kind].append(row)
    data = []
    with tempfile.TemporaryDirectory() as folder:
        for number, context in enumerate(sorted({row["context"] for row in rows if row["title"] in inside})):
            pathlib.Path(folder, f"{number:05d}.txt").write_text(context, encoding="utf-8")
        subprocess.run([args.binary, "index", "--db", folder, folder], check=True, capture_output=True)
        for kind, members in groups.items():
            for row in rng.sample(members, min(len(members), args.questions // 3)):
                data.append({"kind": kind, "lexical": False, **ask(args.binary, folder, row["question"])["evidence_features"]})
                data.append({"kind": kind, "lexical": True,
                             **ask(args.binary, folder, row["question"], ["--mode", "lexical"])["evidence_features"]})
    return data


def fit(X, y, weights, ridge=1e-2):
    X = np.hstack([np.ones((len(X), 1)), X])
    w = np.zeros(X.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-X @ w))
        gradient = X.T @ (weights * (p - y)) + ridge * w
        hessian = (X * (weights * p * (1 - p))[:, None]).T @ X + ridge * np.eye(len(w))
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w


def report(name, data, features, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data))
    X = np.array([[data[i][f] for f in features] for i in order])
    kinds = np.array([data[i]["kind"] for i in order])
    y = (kinds == "answerable").astype(float)
    weights = np.array([WEIGHT[k] for k in kinds])
    half = len(y) // 2
    w = fit(X[:half], y[:half], weights[:half])
    p = 1 / (1 + np.exp(-(np.hstack([np.ones((len(X) - half, 1)), X[half:]]) @ w)))
    print(f"{name}: intercept {w[0]:.3f}", *[f"{f} {v:.3f}" for f, v in zip(features, w[1:])], sep="\n  ")
    print("  threshold  answerable refused  out of scope refused  near misses refused")
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        refused = {k: np.mean(p[kinds[half:] == k] < threshold) for k in WEIGHT}
        print(f"  {threshold:9.1f}  {refused['answerable']:18.3f}  {refused['out of scope']:20.3f}  {refused['near miss']:19.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("qa")
    parser.add_argument("binary")
    parser.add_argument("--questions", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save")
    parser.add_argument("--load")
    args = parser.parse_args()
    data = json.load(open(args.load)) if args.load else collect(args)
    if args.save:
        json.dump(data, open(args.save, "w"))
    report("with embeddings", [d for d in data if not d["lexical"]], WITH_EMBEDDINGS, args.seed)
    report("words alone", [d for d in data if d["lexical"]], WORDS_ALONE, args.seed)


if __name__ == "__main__":
    main()
