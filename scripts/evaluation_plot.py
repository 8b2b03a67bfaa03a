#!/usr/bin/env python3
"""Draws what `scripts/ablation.py --out FILE.json` measured: the plain pipeline beside everything, and the risk–coverage curve.

usage: evaluation_plot.py ABLATION.json OUT.svg          Needs matplotlib.
"""
import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

matplotlib.rcParams["svg.hashsalt"] = "footnote"
BARS = [("right passage\namong three", "hit@3 reranked"), ("holds the answer\nin 60 words", "contains answer"),
        ("fact\n(token F1)", "fact token f1"), ("statements\ncited", "sentences cited"),
        ("out of scope\nrefused", "refused out of scope")]


def main():
    reports = json.load(open(sys.argv[1]))
    plain, full = next(r for n, r in reports.items() if n.startswith("plain")), reports["everything"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=[2, 1])
    value = lambda report, key: report["measures"].get(key, {"value": 0})["value"]
    for offset, report, label, colour in ((-0.2, plain, "plain pipeline, same models", "#b0b7c0"), (0.2, full, "Footnote", "#0969da")):
        heights = [value(report, key) for _, key in BARS]
        bars = left.bar([i + offset for i in range(len(BARS))], heights, 0.38, label=label, color=colour)
        left.bar_label(bars, [f"{h:.2f}" for h in heights], fontsize=8)
    left.set_xticks(range(len(BARS)), [title for title, _ in BARS], fontsize=8)
    left.set_ylim(0, 1.15)
    left.legend(frameon=False, fontsize=8, loc="upper left", ncols=2)
    points = full["risk_coverage"]
    right.plot([p["coverage"] for p in points], [p["risk"] for p in points], marker="o", color="#0969da")
    right.set_xlabel("share of questions answered, most evidence first", fontsize=8)
    right.set_ylabel("wrong answers among them", fontsize=8)
    right.set_ylim(0, None)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    figure.tight_layout()
    figure.savefig(sys.argv[2], metadata={"Date": None})


if __name__ == "__main__":
    main()
