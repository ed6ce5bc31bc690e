#!/usr/bin/env python3
"""make_golden.py [FOLDER] - output and Jacobian of the digits net and of the notebook's, by mpmath with 120 digits.

    python3 tests/make_golden.py

writes golden_digits.h and golden_notebook.h into FOLDER, by default beside this script, always the same bytes. It reads the digits net
and its scans from examples/digits_net.h; the notebook's net it draws as notebook_net.h does, with Python's own Mersenne Twister.

SPDX-License-Identifier: MIT
"""
import math
import os
import random
import re
import sys
from mpmath import mp, mpf, exp, fdot

mp.dps = 120
HERE = os.path.dirname(os.path.abspath(__file__))


def jacobian(w1, b1, w2, b2, x):
    """y and J of dense, ReLU, dense, softmax, rounded once; weights are [in][out]. Dead units add nothing."""
    N, H, O = len(x), len(b1), len(b2)
    z = [b1[h] + fdot(w1[h::H], x) for h in range(H)]
    live = [h for h in range(H) if z[h] > 0]
    W1 = [[mpf(w1[i * H + h]) for h in live] for i in range(N)]
    W2 = [[mpf(w2[h * O + o]) for h in live] for o in range(O)]
    logits = [b2[o] + fdot(W2[o], [z[h] for h in live]) for o in range(O)]
    e = [exp(v - max(logits)) for v in logits]
    s = [v / sum(e) for v in e]
    J = [[] for _ in s]
    for row in W1:
        g = [fdot(row, W2[o]) for o in range(O)]
        for o in range(O):
            J[o].append(float(s[o] * sum(s[k] * (g[o] - g[k]) for k in range(O))))      # g_o - sum_k s_k g_k would cancel
    return [float(v) for v in s], J


def digits():
    """y and J of each scan."""
    with open(os.path.join(HERE, "..", "examples", "digits_net.h")) as f:
        arrays = re.findall(r"^static const .*?(\w+)\[.*? = \{(.*?)\};", f.read(), re.S | re.M)
    net = {name: [float.fromhex(v) if "x" in v else float(v) for v in re.findall(r"[-+.\w]+", text)] for name, text in arrays}
    scans = [[mpf(v) / 16 for v in net["images"][k:k + 64]] for k in range(0, len(net["images"]), 64)]
    return zip(*(jacobian(net["W1"], net["b1"], net["W2"], net["b2"], x) for x in scans))


def notebook():
    state = [123]
    for i in range(1, 624):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + i) % 2**32)
    generator = random.Random()
    generator.setstate((3, (*state, 624), None))
    uniform = generator.random

    def normal(n):
        v = []
        while len(v) < n:
            p, q = 2 * uniform() - 1, 2 * uniform() - 1
            r = p * p + q * q
            if 0 < r < 1:
                r = math.sqrt(-2 * math.log(r) / r)
                v += [r * q, r * p]
        return v

    net = [normal(n) for n in (500 * 100, 100, 100 * 10, 10)]
    return jacobian(*net, [mpf(uniform()) for _ in range(500)])


def array(declaration, values):
    """One C array, braced as its dimensions say."""
    def block(v):
        if isinstance(v[0], float):
            return "{\n  " + ",\n  ".join(", ".join(map(float.hex, v[i:i + 5])) for i in range(0, len(v), 5)) + " }"
        return "{\n" + ",\n".join(map(block, v)) + " }"
    return "static const double %s = %s;\n" % (declaration, block(values))


def header(folder, name, about, *arrays):
    guard = name.upper().replace(".", "_")
    with open(os.path.join(folder, name), "w") as out:
        out.write("/* %s - output and Jacobian of the net of %s\n" % (name, about) +
                  " * Written by tests/make_golden.py. SPDX-License-Identifier: MIT */\n#ifndef %s\n#define %s\n\n" % (guard, guard) +
                  "\n".join(arrays) + "\n#endif\n")


def main(folder=HERE):
    y, J = digits()
    header(folder, "golden_digits.h", "examples/digits_net.h at each of its 20 scans:\n"
           " * computed with 120 decimal digits, rounded to double once.",
           array("golden_y[20][10]", y), array("golden_J[20][10][64]", J))
    y, J = notebook()
    header(folder, "golden_notebook.h", "notebook_net.h at its x0: computed with 120 decimal digits,\n"
           " * rounded to double once. The rows of J are 6e-237 to 1e-23 in size.",
           array("golden_notebook_y[10]", y), array("golden_notebook_J[10][500]", J))


if __name__ == "__main__":
    main(*sys.argv[1:])
