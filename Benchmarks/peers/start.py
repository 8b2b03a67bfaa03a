"""Time to the first piece of text and memory of Footnote's and llama.cpp's command lines; called by Benchmarks/generation.sh.

Both are started anew each time, in turn, with the same file, instructions, prompt and context length, at temperature 0; the
file lies in the page cache. Memory is the most that the process held, pages of the mapped file that it touched included.
"""

import os
import statistics
import subprocess
import sys
import time

THREADS, ROUNDS, CONTEXT = (
    int(os.environ.get(name, default)) for name, default in [("THREADS", 2), ("STARTS", 7), ("CONTEXT", 2048)])
CORES = sorted(os.sched_getaffinity(0))[:THREADS]
TOKENS = 64
INSTRUCTIONS = "Answer in one sentence."
SENTENCE = "The keys of the castle are kept by the porter, who hands them out at dawn and collects them again at dusk. "
# A few tokens, and about as many as evidence for an answer has.
PROMPTS = {"short": "Why is the sky blue?", "long": SENTENCE * 20 + "Who keeps the keys?"}


def footnote(path, prompt):
    return [os.environ["FOOTNOTE"], "generate", "--model", path, "--system", INSTRUCTIONS, "--max-tokens", str(TOKENS),
            "--temperature", "0", "--context", str(CONTEXT), prompt]


def llama(path, prompt):
    return [os.environ["LLAMA_COMPLETION"], "-m", path, "-sys", INSTRUCTIONS, "-p", prompt, "-n", str(TOKENS), "--temp", "0",
            "-c", str(CONTEXT), "-t", str(THREADS), "-st", "--no-display-prompt", "--simple-io", "-lv", "0"]


def run(command):
    """Seconds to the first byte, bytes held at most, and what was written."""
    # Footnote takes all cores that it is let have.
    os.sched_setaffinity(0, CORES)
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
    output = process.stdout.read(1)
    seconds = time.perf_counter() - start
    while piece := process.stdout.read(65536):
        output += piece
    _, status, usage = os.wait4(process.pid, 0)
    if status or not output:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
        sys.exit(f"{command[0]} failed: {said.strip()[-500:]}")
    return seconds, usage.ru_maxrss * 1024, output.decode(errors="replace").strip()


def main():
    print(f"\n{TOKENS} tokens written, context {CONTEXT}, {THREADS} threads, medians of {ROUNDS} starts\n")
    print("| file | what | Footnote | llama.cpp | ratio |\n|---|---|---:|---:|---:|")
    for path in sys.argv[1:]:
        for name, prompt in PROMPTS.items():
            sides = footnote(path, prompt), llama(path, prompt)
            texts = [run(command)[2] for command in sides]  # and bring the file into the page cache
            results = [[], []]
            for _ in range(ROUNDS):
                for side, command in zip(results, sides):
                    side.append(run(command))
            same = len(os.path.commonprefix(texts))
            for index, (what, scale) in enumerate([("to the first text, ms", 1e3), ("memory, MB", 1e-6)]):
                a, b = (statistics.median(row[index] for row in side) * scale for side in results)
                print(f"| {os.path.basename(path)}, {name} prompt | {what} | {a:,.0f} | {b:,.0f} | {a / b:.2f}× |", flush=True)
            print(f"start: the first {same} of {len(texts[0])} characters are the same", file=sys.stderr)


main()
