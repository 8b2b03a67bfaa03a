#!/usr/bin/env python3
"""One peer of the vector index, timed: builds and saves an index, or loads one and searches; prints lines of JSON.

usage: peers.py NAME build|search VECTORS.npy FILE [--truth TRUTH] [--queries 1000] [--widths 20,40,...] [--threads 2]
                [--passes 2] [--warm 0]

NAME is hnswlib, faiss, usearch-f32, usearch-i8 or sqlite-vec. Parameters are those of the vector index: M 16,
efConstruction 200, inner products of unit vectors. The first rows of VECTORS are questions and stay out of the index.
"""
import argparse, json, os, sqlite3, time
import numpy as np

NEIGHBORS, CONSTRUCTION = 16, 200


class HNSWLib:
    def __init__(self, dimension):
        import hnswlib
        self.index = hnswlib.Index('ip', dimension)

    def build(self, vectors, path, threads):
        self.index.init_index(len(vectors), M=NEIGHBORS, ef_construction=CONSTRUCTION)
        self.index.set_num_threads(threads)
        self.index.add_items(vectors)
        self.index.save_index(path)

    def load(self, path):
        self.index.load_index(path)
        self.index.set_num_threads(1)

    def search(self, queries, width):
        self.index.set_ef(width)
        return self.index.knn_query(queries, 10)[0]


class Faiss:
    def __init__(self, dimension):
        import faiss
        self.faiss = faiss
        self.index = faiss.IndexHNSWFlat(dimension, NEIGHBORS, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = CONSTRUCTION

    def build(self, vectors, path, threads):
        self.faiss.omp_set_num_threads(threads)
        self.index.add(vectors)
        self.faiss.write_index(self.index, path)

    def load(self, path):
        self.index = self.faiss.read_index(path)
        self.faiss.omp_set_num_threads(1)

    def search(self, queries, width):
        self.index.hnsw.efSearch = width
        return self.index.search(queries, 10)[1]


class USearch:
    def __init__(self, dimension, dtype):
        from usearch.index import Index
        self.index = Index(ndim=dimension, metric='cos', dtype=dtype, connectivity=NEIGHBORS, expansion_add=CONSTRUCTION)

    def build(self, vectors, path, threads):
        self.index.add(np.arange(len(vectors)), vectors, threads=threads)
        self.index.save(path)

    def load(self, path):
        self.index.load(path)

    def search(self, queries, width):
        self.index.expansion_search = width
        return self.index.search(queries, 10, threads=1).keys


class SQLiteVec:
    """Looks at every vector: it has no width, and few questions say enough."""
    exact = True

    def __init__(self, dimension):
        self.dimension = dimension

    def open(self, path):
        """With Python's own SQLite where it loads extensions, else with apsw's. Both have `execute` and `executemany`."""
        import sqlite_vec
        if hasattr(sqlite3.Connection, 'enable_load_extension'):
            self.db = sqlite3.connect(path, isolation_level=None)
            self.db.enable_load_extension(True)
            sqlite_vec.load(self.db)
        else:
            import apsw
            self.db = apsw.Connection(path)
            self.db.enable_load_extension(True)
            self.db.load_extension(sqlite_vec.loadable_path())

    def build(self, vectors, path, threads):
        self.open(path)
        self.db.execute(f'CREATE VIRTUAL TABLE v USING vec0(vector float[{self.dimension}] distance_metric=cosine)')
        self.db.execute('BEGIN')
        self.db.executemany('INSERT INTO v (rowid, vector) VALUES (?, ?)', ((i, x.tobytes()) for i, x in enumerate(vectors)))
        self.db.execute('COMMIT')
        self.db.close()

    def load(self, path):
        self.open(path)

    def search(self, queries, width):
        sql = 'SELECT rowid FROM v WHERE vector MATCH ? AND k = 10 ORDER BY distance'
        return np.array([[row[0] for row in self.db.execute(sql, (q.tobytes(),))] for q in queries])


PEERS = {
    'hnswlib': HNSWLib, 'faiss': Faiss, 'sqlite-vec': SQLiteVec,
    'usearch-f32': lambda d: USearch(d, 'f32'), 'usearch-i8': lambda d: USearch(d, 'i8'),
}


def memory():
    values = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)
    return {name: int(values[key].split()[0]) * 1024 for name, key in (('resident', 'VmRSS'), ('anonymous', 'RssAnon'))}


def report(**values):
    print(json.dumps(values, sort_keys=True), flush=True)


def unit(vectors):
    vectors = np.array(vectors, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('name', choices=PEERS); p.add_argument('what', choices=['build', 'search'])
    p.add_argument('vectors'); p.add_argument('file')
    p.add_argument('--truth'); p.add_argument('--queries', type=int, default=1000); p.add_argument('--threads', type=int, default=2)
    p.add_argument('--widths', default='20,40,60,80,120,200,300'); p.add_argument('--passes', type=int, default=2)
    p.add_argument('--warm', type=int, default=0, help='answer so many other questions first, rows from the end')
    a = p.parse_args()
    vectors = np.load(a.vectors, mmap_mode='r')
    before = memory()
    peer = PEERS[a.name](vectors.shape[1])
    if a.what == 'build':
        base = unit(vectors[a.queries:])
        if os.path.exists(a.file):
            os.remove(a.file)
        start, processor = time.time(), time.process_time()
        peer.build(base, a.file, a.threads)
        report(what='build', vectors=len(base), seconds=time.time() - start, processor_seconds=time.process_time() - processor,
               bytes=os.path.getsize(a.file))
        return
    queries = unit(vectors[:a.queries])
    truth = np.fromfile(a.truth, np.int32).reshape(-1, 10)[:a.queries] - a.queries
    start = time.time()
    peer.load(a.file)
    peer.search(queries[:1], 20)
    report(what='first', open_and_answer_ms=(time.time() - start) * 1e3)
    if a.warm:
        rows = len(vectors) - np.arange(1, a.warm + 1) * (len(vectors) // (a.warm + 1))
        peer.search(unit(vectors[np.sort(rows)]), 60)
    if getattr(peer, 'exact', False):
        queries, truth, widths, passes = queries[:20], truth[:20], [10], 1
    else:
        widths, passes = map(int, a.widths.split(',')), a.passes
    for width in widths:
        for number in range(1, passes + 1):
            start, processor = time.time(), time.process_time()
            found = peer.search(queries, width)
            seconds, processor = time.time() - start, time.process_time() - processor
            recall = np.mean([len(set(x) & set(y)) / 10 for x, y in zip(found.tolist(), truth.tolist())])
            report(what='search', width=width, recall=float(recall), queries_per_second=len(queries) / seconds,
                   queries_per_processor_second=len(queries) / processor, **{'pass': number}, **memory(),
                   own=memory()['anonymous'] - before['anonymous'])


main()
