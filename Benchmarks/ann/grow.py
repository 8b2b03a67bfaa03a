#!/usr/bin/env python3
"""Grows a set of real embeddings to a larger one that is as hard to search.

usage: grow.py VECTORS.npy COUNT GROWN.npy [--seed 0]

The given vectors come first, unchanged (so that questions among them stay real). Each further vector is a child of a
real one: it lies at an angle from its parent that is drawn from the angles between real vectors and their 1st to 20th
nearest neighbours, in the direction of the difference of two other real vectors, so that what varies among the grown
is what varies among the real. The estimate of local intrinsic dimension (maximum likelihood over 20 neighbours; Levina
and Bickel 2004) is printed for questions against both sets.
"""
import argparse, numpy as np

p = argparse.ArgumentParser()
p.add_argument('vectors'); p.add_argument('count', type=int); p.add_argument('grown'); p.add_argument('--seed', type=int, default=0)
a = p.parse_args()
random = np.random.default_rng(a.seed)
real = np.load(a.vectors).astype(np.float32)
real /= np.linalg.norm(real, axis=1, keepdims=True)
n, d = real.shape


def nearest(queries, base, count):
    """The `count` largest cosines of each query, descending; without the query itself."""
    found = []
    for i in range(0, len(queries), 100):
        s = queries[i:i + 100] @ base.T
        s[s > 0.99999] = -1
        found.append(-np.sort(-np.partition(s, -count, axis=1)[:, -count:], axis=1))
    return np.concatenate(found)


def dimension(cosines):
    distance = np.sqrt(np.maximum(2 - 2 * cosines, 1e-9))
    return float(np.mean((cosines.shape[1] - 1) / np.sum(np.log(distance[:, -1:] / distance[:, :-1]), axis=1)))


questions = real[:1000]
sample = nearest(real[random.choice(n, 1000, replace=False)], real, 20)
print(f'{n} real vectors: intrinsic dimension {dimension(nearest(questions, real[1000:], 20)):.1f}')
out = np.lib.format.open_memmap(a.grown, 'w+', np.float32, (a.count, d))
out[:n] = real
for start in range(n, a.count, 20000):
    rows = min(20000, a.count - start)
    parent, other, third = (real[random.integers(1000, n, rows)] for _ in range(3))
    direction = other - third
    direction -= np.sum(direction * parent, axis=1, keepdims=True) * parent
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
    cosine = sample[random.integers(0, len(sample), rows), random.integers(0, 20, rows)][:, None]
    child = cosine * parent + np.sqrt(np.maximum(1 - cosine ** 2, 0)) * direction
    out[start:start + rows] = child / np.linalg.norm(child, axis=1, keepdims=True)
out.flush()
print(f'{a.count} grown vectors: intrinsic dimension {dimension(nearest(questions, out[1000:], 20)):.1f}')
