#!/usr/bin/env python3
"""The vector index beside its peers on a file of vectors: builds and searches each, one after the other.

usage: run.py VECTORS.npy FOLDER [--json FILE] [--systems ours,hnswlib,faiss,usearch-f32,usearch-i8,sqlite-vec]
              [--only build|search] [--processor] [--binary .build/release/vector-benchmark] [--width 200]

VECTORS.npy: float32, one vector a row; the first 1,000 are the questions. FOLDER keeps the indexes, so that searches can be
repeated without building. --processor: rates by the processor's time and not the clock's, for a machine that has
other work to do. Recall is against exact search. Needs numpy, hnswlib, faiss-cpu, usearch and sqlite-vec; the last one also apsw
where Python's own SQLite loads no extensions.
"""
import argparse, json, math, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
RECALLS = (0.95, 0.98, 0.99)


class Failed(Exception):
    pass


def lines(command):
    process = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if process.returncode:
        raise Failed(f'{command[0]} {command[1]} failed')
    return [json.loads(line) for line in process.stdout.splitlines() if line.startswith('{')]


def rate_at(points, recall, rate):
    """Queries a second at a recall: between two measured points on a straight line of log rate over log miss."""
    points = sorted((p['recall'], p[rate]) for p in points)
    miss = lambda r: math.log(max(1 - r, 1e-4))
    for (r0, q0), (r1, q1) in zip(points, points[1:]):
        if r0 <= recall <= r1 and r1 > r0:
            t = (miss(recall) - miss(r0)) / (miss(r1) - miss(r0))
            return math.exp(math.log(q0) + t * (math.log(q1) - math.log(q0)))
    return None


def main():
    p = argparse.ArgumentParser()
    p.add_argument('vectors'); p.add_argument('folder', type=pathlib.Path); p.add_argument('--json'); p.add_argument('--only')
    p.add_argument('--systems', default='ours,hnswlib,faiss,usearch-f32,usearch-i8,sqlite-vec')
    p.add_argument('--binary', default=HERE / '.build/release/vector-benchmark'); p.add_argument('--width', default='200')
    p.add_argument('--widths', default='20,40,60,80,120,200,300')
    p.add_argument('--processor', action='store_const', dest='rate', const='queries_per_processor_second', default='queries_per_second')
    a = p.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    stem = a.folder / pathlib.Path(a.vectors).stem
    truth = f'{stem}.truth'
    if not pathlib.Path(truth).exists():
        subprocess.run([sys.executable, HERE / 'truth.py', a.vectors, truth], check=True)
    results = {}
    for system in a.systems.split(','):
        try:
            done = measure(a, system, f'{stem}.{system}', truth)
        except Failed as failure:
            print(f'{system}: {failure}; left out')
            continue
        results[system] = done
        show(system, done, a.rate)
    if a.only != 'build':
        compare(results, a.rate)
    if a.json:
        pathlib.Path(a.json).write_text(json.dumps(results, indent=1) + '\n')


def measure(a, system, file, truth):
    peer = [sys.executable, HERE / 'peers.py', system]
    done = []
    if a.only != 'search':
        done += lines([a.binary, 'build', a.vectors, file, '--width', a.width] if system == 'ours' else peer + ['build', a.vectors, file])
    if a.only == 'build':
        return done
    searching = [a.vectors, file, '--truth', truth, '--widths', a.widths]
    if system == 'ours':
        return done + lines([a.binary, 'first', a.vectors, file]) + lines([a.binary, 'search'] + searching)
    return done + lines(peer + ['search'] + searching)


def show(system, done, rate):
    print(f'{system}:')
    for d in done:
        if d['what'] == 'build':
            print(f"  built {d['vectors']} in {d['seconds']:.1f} s ({d['processor_seconds']:.1f} s of processors), {d['bytes'] / 1e6:.0f} MB on disk")
        elif d['what'] == 'first':
            print(f"  opened, first answer after {d['open_and_answer_ms']:.1f} ms")
        elif d['pass'] > 1 or d['width'] == 10:
            print(f"  width {d['width']:4d}  recall@10 {d['recall']:.4f}  {d[rate]:8.0f} queries/s  "
                  f"{d['anonymous'] / 1e6:6.0f} MB of memory")


def compare(results, rate):
    print('queries/s, one thread, at recall@10 of ' + ', '.join(map(str, RECALLS)))
    for system, done in results.items():
        points = [d for d in done if d['what'] == 'search' and d['pass'] > 1]
        rates = [rate_at(points, recall, rate) for recall in RECALLS]
        print(f'  {system:12s}', *(f'{r:8.0f}' if r else '       -' for r in rates))


main()
