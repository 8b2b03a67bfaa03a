#!/usr/bin/env python3
"""Draws how time and size grow with the number of vectors.

usage: plot.py POINTS.json PICTURE.svg

POINTS: a list of {"vectors": n, "microseconds": per query at recall 0.98, "bytes": of the file}; the axes are logarithmic.
"""
import json, math, sys

points = json.load(open(sys.argv[1]))
WIDTH, HEIGHT, LEFT, TOP, W, H = 640, 250, 60, 30, 230, 170


def panel(x0, title, values, unit, low, high):
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
    spots = [place(n, v) for n, v in values]
    parts.append('<polyline fill="none" stroke="#2a6" stroke-width="2" points="' + ' '.join(f'{x:.1f},{y:.1f}' for x, y in spots) + '"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#2a6"/>' for x, y in spots]
    parts.append(f'<text x="{x0 + W / 2}" y="{TOP + H + 36}" text-anchor="middle">vectors; {unit}</text>')
    return parts


body = panel(LEFT, 'time of a query', [(p['vectors'], p['microseconds']) for p in points], 'microseconds', 1, 3)
body += panel(LEFT + 310, 'size of the file', [(p['vectors'], p['bytes'] / 1e6) for p in points], 'megabytes', 1, 4)
open(sys.argv[2], 'w').write(
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">'
    f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>' + '\n'.join(body) + '</svg>\n')
