#!/usr/bin/env python3
"""Kills a process that changes a database, again and again, and checks after each time that nothing is lost or broken.

usage: kill_index.py [--kills 1000] [--seed 1] [--torture Benchmarks/ann/.build/release/vector-torture]

The process prints each transaction after its commit and is killed (SIGKILL) at a random moment after that. The database,
opened anew, must pass the deep check of the vector index and SQLite's own, hold exactly the documents, words and vectors of
the last printed transaction or of the one after it, and answer searches as a plain array does. Build the program before:
swift build -c release --package-path Benchmarks/ann
"""
import argparse, os, pathlib, random, signal, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(torture, database, seed, delay):
    """Starts the work, lets it go on for a while, kills it; returns the last transaction it printed, or None."""
    work = subprocess.Popen([torture, 'work', database, str(seed)], stdout=subprocess.PIPE)
    time.sleep(delay)
    ended = work.poll()
    work.send_signal(signal.SIGKILL)
    # What was cut off in the middle of a line was not printed whole, and its transaction is the one after the last.
    lines = work.stdout.read().decode().split('\n')[:-1]
    work.wait()
    if ended is not None:
        sys.exit(f'the work ended by itself with {ended}')
    return int(lines[-1]) if lines else None


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--kills', type=int, default=1000); p.add_argument('--seed', type=int, default=1)
    p.add_argument('--torture', default=ROOT / 'Benchmarks/ann/.build/release/vector-torture')
    a = p.parse_args()
    moments = random.Random(a.seed)
    with tempfile.TemporaryDirectory() as folder:
        database, last, fruitless = os.path.join(folder, 'killed.sqlite'), 0, 0
        for number in range(1, a.kills + 1):
            printed = run(a.torture, database, a.seed, moments.uniform(0.01, 0.4))
            fruitless += printed is None
            check = subprocess.run([a.torture, 'check', database, str(a.seed), str(printed or last)], capture_output=True, text=True)
            if check.returncode:
                sys.exit(f'after kill {number}: {check.stderr.strip()}')
            last = int(check.stdout)
            if number % 50 == 0:
                print(f'{number} kills, {last} transactions, {fruitless} before the first commit', flush=True)
    print(f'{a.kills} kills survived')


main()
