#!/usr/bin/env python3
"""Draws how time, memory and size grow with the number of vectors.

usage: plot.py POINTS.json PICTURE.svg

POINTS: a list of {"vectors": n, "new": microseconds of a new question at recall 0.98, "again": of one asked before, "hnswlib": of
hnswlib, "memory": bytes of the process, "hnswlib_memory": of hnswlib's, "bytes": of the file}; the axes are logarithmic.
"""
import json, math, sys

points = json.load(open(sys.argv[1]))
WIDTH, HEIGHT, TOP, W, H = 900, 270, 30, 220, 170
COLORS = {'this index, new': '#2a6', 'asked again': '#7c4', 'hnswlib': '#c63', 'this index': '#2a6', 'file': '#2a6'}


def panel(x0, title, lines, unit, low, high):
    first, last = 3.7, 6.2
    place = lambda n, v: (x0 + W * (math.log10(n) - first) / (last - first), TOP + H - H * (math.log10(v) - low) / (high - low))
    parts = [f'<text x="{x0}" y="{TOP - 12}" font-weight="bold">{title}</text>',
             f'<path d="M{x0} {TOP}V{TOP + H}H{x0 + W}" fill="none" stroke="#888"/>']
    for power in range(4, 7):
        x = place(10 ** power, 10 ** low)[0]
        parts.append(f'<text x="{x:.0f}" y="{TOP + H + 16}" text-anchor="middle">{10 ** power:,}</text>')
    for power in range(low, high + 1):
        y = place(10 ** first, 10 ** power)[1]
        parts.append(f'<text x="{x0 - 6}" y="{y + 4:.0f}" text-anchor="end">{10 ** power:,}</text>'
                     f'<path d="M{x0} {y:.0f}H{x0 + W}" stroke="#ddd"/>')
    for number, (name, values) in enumerate(lines):
        color, spots = COLORS[name], [place(n, v) for n, v in values]
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="' + ' '.join(f'{x:.1f},{y:.1f}' for x, y in spots) + '"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in spots]
        if len(lines) > 1:
            parts.append(f'<text x="{x0 + 10}" y="{TOP + 16 + 14 * number}" fill="{color}">{name}</text>')
    parts.append(f'<text x="{x0 + W / 2}" y="{TOP + H + 36}" text-anchor="middle">vectors; {unit}</text>')
    return parts


def line(name, key, scale=1.0):
    return name, [(p['vectors'], p[key] * scale) for p in points]


body = panel(60, 'time of a query at recall 0.98', [line('hnswlib', 'hnswlib'), line('this index, new', 'new'), line('asked again', 'again')],
             'microseconds', 1, 3)
body += panel(360, 'memory of the process', [line('hnswlib', 'hnswlib_memory', 1e-6), line('this index', 'memory', 1e-6)], 'megabytes', 1, 4)
body += panel(660, 'size of the file', [line('file', 'bytes', 1e-6)], 'megabytes', 1, 4)
open(sys.argv[2], 'w').write(
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">'
    f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>' + '\n'.join(body) + '</svg>\n')
