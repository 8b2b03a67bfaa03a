#!/usr/bin/env python3
"""The ten vectors of the largest cosine for each of the first 1,000 rows, among the rest: rows as int32.

usage: truth.py VECTORS.npy TRUTH [--queries 1000]
"""
import argparse, numpy as np

p = argparse.ArgumentParser()
p.add_argument('vectors'); p.add_argument('truth'); p.add_argument('--queries', type=int, default=1000)
a = p.parse_args()
v = np.load(a.vectors, mmap_mode='r')
q = np.array(v[:a.queries], np.float32)
q /= np.linalg.norm(q, axis=1, keepdims=True)
scores = np.full((a.queries, 0), 0, np.float32)
rows = np.full((a.queries, 0), 0, np.int64)
for start in range(a.queries, len(v), 50000):
    part = np.array(v[start:start + 50000], np.float32)
    part /= np.linalg.norm(part, axis=1, keepdims=True)
    scores = np.concatenate([scores, q @ part.T], axis=1)
    rows = np.concatenate([rows, np.tile(np.arange(start, start + len(part)), (a.queries, 1))], axis=1)
    keep = np.argpartition(-scores, 9, axis=1)[:, :10]
    scores, rows = np.take_along_axis(scores, keep, 1), np.take_along_axis(rows, keep, 1)
rows.astype(np.int32).tofile(a.truth)
