#!/usr/bin/env python3
"""make_references.py - the exact values that the accuracy tests are held against, by mpmath with 120 digits.

    python3 tests/make_references.py

writes tests/references_activations.h, tests/references_softmax.h and tests/references_nets.h, always the same bytes. With --mills
it prints the polynomials of GELU that stand in jacobian.h.
Every number is a hexadecimal float: exact inputs, and results rounded once. Inputs that are many (logits, weights) are not
stored: they come from a linear congruential generator, the same here and in tests/corpus.h, and are exact in jac_real.
No formula here cancels: a difference s_o - s_o^2, say, would lose as many digits as the softmax is saturated.

SPDX-License-Identifier: MIT
"""
import os
import sys
from fractions import Fraction
from mpmath import mp, mpf, exp, log1p, erfc, sqrt, pi, expm1, tanh, findroot, ldexp, cos, matrix, lu_solve

mp.dps = 120
HERE = os.path.dirname(os.path.abspath(__file__))
PRECISIONS = {"double": (53, -1074), "float": (24, -149)}     # bits, exponent of the smallest denormal


def fraction(v):
    man, e = v.man_exp
    return (Fraction(int(man)) if v > 0 else -Fraction(int(man))) * Fraction(2) ** int(e) if e > -20000 else Fraction(0)


def rounded(v, precision="double"):
    """v rounded once, half to even, as a Python float."""
    bits, least = PRECISIONS[precision]
    q = fraction(mpf(v))
    if q == 0:
        return 0.0
    a = abs(q)
    e = a.numerator.bit_length() - a.denominator.bit_length()
    if Fraction(2) ** e > a:
        e -= 1
    unit = Fraction(2) ** max(e - bits + 1, least)
    return float(round(q / unit) * unit)                      # round() of a Fraction: half to even


def hexa(v):
    """Short form of float.hex: no trailing zeros."""
    if v == 0:
        return "0"
    man, e = float(v).hex().split("p")
    man = man.rstrip("0").rstrip(".") if "." in man else man
    return man + "p" + str(int(e))


def pair(v):
    """v as the nearest double and what that leaves, the latter to 24 bits."""
    hi = rounded(v)
    return hi, rounded(mpf(v) - mpf(hi), "float")


class Lcg:
    """Knuth's MMIX generator; signed integers of `bits` bits from the top of its state."""

    def __init__(self, seed):
        self.state = seed

    def draw(self, bits):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> (63 - bits)) - 2**bits          # -2^bits .. 2^bits - 1

    def number(self, precision, m, e):
        """m 2^-e times a number in [-1, 1): exact in the type for m < 16."""
        bits = 49 if precision == "double" else 20
        return mpf(self.draw(bits) * m) * mpf(2) ** (-bits - e)


# ------------------------------------------------------------------------------------------------------------ activations

def sigma(v):
    return 1 / (1 + exp(-v))


def phi(v):
    return exp(-v * v / 2) / sqrt(2 * pi)


def Phi(v):
    return erfc(-v / sqrt(mpf(2))) / 2


ACTIVATIONS = {                                               # alpha 0.25 for leaky ReLU, 1.5 for ELU
    "LEAKY_RELU": lambda v: (v, mpf(1)) if v > 0 else (v / 4, mpf(1) / 4),
    "ELU": lambda v: (v, mpf(1)) if v > 0 else (expm1(v) * 3 / 2, exp(v) * 3 / 2),
    "TANH": lambda v: (tanh(v), 4 * exp(-2 * abs(v)) / (1 + exp(-2 * abs(v))) ** 2),
    "SIGMOID": lambda v: (sigma(v), sigma(v) * sigma(-v)),
    "SOFTPLUS": lambda v: (v + log1p(exp(-v)) if v > 0 else log1p(exp(v)), sigma(v)),
    "SILU": lambda v: (v * sigma(v), sigma(v) * (1 + v * sigma(-v))),
    "GELU": lambda v: (v * Phi(v), Phi(v) + v * phi(v)),
}
SILU_ZERO = findroot(lambda v: 1 + v + exp(v), -1.278)
GELU_ZERO = findroot(lambda v: Phi(v) + v * phi(v), -0.7518)


def mills(n=13):
    """The rows c_i0, c_i1 of H / k and of k S, i < n, see jac_impl_mills: interpolated where Chebyshev's polynomial of y is 0."""
    ratio, k = lambda t: Phi(-t) / phi(t), 1 / sqrt(2 * pi)
    functions = (lambda t: (1 / ratio(t) - t) / k, lambda t: k * (t - ratio(t)) / (t + GELU_ZERO))
    at = lambda x: 4 * (1 + x) / (mpf(6) / 5 - x)             # t
    y = [cos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    x = [sqrt((1 + v) / 2) for v in y]
    powers = matrix([[v ** i for i in range(n)] for v in y])
    columns = []
    for f in functions:
        for odd in (0, 1):                                    # f = even(y) + x odd(y)
            columns.append(lu_solve(powers, matrix([(f(at(v)) + (-1) ** odd * f(at(-v))) / 2 / v ** odd for v in x])))
    cells = [[mp.nstr(c[i], 17) for c in columns] for i in range(n)]
    width = [max(len(row[j]) for row in cells) for j in range(4)]
    return ",\n".join("    JAC_IMPL_ROW(" + ", ".join(c.rjust(w) for c, w in zip(row, width)) + ")" for row in cells)


def grid(name, precision):
    """Where it hurts: near 0, at the ends of the range, in saturation, near the zeros of the derivative."""
    bits, least = PRECISIONS[precision]
    points, lcg = [], Lcg(2026)

    def add(v):
        points.append(rounded(mpf(v), precision))

    for k in list(range(least, -40, 40 if precision == "double" else 9)) + list(range(-40, 8)):
        for sign in (1, -1):
            add(sign * mpf(2) ** k)
            add(sign * mpf(2) ** k * (1 + mpf(lcg.draw(52) + 2**52) / 2**53))
    for k in range(160):
        add(8 * mpf(lcg.draw(52)) / 2**52)
    ends = {"ELU": (-750, -690), "TANH": (-380, -345), "SIGMOID": (-750, -690), "SOFTPLUS": (-750, -690), "SILU": (-755, -690),
            "GELU": (-39, -35)} if precision == "double" else {"ELU": (-105, -80), "TANH": (-53, -40), "SIGMOID": (-105, -80),
            "SOFTPLUS": (-105, -80), "SILU": (-110, -80), "GELU": (-14.5, -12)}
    if name in ends:
        low, high = ends[name]
        for k in range(60):                                   # where the results become denormal
            v = low + (high - low) * (mpf(k) + mpf(lcg.draw(52)) / 2**53) / 60
            add(v)
            if name in ("TANH", "SIGMOID", "SOFTPLUS"):
                add(-v)
        for k in range(40):                                   # down to there
            add(mpf(low) ** (mpf(k) / 40) if low > 0 else -mpf(-low) ** (mpf(k) / 40))
    zero = {"SILU": SILU_ZERO, "GELU": GELU_ZERO}.get(name)
    if zero is not None:
        nearest = mpf(rounded(zero, precision))
        for k in range(-6, 7):
            add(nearest + k * mpf(2) ** (-bits + (1 if name == "SILU" else 0)))
        for k in range(80):                                   # just outside the window of the series, too
            add(-2 * mpf(lcg.draw(52) + 2**52) / 2**53)
        for k in range(1, bits + 1):
            for sign in (1, -1):
                add(zero + sign * mpf(2) ** -k)
                add(zero + sign * mpf(2) ** -k * mpf("0.77"))
    if name == "LEAKY_RELU":
        points = points[::8]
    return sorted(set(points))


def write_activations(out):
    out.write("typedef struct { double z, a, d; } reference_point;        /* z exact, a = act(z) and d = act'(z) rounded to double */\n")
    for precision in PRECISIONS:
        out.write("\n#if%s JAC_FLOAT\n" % ("ndef" if precision == "double" else "def"))
        for name, f in ACTIVATIONS.items():
            out.write("static const reference_point reference_%s[] = {\n" % name.lower())
            cells = []
            for z in grid(name, precision):
                a, d = f(mpf(z))
                cells.append("{ %s, %s, %s }" % (hexa(z), hexa(rounded(a)), hexa(rounded(d))))
            wrap(out, cells)
            out.write("};\n")
        out.write("#endif\n")


def wrap(out, cells):
    line = "   "
    for cell in cells:
        if len(line) + len(cell) + 2 > 140:
            out.write(line + "\n")
            line = "   "
        line += " " + cell + ","
    if line.strip():
        out.write(line + "\n")


# ---------------------------------------------------------------------------------------------------------------- softmax
# Logits of case (n, seed, m, e, top, gap): numbers of the generator times m 2^-e. Then z_top is set: gap = 0 to the largest
# of the others, so that the maximum is met twice; gap > 0 to that, rounded down to 1024ths, plus gap 16ths, which is exact.

GAPS = [8, 16, 32, 80, 160, 272, 320, 480, 576, 592, 640, 800, 1600]
DEEP = {"double": [3200, 4800, 8000, 11200, 11920], "float": [1280, 1440, 1648]}


def softmax_cases(precision):
    seed = 1
    for n in (2, 3, 10, 100, 1000):
        for gap in [0] + (GAPS[::1 if n <= 10 else 3 if n == 100 else 5] + DEEP[precision][::1 if n <= 10 else 2]):
            m, e = (1, 0) if n <= 10 else ((1, -5) if seed % 2 else (3, -1))
            seed += 1
            yield n, seed, m, e, seed * 7 % n, gap
    for n in (10, 100, 1000):                                 # wide random logits; equal logits
        for m, e in ((3, -3), (1, -6), (9, -4), (0, 0)):
            seed += 1
            yield n, seed, m, e, 0, -1


def logits(precision, case):
    n, seed, m, e, top, gap = case
    lcg = Lcg(seed)
    z = [lcg.number(precision, m, e) for _ in range(n)]
    if gap >= 0:
        others = [z[o] for o in range(n) if o != top]
        z[top] = mp.floor(max(others) * 1024) / 1024 + mpf(gap) / 16 if gap > 0 else max(others)
    return z


def write_softmax(out):
    out.write("""/* s_o and 1 - s_m for the logits of corpus.h, as a double and what that leaves: s = hi + lo */
typedef struct { unsigned n, seed; int m, e; unsigned top; int gap; unsigned step; } reference_logits;
typedef struct { double hi; float lo; } reference_pair;
""")
    for precision in PRECISIONS:
        out.write("\n#if%s JAC_FLOAT\n" % ("ndef" if precision == "double" else "def"))
        cases, cells = [], []
        for case in softmax_cases(precision):
            n = case[0]
            step = 25 if n == 1000 else 5 if n == 100 else 1
            cases.append("{ %s, %d }" % (", ".join(map(str, case)), step))
            z = logits(precision, case)
            m = max(range(n), key=lambda o: (z[o], -o))
            e = [exp(v - z[m]) for v in z]
            others = sum(e[o] for o in range(n) if o != m)
            values = [e[o] / (1 + others) for o in range(0, n, step)] + [1 / (1 + others), others / (1 + others), log1p(others)]
            for v in values:
                hi, lo = pair(v)
                cells.append("{%s, %s}" % (hexa(hi), "%sf" % hexa(lo) if lo else "0"))
        out.write("static const reference_logits reference_softmax[] = {\n")
        wrap(out, cases)
        out.write("};\n/* of each: s_o for every step-th o, then s_m, 1 - s_m, log sum_k exp(z_k - z_m) */\n")
        out.write("static const reference_pair reference_s[] = {\n")
        wrap(out, cells)
        out.write("};\n#endif\n")


# ------------------------------------------------------------------------------------------------------------------- nets
# A net is a line: N, then its layers. D n / d n: dense to n units, rows are outputs / inputs; B n / b n: the same without a
# bias; A n / a n: |weights|, which do not cancel; R relu, L leaky relu 0.25, E elu 1.5, T tanh, G sigmoid, P softplus, I silu,
# U gelu, S softmax, O log-softmax.
# Weights are m 2^-e times numbers in [-1, 1), x is mx 2^-ex times such.

NETS = []
DENSE = "DdBbAa"


def net(group, layers, m, e, seeds=1, mx=1, ex=-1):
    for k in range(seeds):
        NETS.append((group, layers, m, e, mx, ex, 100 + len(NETS)))


def describe(precision):
    NETS.clear()
    for layers, m, e in (("8 D5 S", 7, 2), ("32 d10 S", 7, 2), ("8 D16 R d5 S", 7, 2), ("16 D32 R d32 R D10 S", 5, 2),
                         ("16 d32 R D32 R d32 R D10 S", 5, 2), ("32 D64 R D64 R D10 S", 5, 3)):
        net("relu, softmax", layers, m, e, 2, 3, 2)
    for layers, m, e, mx, ex in (("8 D5 S", 10, 0, 7, 2), ("8 d16 R D5 S", 7, 0, 7, 2), ("4 D8 R d3 S", 10, -1, 7, 2), ("4 D8 R D3 S", 10, -1, 15, 1),
                                 ("4 d8 R d3 S", 10, -1, 15, 0)):
        less = precision == "float" and "R" in layers         # exp(-104) is 0 in float, exp(-746) in double
        net("saturated softmax", layers, m, e + less, 3, mx, ex + 2 * less)
    for letter, m, e, end in (("R", 1, 2, "D4 S"), ("L", 1, 2, "D4"), ("T", 3, 4, "D4 S")):
        # were all of them signed, the bound would be 10^13 times what J is: as much as all the digits
        words = ["D8" if k % 8 == 0 else "aA"[k % 2] + "8" for k in range(31)]
        net("32 layers deep", "8 " + "".join("%s %s " % (w, letter) for w in words) + end, m, e, 2)
    widths = (7, 8, 9, 15, 16, 17, 31, 32, 33)
    for w in widths:
        net("widths around vectors", "%d D%d R d%d R D3 S" % (w, w, w), 15, 5)
        net("widths around vectors", "3 d%d R D%d R d%d S" % (w, w, w), 15, 5)
    for w in widths:
        net("relu, linear", "%d d%d R D%d R d5" % (w, w, w), 15, 5)
        net("relu, linear", "3 B%d R b%d L B%d" % (w, w, w), 15, 5)
    net("relu, linear", "257 D40 R D6", 1, 3)
    net("relu, linear", "12 d300 R d5", 1, 2)
    for letter in "ETGPIU":
        net("smooth activations", "6 D9 %s d9 %s D4 S" % (letter, letter), 15, 3)
        net("smooth activations", "5 d17 %s D7" % letter, 15, 1, 1, 3, 0)
        net("smooth activations", "5 D9 %s D7 O" % letter, 15, 2, 2)
    net("log-softmax", "8 D16 R D5 O", 7, 2, 2)
    net("log-softmax", "8 D16 R d5 O", 7, 0, 2)
    net("log-softmax", "5 b11 O", 15, 1, 2)
    net("softmax inside", "6 D8 S d9 R D4 S", 15, 2, 2)
    net("softmax inside", "6 D8 R D7 S D5 O D3", 15, 1 + (precision == "float"), 2)


def parse(layers):
    words = layers.split()
    return int(words[0]), [(w[0], int(w[1:]) if w[1:] else 0) for w in words[1:]]


def jacobian(precision, spec):
    """J, row by row from the output back, and the kink margin of jac_forward."""
    group, text, m, e, mx, ex, seed = spec
    lcg = Lcg(seed)
    N, layers = parse(text)
    a = [lcg.number(precision, mx, ex) for _ in range(N)]
    tape, margin, u = [], mpf("inf"), mpf(2) ** -PRECISIONS[precision][0]
    size = None
    for letter, n in layers:
        if letter in DENSE:
            rows, cols = (n, len(a)) if letter in "DBA" else (len(a), n)
            W = [[lcg.number(precision, m, e) for _ in range(cols)] for _ in range(rows)]
            if letter in "Aa":
                W = [[abs(w) for w in row] for row in W]
            if letter in "dba":
                W = [list(c) for c in zip(*W)]
            b = [lcg.number(precision, m, e) for _ in range(n)] if letter not in "Bb" else [mpf(0)] * n
            z = [b[o] + sum(W[o][i] * a[i] for i in range(len(a))) for o in range(n)]
            size = [abs(b[o]) + sum(abs(W[o][i] * a[i]) for i in range(len(a))) for o in range(n)]
            tape.append((letter, W))
            a = z
        elif letter in "SO":
            top = max(a)
            t = [exp(v - top) for v in a]
            s = [v / sum(t) for v in t]
            tape.append((letter, s))
            total = log1p(sum(t) - 1) if len(t) > 1 else mpf(0)
            a = s if letter == "S" else [v - top - total for v in a]
        else:
            f = (lambda v: (v, mpf(1)) if v > 0 else (mpf(0), mpf(0))) if letter == "R" else ACTIVATIONS[
                {"L": "LEAKY_RELU", "E": "ELU", "T": "TANH", "G": "SIGMOID", "P": "SOFTPLUS", "I": "SILU", "U": "GELU"}[letter]]
            if letter in "RLE":
                o = min(range(len(a)), key=lambda j: abs(a[j]))
                margin = min(margin, abs(a[o]) / (u * size[o]))
            both = [f(v) for v in a]
            a = [p[0] for p in both]
            tape.append((letter, [p[1] for p in both]))
    O = len(a)
    J = []
    for o in range(O):
        g = None                                              # the row o of I, never multiplied by
        for letter, data in reversed(tape):
            if letter in DENSE:
                g = list(data[o]) if g is None else [sum(g[k] * data[k][i] for k in range(len(g))) for i in range(len(data[0]))]
            elif letter == "S":
                n = len(data)
                if g is None:
                    g = [data[o] * (sum(data[k] for k in range(n) if k != o) if j == o else -data[j]) for j in range(n)]
                else:
                    g = [data[j] * sum(data[k] * (g[j] - g[k]) for k in range(n) if k != j) for j in range(n)]
            elif letter == "O":
                n = len(data)
                if g is None:
                    g = [sum(data[k] for k in range(n) if k != o) if j == o else -data[j] for j in range(n)]
                else:
                    g = [g[j] * sum(data[k] for k in range(n) if k != j) - data[j] * sum(g[k] for k in range(n) if k != j) for j in range(n)]
            else:
                g = [(mpf(1) if j == o else mpf(0)) * data[j] for j in range(len(data))] if g is None else [v * d for v, d in zip(g, data)]
        J.append(g)
    return J, margin


def write_nets(out):
    out.write("""/* layers: N, then D n or d n dense (rows are outputs or inputs), B n or b n without a bias, A n or a n of |weights|,
 * R relu, L leaky relu 0.25, E elu 1.5, T tanh, G sigmoid, P softplus, I silu, U gelu, S softmax, O log-softmax. Weights and biases are
 * m 2^-e, x is mx 2^-ex times numbers in [-1, 1) of the generator in corpus.h; margin is net.kink_margin, 0 where there is no kink. */
typedef struct { const char *group, *layers; int m, e, mx, ex; unsigned seed; double margin; } reference_net;
""")
    for precision in PRECISIONS:
        out.write("\n#if%s JAC_FLOAT\n" % ("ndef" if precision == "double" else "def"))
        cells, lines = [], []
        describe(precision)
        for spec in NETS:
            J, margin = jacobian(precision, spec)
            group, text = spec[:2]
            if len(text) > 80:                                # two string literals
                cut = text.rindex(" ", 0, 80)
                text = text[:cut] + '"\n        "' + text[cut:]
            spec = (group, text) + spec[2:]
            lines.append('    { "%s", "%s", %d, %d, %d, %d, %d, %s },\n' % (spec + (hexa(rounded(margin, "float")) if margin < mpf("inf") else "0",)))
            cells += [hexa(rounded(v, "double") if precision == "double" else shorter(v)) for row in J for v in row]
        out.write("static const reference_net reference_nets[] = {\n" + "".join(lines) + "};\n")
        out.write("static const double reference_J[] = {                           /* of one net after the other, O x N each */\n")
        wrap(out, cells)
        out.write("};\n#endif\n")


def shorter(v):
    """v to 36 bits: plenty beside a float."""
    v = mpf(v)
    if v == 0:
        return 0.0
    unit = Fraction(2) ** max(int(mp.floor(mp.log(abs(v), 2))) - 35, -1074)
    return float(round(fraction(v) / unit) * unit)


def main():
    if sys.argv[1:] == ["--mills"]:
        print(mills())
        return
    for name, write in (("activations", write_activations), ("softmax", write_softmax), ("nets", write_nets)):
        with open(os.path.join(HERE, "references_%s.h" % name), "w") as out:
            out.write("/* references_%s.h - exact values, written by make_references.py: do not edit.\n * SPDX-License-Identifier: MIT */\n" % name)
            write(out)


if __name__ == "__main__":
    main()
