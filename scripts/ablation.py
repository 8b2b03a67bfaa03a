#!/usr/bin/env python3
"""What each stage of answering is worth: `footnote eval qa` with all stages, and with each left out, as a table.

usage: ablation.py [--footnote PATH] [--work FOLDER] [--out FILE.json] -- ARGUMENTS OF eval qa

The same questions are asked each time (--sample and --seed are passed on), on the same knowledge base.
"""
import argparse
import json
import subprocess
import sys
import tempfile

STAGES = ["reader", "reranking", "sentences", "check", "facts"]
VARIANTS = ([("everything", [])] + [(f"without {stage}", ["--without", stage]) for stage in STAGES]
            + [("quotes alone (`--extractive`)", ["--extractive"]),
               ("plain: none of them, nothing refused", sum((["--without", s] for s in STAGES), []) + ["--min-evidence", "0"])])
COLUMNS = [("hit@1", "hit@1 reranked"), ("hit@3", "hit@3 reranked"), ("contains answer", "contains answer"),
           ("fact F1", "fact token f1"), ("cited", "sentences cited"), ("right passage cited", "citations to the passage"),
           ("wrongly supported", "wrongly supported"), ("wrongly refused", "wrongly refused"),
           ("out of scope refused", "refused out of scope"), ("near misses refused", "refused near misses"),
           ("first word, s", "seconds to first word"), ("answer, s", "seconds to answer"), ("tokens read", "tokens read")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--footnote", default=".build/release/footnote")
    parser.add_argument("--work")
    parser.add_argument("--out")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    rest = arguments.rest[1:] if arguments.rest[:1] == ["--"] else arguments.rest
    reports = {}
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or temporary
        for name, flags in VARIANTS:
            command = [arguments.footnote, "eval", "qa", "--json", "--work", work, *rest, *flags]
            reports[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            print(name, file=sys.stderr)
    if arguments.out:
        json.dump(reports, open(arguments.out, "w"), indent=1, ensure_ascii=False)
    print("| stages | " + " | ".join(title for title, _ in COLUMNS) + " |")
    print("|---|" + "---|" * len(COLUMNS))
    for name, report in reports.items():
        values = [report["measures"].get(key) for _, key in COLUMNS]
        digits = ["–" if v is None else f"{v['value']:.0f}" if v["value"] >= 10 else f"{v['value']:.2f}" for v in values]
        print(f"| {name} | " + " | ".join(digits) + " |")


if __name__ == "__main__":
    main()
