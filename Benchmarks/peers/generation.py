"""Footnote and llama.cpp on the same model files, in turn; called by Benchmarks/generation.sh."""

import json
import os
import statistics
import subprocess
import sys

PROMPT, GENERATE, THREADS, ROUNDS = (
    int(os.environ.get(name, default)) for name, default in
    [("PROMPT", 512), ("GENERATE", 64), ("THREADS", 2), ("ROUNDS", 3)])


def run(command):
    """What a command prints, and the most memory that it held, in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed")
    return json.loads(output), usage.ru_maxrss * 1024


def footnote(path):
    figures, peak = run([
        os.environ["FOOTNOTE"], "model", "bench", path, "--prompt", str(PROMPT), "--generate", str(GENERATE),
        "--threads", str(THREADS), "--rounds", "1", "--json"])
    return figures["prefill_tokens_per_second"], figures["decode_tokens_per_second"], peak


def llama(path):
    rows, peak = run([
        os.environ["LLAMA_BENCH"], "-m", path, "-p", str(PROMPT), "-n", str(GENERATE), "-t", str(THREADS), "-r", "1",
        "-o", "json"])
    speeds = {(row["n_prompt"], row["n_gen"]): row["avg_ts"] for row in rows}
    return speeds[PROMPT, 0], speeds[0, GENERATE], peak


def main():
    print(f"prompt {PROMPT}, generate {GENERATE}, {THREADS} threads, medians of {ROUNDS} rounds\n")
    print("| file | what | Footnote | llama.cpp | ratio |\n|---|---|---:|---:|---:|")
    for path in sys.argv[1:]:
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(footnote(path))
            theirs.append(llama(path))
        name = os.path.basename(path)
        for index, (what, scale) in enumerate([("prefill, tokens/s", 1), ("decode, tokens/s", 1), ("memory, MB", 1e-6)]):
            a, b = (statistics.median(side[index] for side in sides) * scale for sides in (ours, theirs))
            print(f"| {name} | {what} | {a:,.1f} | {b:,.1f} | {a / b:.2f}× |", flush=True)


main()
