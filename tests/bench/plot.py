#!/usr/bin/env python3
"""plot.py CSV SVG - the chart of the README from the figures of the benchmark. Standard library only.

Upper row: time over floor by problem and peer, one input and a batch of 64. Below: by width and depth, both layouts.
"""
import csv
import math
import sys
from html import escape

INK, SOFT, GRID = "#1f2328", "#59636e", "#e3e6ea"
PEERS = [  # how its name begins in the CSV, label, colour, mark
    ("jacobian.h, M", "jacobian.h, JAC_DENSE", "#0b62c4", "disc"),
    ("jacobian.h T, M", "jacobian.h, JAC_DENSE_T", "#0b62c4", "ring"),
    ("jacobian.h, JAC_NO_SIMD", "jacobian.h, JAC_NO_SIMD", "#7fb2e8", "disc"),
    ("OpenBLAS", "C on OpenBLAS", "#d1690e", "square"),
    ("NumPy", "NumPy", "#4d8f3a", "diamond"),
    ("textbook", "textbook C, -O3", "#8a8f98", "triangle"),
]
DEPTHS = [(1, "#9cc3ee"), (4, "#3f8ad8"), (16, "#0a3f80")]
out = []


def text(x, y, words, size=12, anchor="start", colour=INK, weight="normal"):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{escape(words)}</text>')


def line(x1, y1, x2, y2, colour=GRID, width=1.0):
    out.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>')


def mark(x, y, colour, shape, r=4.5):
    if shape in ("disc", "ring"):
        fill = colour if shape == "disc" else "white"
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{fill}" stroke="{colour}" stroke-width="1.6"/>')
        return
    corners = {"square": [(-1, -1), (1, -1), (1, 1), (-1, 1)], "diamond": [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
               "triangle": [(0, -1.2), (1.2, 0.9), (-1.2, 0.9)]}[shape]
    points = " ".join(f"{x + 0.9 * r * a:.1f},{y + 0.9 * r * b:.1f}" for a, b in corners)
    out.append(f'<polygon points="{points}" fill="{colour}"/>')


def number(value):
    return f"{value:g}"


def log_scale(low, high, from_px, to_px):
    """A map from value to pixel, and the ticks 1, 2, 5 that lie on it."""
    def at(value):
        return from_px + (to_px - from_px) * math.log(value / low) / math.log(high / low)
    ticks = [m * 10.0 ** e for e in range(-2, 5) for m in (1, 2, 5)]
    return at, [t for t in ticks if low <= t * 1.0001 and t <= high * 1.0001]


def by_problem(rows, left, top, width, title, names, labels):
    """One row a problem, a mark a peer, the library's a little above; time over floor to the right, on a log scale."""
    high, step = 700, 36
    at, ticks = log_scale(0.5, high, left, left + width)
    bottom = top + step * len(names)
    text(left, top - 14, title, 13, weight="600")
    for t in ticks:
        line(at(t), top, at(t), bottom, INK if t == 1 else GRID, 1.2 if t == 1 else 1)
        text(at(t), bottom + 16, number(t), 11, "middle", SOFT)
    text(left + width / 2, bottom + 33, "time / floor", 11, "middle", SOFT)
    for k, name in enumerate(names):
        y = top + step * (k + 0.5)
        line(left, y, left + width, y, GRID)
        if labels:
            sizes = next((r["sizes"] for r in rows if r["problem"] == name), "")
            text(left - 10, y - 1, name, 12, "end", weight="600")
            text(left - 10, y + 11, sizes, 9.5, "end", SOFT)
        for begins, _, colour, shape in reversed(PEERS):
            for r in rows:
                if r["problem"] == name and r["key"].startswith(begins):
                    mark(at(min(max(float(r["over_floor"]), 0.5), high)), y + (-4 if begins.startswith("jac") else 5), colour, shape)
    return bottom + 36


def by_width(rows, left, top, width, height, title, layout):
    """Lines over the width, one a depth: discs at powers of two, rings at one more."""
    at_x, _ = log_scale(16, 4500, left + 12, left + width - 8)
    at_y, ticks = log_scale(0.7, 30, top + height, top)
    text(left, top - 14, title, 13, weight="600")
    for t in ticks:
        line(left, at_y(t), left + width, at_y(t), INK if t == 1 else GRID, 1.2 if t == 1 else 1)
        text(left - 7, at_y(t) + 4, number(t), 11, "end", SOFT)
    for e in range(4, 13):
        text(at_x(2 ** e), top + height + 16, str(2 ** e), 11, "middle", SOFT)
    text(left + width / 2, top + height + 33, "width of the layers", 11, "middle", SOFT)
    for depth, colour in DEPTHS:
        points = sorted((int(r["problem"].split()[1]), float(r["over_floor"])) for r in rows
                        if r["problem"].endswith(f" depth {depth}") and r["key"].startswith(layout))
        even = [(at_x(w), at_y(min(max(v, 0.7), 30))) for w, v in points if w & (w - 1) == 0]
        odd = [(at_x(w) + 6, at_y(min(max(v, 0.7), 30))) for w, v in points if w & (w - 1)]
        out.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in even)}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        for x, y in odd:
            mark(x, y, colour, "ring", 2.6)
        for x, y in even:
            mark(x, y, colour, "disc", 3)


def main(source, target):
    with open(source, newline="") as f:
        machine = f.readline().lstrip("# ").strip()
        rows = [r for r in csv.DictReader(f) if r["type"] == "double"]
    if not rows:
        sys.exit("plot.py: no figures in double in " + source)
    own = rows[0]["peer"].split(", ", 1)[1]                     # the main build, as in "jacobian.h, gcc -O2"
    for r in rows:
        r["key"] = r["peer"].replace(", " + own, ", M")
    names = list(dict.fromkeys(r["problem"] for r in rows if " " not in r["problem"]))
    wide = 900
    text(24, 32, "Time for y and J over the floor of the machine, double, one thread", 16, weight="600")
    text(24, 51, "The floor is computed from the peak and the bandwidths measured in the same run; the library is built by " + own + ".", 11.5, colour=SOFT)
    x = 24.0
    for k, (_, label, colour, shape) in enumerate(PEERS):
        mark(x + 5, 76, colour, shape)
        text(x + 15, 80, label, 11.5)
        x += 28 + 6.9 * len(label)
    top = 124
    bottom = by_problem([r for r in rows if r["batch"] == "1"], 130, top, 350, "one input a call", names, True)
    by_problem([r for r in rows if r["batch"] == "64"], 510, top, 350, "a batch of 64", names, False)
    swept = [r for r in rows if r["problem"].startswith("width ")]
    height = bottom + 20
    if swept:
        top = bottom + 66
        x = 24.0
        text(x, top - 34, "by width; hidden layers:", 11.5)
        x += 168
        for depth, colour in DEPTHS:
            mark(x, top - 38, colour, "disc", 3)
            text(x + 9, top - 34, str(depth), 11.5)
            x += 38
        text(x, top - 34, "disc: width 2^k, ring: 2^k + 1; 10 outputs", 11.5, colour=SOFT)
        by_width(swept, 60, top + 10, 380, 190, "JAC_DENSE", "jacobian.h, M")
        by_width(swept, 500, top + 10, 380, 190, "JAC_DENSE_T", "jacobian.h T, M")
        height = top + 260
    text(24, height, machine, 10.5, colour=SOFT)
    height += 18
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height:.0f}" width="{wide}" height="{height:.0f}" '
            'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" role="img" '
            'aria-label="time over floor by problem and peer, and by width">')
    with open(target, "w") as f:
        f.write("\n".join([head, f'<rect width="{wide}" height="{height:.0f}" fill="white"/>'] + out + ["</svg>", ""]))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
