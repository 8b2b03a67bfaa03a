#!/usr/bin/env python3
"""What each way of cutting documents does to finding them: one line for each collection, length of documents and strategy.

    scripts/chunking_eval.py COLLECTIONS RESULTS [--footnote .build/release/footnote] [--sets a,b] [--strategies a,b] [--joins 1,8]

COLLECTIONS holds folders as `footnote eval retrieval` reads them. With a join of 8 eight documents make one file without
headings, so that it matters where it is cut: a passage counts for every document that it overlaps. Reports are kept in
RESULTS as JSON, and not made again when they are there. `--table` prints what is there as Markdown.
"""
import argparse, json, os, subprocess, sys, time

STRATEGIES = "structured,fixed,recursive,sentence-window,parent-child,semantic,late"
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("collections")
parser.add_argument("results")
parser.add_argument("--footnote", default=".build/release/footnote")
parser.add_argument("--sets", default="cranfield,cisi,scifact,cmrc2018-zh")
parser.add_argument("--strategies", default=STRATEGIES)
parser.add_argument("--joins", default="1,8")
parser.add_argument("--tokens", type=int, help="longest passage, instead of each strategy's own")
parser.add_argument("--sample", type=int, default=400, help="most queries of a collection")
parser.add_argument("--table", action="store_true")
options = parser.parse_args()


def path(name, strategy, join):
    return os.path.join(options.results, f"{name}-{strategy}-{options.tokens or 'own'}-{join}.json")


def measure(name, strategy, join):
    command = [options.footnote, "eval", "retrieval", os.path.join(options.collections, name), "--chunking", strategy,
               "--join", str(join), "--sample", str(options.sample), "--json"]
    if options.tokens:
        command += ["--chunk-tokens", str(options.tokens)]
    start = time.time()
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(command)}: {run.stderr}")
    report = json.loads(run.stdout)
    report["wall_seconds"] = round(time.time() - start, 1)
    with open(path(name, strategy, join), "w") as file:
        json.dump(report, file)


def table():
    ways = ["lexical", "dense", "hybrid"]
    figures = ["ndcg@10", "recall@5", "recall@10", "recall@100"]
    for join in map(int, options.joins.split(",")):
        print(f"\n{'Documents one by one' if join == 1 else f'{join} documents to a file'}:\n")
        print("| collection | strategy | " + " | ".join(f"{f} {w}" for f in figures for w in ways) + " |")
        print("|---|---|" + "---|" * (len(ways) * len(figures)))
        for name in options.sets.split(","):
            for strategy in options.strategies.split(","):
                if not os.path.exists(path(name, strategy, join)):
                    continue
                with open(path(name, strategy, join)) as file:
                    measures = json.load(file)["measures"]
                value = lambda key: measures.get(key) or measures.get(key.replace("@", "_")) or {}
                print(f"| {name} | {strategy} | " + " | ".join(f"{value(f'{f} {w}').get('value', float('nan')):.3f}" for f in figures for w in ways) + " |")


os.makedirs(options.results, exist_ok=True)
if options.table:
    table()
else:
    for name in options.sets.split(","):
        for join in map(int, options.joins.split(",")):
            for strategy in options.strategies.split(","):
                if not os.path.exists(path(name, strategy, join)):
                    measure(name, strategy, join)
                    print(time.strftime("%H:%M:%S"), name, join, strategy, flush=True)
