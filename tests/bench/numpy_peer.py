"""The NumPy peer: a child of the benchmark that takes nets and orders on its input and answers on its output.

    net REAL SOFTMAX BATCH SAMPLES n_0 ... n_L   then W.T and b of each layer and X, as raw bytes
    run K      one call on input K (a batch: on all): y and J as raw bytes
    time CALLS seconds a call, walking over the inputs
"""
import ctypes
import re
import sys
import time

import numpy as np

orders, answers = sys.stdin.buffer, sys.stdout.buffer


def kernel():
    """Which BLAS NumPy is linked to, and which of OpenBLAS's kernels."""
    try:
        maps = open("/proc/self/maps").read()
        library = ctypes.CDLL(re.search(r"\S*blas\S*", maps).group(0))
    except (OSError, AttributeError):
        return "its BLAS unknown"
    for prefix, suffix in (("", ""), ("", "64_"), ("scipy_", "64_"), ("scipy_", "")):
        name = getattr(library, prefix + "openblas_get_corename" + suffix, None)
        if name is not None:
            name.restype = ctypes.c_char_p
            return "OpenBLAS, " + name().decode()
    return "a BLAS other than OpenBLAS"


def jacobian(W, b, softmax, x):
    """One forward pass that keeps the activations, one reverse pass."""
    a = [x]
    for l in range(len(W)):
        z = a[-1] @ W[l] + b[l]
        a.append(np.maximum(0, z))
    y, G = z, W[-1].T
    if softmax:
        e = np.exp(z - z.max())
        y = e / e.sum()
        G = (np.diag(y) - np.outer(y, y)) @ G
    for l in range(len(W) - 2, -1, -1):
        G = (G * (a[l + 1] > 0)) @ W[l].T
    return y, G


def read(shape, dtype):
    return np.frombuffer(orders.read(int(np.prod(shape)) * np.dtype(dtype).itemsize), dtype).reshape(shape).copy()


answers.write(f"NumPy {np.__version__} on {kernel()}\n".encode())
answers.flush()
for line in orders:
    word, *numbers = line.split()
    numbers = [int(number) for number in numbers]
    if word == b"net":
        real, softmax, batch, samples, *n = numbers
        dtype = np.float64 if real == 8 else np.float32
        W, b = [], []
        for l in range(len(n) - 1):
            W.append(read((n[l], n[l + 1]), dtype))
            b.append(read((n[l + 1],), dtype))
        X = read((samples, n[0]), dtype)

        def call(k):
            if batch == 1:
                return jacobian(W, b, softmax, X[k])
            return zip(*[jacobian(W, b, softmax, x) for x in X[:batch]])
    elif word == b"run":
        y, J = call(numbers[0])
        answers.write(np.ascontiguousarray(y).tobytes())
        answers.write(np.ascontiguousarray(J).tobytes())
    else:
        start = time.perf_counter()
        for k in range(numbers[0]):
            call(k % samples)
        answers.write(f"{(time.perf_counter() - start) / numbers[0]:.9e}\n".encode())
    answers.flush()
