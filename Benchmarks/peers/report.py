"""Writes the figures of measure.py into the documentation: a table and a plot of the ratios.

usage: report.py RESULTS.json DOCS_FOLDER
"""
import json
import pathlib
import re
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "footnote"
import matplotlib.pyplot as plot


def number(value):
    return "—" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(results):
    lines = ["| what | unit | Footnote | against | | ratio | at least |", "|---|---|---:|---|---:|---:|---|"]
    for row in results["rows"]:
        chunks = f" ({row['chunks']:,} chunks)" if "chunks" in row else ""
        ratio = f"**{row['ratio']:.2f}×**" if row["ratio"] else "—"
        lines.append(f"| {row['what']}{chunks} | {row['unit']} | {number(row['footnote'])} | {row['peer_name'] or '—'} "
                     f"| {number(row['peer'])} | {ratio} | {row['target'] or '—'} |")
    machine = results["machine"]
    return "\n".join(lines) + f"\n\nMeasured on {machine['processor']}, {machine['threads']} threads.\n\n![ratios](benchmarks.svg)"


def draw(results, path):
    rows = [row for row in results["rows"] if row["ratio"]][::-1]
    figure, axes = plot.subplots(figsize=(8.5, 0.6 * len(rows) + 1.1))
    names = [f"{row['what']}\nagainst {row['peer_name']}" for row in rows]
    bars = axes.barh(names, [row["ratio"] for row in rows], color="#3465a4", height=0.55)
    axes.bar_label(bars, [f" {row['ratio']:.2f}×" for row in rows], fontsize=9)
    for position, row in enumerate(rows):
        if goal := re.search(r"[\d.]+", row["target"] or ""):
            axes.plot([float(goal.group())] * 2, [position - 0.38, position + 0.38], color="#cc0000", linewidth=2)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("speed relative to the peer, same machine, same run (red: goal)")
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    results = json.loads(pathlib.Path(sys.argv[1]).read_text())
    docs = pathlib.Path(sys.argv[2])
    page = docs / "benchmarks.md"
    text = page.read_text()
    begin, end = "<!-- figures: made by Benchmarks/peers/report.py -->\n", "\n<!-- end of figures -->"
    head, rest = text.split(begin, 1)
    page.write_text(head + begin + table(results) + end + rest.split(end, 1)[1])
    draw(results, docs / "benchmarks.svg")


main()
