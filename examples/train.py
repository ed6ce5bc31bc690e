#!/usr/bin/env python3
"""Trains the small nets of the examples and writes them as C headers: python3 examples/train.py [name ...]

Each net learns a function of physics, given below with its units, from points drawn at random; 60000 steps of Adam on a
mean squared error, with a hand-written reverse pass. Needs NumPy, takes about a minute. The seeds are fixed: the same
machine and NumPy write the same bytes. Weights are rounded to float, so that float and double programs run the same net.
SPDX-License-Identifier: MIT
"""
import os, sys
try:
    import numpy as np
except ImportError:
    sys.exit("train.py: this Python has no NumPy: install it (pip install numpy, apt install python3-numpy) or use another Python")

STEPS, BATCH, RATE = 60000, 256, 4e-3

# activation: value, derivative
ACTS = {"RELU": lambda z: (np.maximum(z, 0), (z > 0) * 1.0),
        "TANH": lambda z: (lambda a: (a, 1 - a * a))(np.tanh(z)),
        "SILU": lambda z: (lambda s: (z * s, s * (1 + z * (1 - s))))(1 / (1 + np.exp(-z)))}


def coil(x):
    """Magnet over nine Hall sensors. x = [px py pz (cm), tilts a b (rad)] -> vertical field at each sensor (mT)."""
    p, a, b = x[:, None, :3], x[:, 3], x[:, 4]
    m = np.stack([np.sin(a), -np.sin(b) * np.cos(a), np.cos(a) * np.cos(b)], 1)[:, None]    # axis of a dipole of 1 A m^2
    r = np.array([[4 * (i % 3) - 4, 4 * (i // 3) - 4, 0] for i in range(9)]) - p
    d = np.linalg.norm(r, axis=2)
    return 100 * (3 * (m * r).sum(2) * r[:, :, 2] / d**5 - m[:, :, 2] / d**3)


def pendulum(x):
    """x = [angle from upright (rad), rate (rad/s), torque (N m)] -> mean rates of change of the first two over 0.05 s."""
    u, s, n = x[:, 2], x[:, :2], 10
    h = 0.05 / n
    f = lambda s: np.stack([s[:, 1], 9.81 * np.sin(s[:, 0]) - 0.1 * s[:, 1] + u], 1)        # 1 kg on 1 m, friction 0.1
    for _ in range(n):
        k1 = f(s); k2 = f(s + h / 2 * k1); k3 = f(s + h / 2 * k2); k4 = f(s + h * k3)
        s = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return (s - x[:, :2]) / 0.05


def arm(q):
    """Soft arm of two segments of 10 cm, each bent to an arc. q = bending [x1 y1 x2 y2] (rad) -> tip (cm)."""
    def arc(b, v):    # the vector v, carried through one segment: shift along the arc, turn about the axis normal to b
        t = np.linalg.norm(b, axis=1, keepdims=True) + 1e-12
        e, c, s = b / t, np.cos(t), np.sin(t)
        along = (e * v[:, :2]).sum(1, keepdims=True)
        xy = v[:, :2] + e * ((c - 1) * along + s * v[:, 2:]) + 10 * e * (1 - c) / t
        return np.hstack([xy, c * v[:, 2:] - s * along + 10 * s / t])
    return arc(q[:, :2], arc(q[:, 2:], np.zeros((len(q), 3))))


def cell(x):
    """Lithium-ion cell. x = [state of charge 0..1, current (A), temperature (deg C)] -> voltage (V) without the slow part."""
    s, i, T = x.T
    ocv = 3.35 + 0.55 * s + 0.30 * s**6 - 0.55 * np.exp(-18 * s) + 0.04 * np.tanh(12 * (s - 0.55))
    return (ocv - i * 0.03 * np.exp(-0.02 * (T - 25)) * (1 + 0.5 * np.exp(-8 * s)))[:, None]


#        function  activation layout      hidden    lowest and highest input
NETS = {
    "ekf": (coil, "TANH", "DENSE", (32, 32), [-3.2, -3.2, 4.6, -.5, -.5], [3.2, 3.2, 7.4, .5, .5]),
    "mpc": (pendulum, "SILU", "DENSE_T", (24, 24), [-7, -9, -3], [7, 9, 3]),
    "newton": (arm, "TANH", "DENSE_T", (24, 24), [-1.5] * 4, [1.5] * 4),
    "no_malloc": (cell, "RELU", "DENSE", (16, 16), [0, -3, 0], [1, 6, 45]),
}


def train(f, act, hidden, low, high, seed):
    rng = np.random.RandomState(seed)
    low, high = np.array(low, float), np.array(high, float)
    draw = lambda n: rng.uniform(-1, 1, (n, len(low)))
    unscale = lambda u: low + (u + 1) / 2 * (high - low)
    U = draw(40000)
    Y = f(unscale(U))
    mean, std = Y.mean(0), Y.std()
    T = (Y - mean) / std                                                # inputs in -1..1, outputs of size 1
    sizes = [len(low), *hidden, Y.shape[1]]
    W = [rng.normal(0, 1 / np.sqrt(i), (i, o)) for i, o in zip(sizes, sizes[1:])]
    b = [rng.uniform(-1, 1, o) for o in sizes[1:]]
    theta = W + b
    m, v = [np.zeros_like(t) for t in theta], [np.zeros_like(t) for t in theta]
    for step in range(1, STEPS + 1):
        k = rng.randint(0, len(U), BATCH)
        a, d = [U[k]], []
        for l in range(len(W)):                                         # forward: z = a W + b, a = act(z), d = act'(z)
            z = a[-1] @ W[l] + b[l]
            if l + 1 < len(W): z, dz = ACTS[act](z); d.append(dz)
            a.append(z)
        g, grads = 2 * (a[-1] - T[k]) / BATCH, []
        for l in reversed(range(len(W))):                               # backward: g = dE/dz
            grads.append((a[l].T @ g, g.sum(0)))
            if l: g = g @ W[l].T * d[l - 1]
        grads = [w for w, _ in grads[::-1]] + [c for _, c in grads[::-1]]
        rate = RATE * (0.5 + 0.5 * np.cos(np.pi * step / STEPS)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        for t, g, mt, vt in zip(theta, grads, m, v):                    # Adam
            mt += 0.1 * (g - mt); vt += 0.001 * (g * g - vt)
            t -= rate * mt / (np.sqrt(vt) + 1e-9)
    # fold the scaling of inputs and outputs into the first and the last layer
    b[0] = b[0] - (low + high) / (high - low) @ W[0]
    W[0] = W[0] * (2 / (high - low))[:, None]
    W[-1], b[-1] = W[-1] * std, b[-1] * std + mean
    W, b = [w.astype(np.float32).astype(float) for w in W], [c.astype(np.float32).astype(float) for c in b]
    x = unscale(draw(10000))                                            # fresh points, rounded weights
    a = x
    for l in range(len(W)):
        a = a @ W[l] + b[l]
        if l + 1 < len(W): a = ACTS[act](a)[0]
    return W, b, np.sqrt(np.mean((a - f(x))**2))


def hexadecimal(v):
    mantissa, exponent = float(v).hex().split("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + exponent


def write(name, seed):
    f, act, layout, hidden, low, high = NETS[name]
    W, b, error = train(f, act, hidden, low, high, seed)
    guard, lines, chain = name.upper(), [], []
    for l, (w, c) in enumerate(zip(W, b), 1):
        shape = "%d * %d" % (w.shape if layout == "DENSE_T" else w.shape[::-1])
        for array, size, values in (f"W{l}", shape, w if layout == "DENSE_T" else w.T), (f"b{l}", str(len(c)), c):
            text = [hexadecimal(t) for t in np.ravel(values)]
            lines += [f"static const jac_real {name}_{array}[{size}] = {{"]
            lines += ["    " + ", ".join(text[i:i + 7]) + "," for i in range(0, len(text), 7)] + ["};"]
        chain.append(f"JAC_{layout}({w.shape[0]}, {w.shape[1]}, {name}_W{l}, {name}_b{l})")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + "_net.h")
    with open(path, "w", newline="\n") as out:
        print(f"/* {name}_net.h - written by train.py, seed {seed}: include jacobian.h first.", file=out)
        print(f" * {f.__doc__}", file=out)
        print(f" * Trained for inputs {low} to {high}; error there {error:.2g} (root mean square, fresh points).", file=out)
        print(" * SPDX-License-Identifier: MIT */", file=out)
        print(f"#ifndef {guard}_NET_H\n#define {guard}_NET_H\n", file=out)
        out_n = W[-1].shape[1]
        print(f"enum {{ {guard}_IN = {len(low)}, {guard}_OUT = {out_n}, {guard}_WIDEST = {max(*hidden, len(low), out_n)}, "
              f"{guard}_LAYERS = {2 * len(W) - 1} }};\n", file=out)
        print("\n".join(lines), file=out)
        print(f"static const jac_layer {name}_layers[{guard}_LAYERS] = {{", file=out)
        print("    " + f",\n    JAC_{act},\n    ".join(chain) + ",\n};\n\n#endif", file=out)
    print(f"{name}_net.h: error {error:.3g}")


if __name__ == "__main__":
    if set(sys.argv[1:]) - set(NETS):
        sys.exit(f"train.py: one or more of {', '.join(NETS)}; without arguments all of them")
    for name in sys.argv[1:] or NETS:
        write(name, seed=2026)
