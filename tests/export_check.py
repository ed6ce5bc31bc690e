# export_check.py - nets written by NumPy (--torch: by PyTorch) go through examples/export.py, a C compiler and back: the program's
# parity must hold, its y and J must be those of a plain evaluation here, and a header with a fault must fail its parity.
# Bad input must get one sentence, status 1 and no file. The last line is `N passed, N failed`. SPDX-License-Identifier: MIT
import io
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build"))), "export-check")
CC, CXX = os.environ.get("CC", "cc").split(), os.environ.get("CXX", "c++").split()
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-I", ROOT, "-I", "."]
L = np.longdouble
counts = {True: 0, False: 0}

DRIVER = r"""
#define NET_PARITY
#include "net.h"
#include <stdio.h>

int main(void)          /* parity, then y and J for every input that comes in */
{
    static jac_real x[net_n_in], y[net_n_out], J[net_n_out * net_n_in];
    jac_net net;
    double value;
    size_t i = 0;
    printf("%d\n", net_parity());
    if (net_init(&net) != JAC_OK) return 1;
    while (scanf("%la", &value) == 1) {
        x[i++] = (jac_real)value;
        if (i < net_n_in) continue;
        if (jac_forward_backward(&net, x, y, J) != JAC_OK) return 1;
        for (i = 0; i < net_n_out; i++) printf("%a ", (double)y[i]);
        for (i = 0; i < net_n_out * net_n_in; i++) printf("%a ", (double)J[i]);
        i = 0;
    }
    return 0;
}
"""


def check(held, message):
    counts[bool(held)] += 1
    if not held:
        print(message)
    return held


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def export(*arguments):
    return subprocess.run([sys.executable, os.path.join(ROOT, "examples", "export.py"), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)


# ------------------------------------------------------------------------------------------------ nets and how they are saved

random = np.random.RandomState(7)


def net(*widths, bias=True, scale=1.0):
    """Dense layers [out x in] of these widths, He-scaled."""
    return [[scale * random.randn(m, n) * np.sqrt(2.0 / n), random.randn(m) / 2 if bias else None] for n, m in zip(widths, widths[1:])]


def norm(n):
    """gamma, beta, mean, variance of a batch norm."""
    return [1 + random.rand(n), random.randn(n), random.randn(n), 0.2 + random.rand(n)]


def torch_names(dense, norms={}):
    arrays = {}
    for k, (W, b) in enumerate(dense):
        arrays[f"fc{k}.weight"] = W
        if b is not None:
            arrays[f"fc{k}.bias"] = b
        if k in norms:
            for part, value in zip(("weight", "bias", "running_mean", "running_var"), norms[k]):
                arrays[f"bn{k}.{part}"] = value
            arrays[f"bn{k}.num_batches_tracked"] = np.array(9)
    return arrays


def keras_names(dense, norms={}):
    arrays = {}
    for k, (W, b) in enumerate(dense):
        arrays[f"model/dense_{k}/kernel:0"] = W.T
        if b is not None:
            arrays[f"model/dense_{k}/bias:0"] = b
    return arrays


def keras_list(dense, norms={}):
    values = list(norms.get(-1, []))
    for k, (W, b) in enumerate(dense):
        values += [W.T] + ([] if b is None else [b]) + list(norms.get(k, []))
    return {f"arr_{i}": value for i, value in enumerate(values)}


def plain_names(dense, norms={}):
    arrays = {}
    for k, (W, b) in enumerate(dense):
        arrays[f"W{k + 1}"] = W.T
        if b is not None:
            arrays[f"b{k + 1}"] = b
    return arrays


def save_safetensors(path, arrays, dtype="F64", metadata=None, order=sorted):
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name in order(arrays):
        value = np.asarray(arrays[name], np.float64)
        raw = {"F64": lambda: value.tobytes(), "F32": lambda: value.astype("<f4").tobytes(), "F16": lambda: value.astype("<f2").tobytes(),
               "BF16": lambda: (value.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()}[dtype]()
        header[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def rounded(value, dtype):
    """What is left of the numbers in that type."""
    if value is None:
        return None
    if dtype == "BF16":
        return (value.astype("<f4").view("<u4") >> 16 << 16).view("<f4").astype(float)
    return value.astype({"F64": "<f8", "F32": "<f4", "F16": "<f2"}[dtype]).astype(float)


# ------------------------------------------------------------------------------------------------ a plain evaluation

def erf(z):
    return np.array([math.erf(float(v)) for v in z], L)


ACTIVATION = {
    "relu": lambda z, a: z * (z > 0), "leaky_relu": lambda z, a: z * np.where(z > 0, 1, a),
    "elu": lambda z, a: np.where(z > 0, z, a * (np.exp(z) - 1)),
    "tanh": lambda z, a: np.tanh(z), "sigmoid": lambda z, a: 1 / (1 + np.exp(-z)), "softplus": lambda z, a: np.log(1 + np.exp(z)),
    "silu": lambda z, a: z / (1 + np.exp(-z)), "gelu": lambda z, a: z * (1 + erf(z / np.sqrt(L(2)))) / 2,
    "softmax": lambda z, a: np.exp(z) / np.exp(z).sum(), "log_softmax": lambda z, a: z - np.log(np.exp(z).sum()), "linear": lambda z, a: z,
}


def forward(steps, x):
    """steps: pairs (W, b), batch norms (gamma, beta, mean, variance, eps), factors (s, t, "affine") and words."""
    for step in steps:
        if isinstance(step, str):
            name, _, alpha = step.partition("=")
            x = ACTIVATION[name](x, L(alpha or 1))
        elif len(step) == 2:
            W, b = step
            x = W.astype(L) @ x + (0 if b is None else b)
        elif len(step) == 5:
            gamma, beta, mean, variance, eps = step
            x = (x - mean) / np.sqrt(variance.astype(L) + L(eps)) * gamma + beta
        else:
            x = x * step[0] + step[1]
    return x


def differences(steps, x):
    """J by central differences in extended precision: nothing in common with how anyone else computes it."""
    h = L(2) ** -18
    return np.stack([(forward(steps, x + h * e) - forward(steps, x - h * e)) / (2 * h) for e in np.eye(len(x), dtype=L)], axis=1)


def interleave(dense, words):
    return [step for pair, word in zip(dense, list(words) + ["linear"] * (len(dense) - len(words))) for step in (pair, word)]


# ------------------------------------------------------------------------------------------------ one case, all the way

def library():
    for real, flags in (("double", []), ("float", ["-DJAC_FLOAT"])):
        with open("library.c", "w") as file:
            file.write('#define JACOBIAN_IMPLEMENTATION\n#include "jacobian.h"\n')
        result = run(*CC, "-O1", *flags, *STRICT, "-c", "library.c", "-o", f"library_{real}.o")
        if not check(result.returncode == 0, result.stdout):
            sys.exit("jacobian.h does not compile")


def build(single, compiler=None, flags=(), source="driver.c"):
    compiler = compiler or [*CC, "-std=c99"]
    return run(*compiler, *flags, *STRICT, *(["-DJAC_FLOAT"] if single else []), source, f"library_{'float' if single else 'double'}.o",
               "-o", "driver", "-lm")


def case(name, path, steps, n_in, arguments=(), differ=True, compiler=None):
    """Export, compile, compare. The header stays behind as net.h."""
    single = "--float" in arguments
    if os.path.exists("net.h"):
        os.remove("net.h")
    result = export(path, *arguments, "-o", "net.h")
    if not check(result.returncode == 0 and not result.stderr and os.path.exists("net.h"), f"{name}: not exported: {result.stderr}"):
        return
    result = build(single, compiler)
    if not check(result.returncode == 0, f"{name}: does not compile\n{result.stdout[:500]}"):
        return
    points = random.randn(3, n_in).astype(np.float32 if single else float)
    result = run("./driver", input=" ".join(float(v).hex() for v in points.reshape(-1)))
    parity, _, values = result.stdout.partition("\n")
    check(parity == "1" and result.returncode == 0, f"{name}: parity failed")
    if not differ:
        return
    values, worst = np.array([float.fromhex(v) for v in values.split()]), 0.0
    steps_J = [(forward(steps, x.astype(L)), differences(steps, x.astype(L))) for x in points]
    expected = np.concatenate([np.concatenate([y, J.reshape(-1)]) for y, J in steps_J])
    if not check(len(values) == len(expected), f"{name}: {len(values)} numbers came back, not {len(expected)}"):
        return
    for x, (y, J) in enumerate(steps_J):
        got = values[x * (y.size + J.size):(x + 1) * (y.size + J.size)]
        for given, row in [(got[:y.size], y), *zip(got[y.size:].reshape(J.shape), J)]:
            scale, error = float(abs(row).max()), float(abs(given - row).max())
            worst = max(worst, error / scale if scale > 0 else error)       # a row of zeros must be exactly that
    check(0 <= worst < (3e-4 if single else 1e-8), f"{name}: y or J is off by {worst:.1e}")


def good():
    # every activation, in every way to save a net, in both precisions
    styles = [("torch", torch_names), ("keras", keras_names), ("list", keras_list), ("plain", plain_names)]
    words = ["relu", "leaky_relu=0.2", "elu", "elu=0.5", "tanh", "sigmoid", "softplus", "silu", "gelu", "softmax", "log_softmax", "linear"]
    for k, word in enumerate(words):
        for style, names in (styles if k == 0 else [styles[k % 4]]):
            for single in ([], ["--float"]):
                dense = net(5, 9, 6, 4)
                np.savez("net.npz", **names(dense))
                chain = [word, word, "softmax"] if k % 2 else [word, word]
                case(f"{style}, {word}{', float' if single else ''}", "net.npz", interleave(dense, chain), 5, [*chain, *single])

    # spellings of the same activation, no bias, one layer, chain in the file, names, float16 and bfloat16
    dense = net(5, 9, 6, 4)
    np.savez("net.npz", **torch_names(dense))
    case("spellings", "net.npz", interleave(dense, ["silu", "leaky_relu=0.1", "log_softmax"]), 5, ["Swish", "LeakyReLU=0.1", "log-softmax"])
    dense = net(5, 9, 4, bias=False)
    np.savez("net.npz", chain="relu, softmax", **torch_names(dense))
    case("no bias, chain in the .npz", "net.npz", interleave(dense, ["relu", "softmax"]), 5)
    dense = net(6, 3)
    np.savez("net.npz", **torch_names(dense))
    case("one layer", "net.npz", dense, 6)
    for dtype in ("F64", "F32", "F16", "BF16"):
        dense = [[rounded(W, dtype), rounded(b, dtype)] for W, b in net(5, 9, 6, 4)]
        save_safetensors("net.safetensors", torch_names(dense), dtype, {"chain": "tanh relu"})
        case(f"safetensors {dtype}", "net.safetensors", interleave(dense, ["tanh", "relu"]), 5)
    dense = net(5, *[6] * 11, 4)
    save_safetensors("net.safetensors", torch_names(dense))
    case("safetensors, fc10 after fc9", "net.safetensors", interleave(dense, ["tanh"] * 11), 5, ["tanh"] * 11)
    dense = net(5, 7, 3)
    (W1, b1), (W2, b2) = dense
    save_safetensors("net.safetensors", {"trunk.weight": W1, "trunk.bias": b1, "head.weight": W2, "head.bias": b2,
                                         "value.weight": random.randn(1, 7), "conv.weight": random.randn(2, 2, 3, 3)})
    case("part of a file, by name", "net.safetensors", interleave(dense, ["elu"]), 5, ["trunk", "elu", "head"])

    dense = net(5, 7, 3)
    np.savez("net.npz", **{f"coefs_{k}": W.T for k, (W, b) in enumerate(dense)}, **{f"intercepts_{k}": b for k, (W, b) in enumerate(dense)})
    case("scikit-learn", "net.npz", interleave(dense, ["tanh"]), 5, ["tanh"])
    arrays = dict(zip(("\u0441\u043b\u043e\u0439.weight", "\u0441\u043b\u043e\u0439.bias", "a*/b\\.weight", "a*/b\\.bias"),
                      (array for layer in dense for array in layer)))
    np.savez("\u00fc ??/*".replace("/", "-") + ".npz", **arrays)
    case("names that C does not take", "\u00fc ??-*.npz", interleave(dense, ["tanh"]), 5, ["tanh"])

    # square: only --layout can tell; a kernel says so itself
    dense = net(4, 4, 4)
    np.savez("net.npz", **torch_names(dense))
    case("square, out,in", "net.npz", interleave(dense, ["tanh"]), 4, ["tanh", "--layout", "out,in"])
    case("square, in,out", "net.npz", interleave([[W.T, b] for W, b in dense], ["tanh"]), 4, ["tanh", "--layout", "in,out"])
    np.savez("net.npz", **keras_names(dense))
    case("square kernels", "net.npz", interleave(dense, ["tanh"]), 4, ["tanh"])

    # normalisation and batch norm, folded
    for names in (torch_names, keras_list):
        for single in ([], ["--float"]):
            dense, mean, std = net(5, 8, 3), random.randn(5), 0.5 + random.rand(5)
            m, s = random.randn(3), 0.5 + random.rand(3)
            np.savez("net.npz", input_mean=mean, input_std=std, output_mean=m, output_std=s, **names(dense))
            steps = [(1 / std, -mean / std, "affine"), *interleave(dense, ["tanh"]), (s, m, "affine")]
            case(f"normalisation{single}", "net.npz", steps, 5, ["tanh", *single])
    dense = net(5, 8, 3, bias=False)
    np.savez("net.npz", input_mean=0.25, input_std=2.0, **torch_names(dense))
    case("one mean and std for all inputs, no bias", "net.npz", [(0.5, -0.125, "affine"), *interleave(dense, ["tanh"])], 5, ["tanh"])
    for bias in (True, False):
        dense, first, second = net(5, 8, 7, 3, bias=bias), norm(8), norm(7)
        np.savez("net.npz", **torch_names(dense, {0: first, 1: second}))
        case("batch norm before and after the activation", "net.npz",
             [dense[0], (*first, 1e-5), "relu", dense[1], "tanh", (*second, 1e-5), dense[2]], 5, "fc0 bn0 relu fc1 tanh bn1 fc2".split())
        case("batch norm in float, its own eps", "net.npz",
             [dense[0], (*first, 0.01), "relu", dense[1], "tanh", (*second, 0.01), dense[2], "softmax"], 5,
             "fc0 bn0 relu fc1 tanh bn1 fc2 softmax --float --bn-eps 0.01".split())
        before = norm(5)
        np.savez("net.npz", input_mean=np.full(5, 0.5), **keras_list(dense, {-1: before, 0: first}))
        case("Keras list, batch norm first", "net.npz",
             [(1, -0.5, "affine"), (*before, 1e-3), dense[0], (*first, 1e-3), "silu", dense[1], "relu", dense[2]], 5,
             "bn dense bn silu dense relu dense".split())
    dense, bare = net(5, 8, 3), norm(8)
    np.savez("net.npz", **torch_names(dense), **{"bn.running_mean": bare[2], "bn.running_var": bare[3]})
    case("batch norm without scale and shift", "net.npz",
         [dense[0], (1, 0, bare[2], bare[3], 1e-5), "relu", dense[1]], 5, "fc0 bn relu fc1".split())

    # an x and y of one's own; a saturated classifier; a deep and a wide net; few inputs, many outputs
    dense = net(5, 9, 4)
    x = random.randn(5)
    y = forward(interleave(dense, ["gelu", "softmax"]), x.astype(L)).astype(np.float32)
    np.savez("net.npz", x=x[None], y=y[None], **torch_names(dense))
    case("x and y in the file", "net.npz", interleave(dense, ["gelu", "softmax"]), 5, ["gelu", "softmax"])
    for single in ([], ["--float"]):
        dense = [[random.randn(100, 500), random.randn(100)], [random.randn(10, 100), random.randn(10)]]
        np.savez("net.npz", **plain_names(dense))
        case("the notebook's kind of net", "net.npz", interleave(dense, ["relu", "softmax"]), 500, ["relu", "softmax", *single],
             differ=False)
    dense = net(6, *[10] * 8, 4)
    np.savez("net.npz", **torch_names(dense))
    case("deep", "net.npz", interleave(dense, ["relu"] * 8), 6, ["relu"] * 8)
    dense = net(3, 40, 40, 50)
    np.savez("net.npz", **torch_names(dense))
    case("few inputs, many outputs", "net.npz", interleave(dense, ["tanh"] * 2), 3, ["tanh"] * 2)


def languages():
    """The header under strict warnings as C and C++, old and new; two names; no bit lost; the README's program."""
    dense = net(5, 9, 4)
    np.savez("net.npz", **torch_names(dense))
    with open("driver.cpp", "w") as file:
        file.write(DRIVER.replace("(jac_real)value", "static_cast<jac_real>(value)").replace("(double)y[i]", "static_cast<double>(y[i])")
                   .replace("(double)J[i]", "static_cast<double>(J[i])"))
    for single in (False, True):
        arguments = ["tanh", "softmax"] + ["--float"] * single
        for decimal, standards in ((False, ("c99", "c11", "c++17")), (True, ("c99", "c++11", "c++14"))):
            check(export("net.npz", *arguments, *["--decimal"] * decimal, "-o", "net.h").returncode == 0, "not exported")
            for standard in standards:
                compilers = [CXX, ["clang++"]] if "+" in standard else [CC, ["clang"]]
                for compiler in compilers:
                    if not shutil.which(compiler[0]):
                        continue
                    cpp = "+" in standard
                    result = build(single, [*compiler, f"-std={standard}"], ["-Wold-style-cast"] * cpp, "driver.cpp" if cpp else "driver.c")
                    check(result.returncode == 0 and run("./driver", input="").stdout == "1\n",
                          f"{compiler[0]} -std={standard}: {result.stdout[:500]}")
    # the wrong precision, and old C++ with hexadecimal numbers, are refused in words
    check(export("net.npz", "tanh", "softmax", "-o", "net.h").returncode == 0, "not exported")
    check("do not define JAC_FLOAT" in build(True).stdout, "double weights compile under JAC_FLOAT")
    if shutil.which(CXX[0]):
        check("--decimal" in build(False, [*CXX, "-std=c++11"], [], "driver.cpp").stdout, "hexadecimal numbers in C++11")
    check(export("net.npz", "tanh", "softmax", "--float", "-o", "net.h").returncode == 0, "not exported")
    check("define JAC_FLOAT" in build(False).stdout, "float weights compile without JAC_FLOAT")

    # every literal is the weight it came from, in the order it came in
    for transposed, names in ((False, torch_names), (True, plain_names)):
        for decimal in (False, True):
            np.savez("net.npz", **names(dense))
            export("net.npz", "tanh", *["--decimal"] * decimal, "-o", "net.h")
            text = open("net.h").read()
            for k, (W, b) in enumerate(dense, 1):
                for letter, values in (("W", W.T if transposed else W), ("b", b)):
                    inside = re.search(rf"net_{letter}{k}\[.*?\] = {{[^\n]*\n(.*?)}};", text, re.S).group(1)
                    literals = [(float if decimal else float.fromhex)(v) for v in inside.replace(",", " ").split()]
                    check(literals == values.reshape(-1).tolist(), f"net_{letter}{k}: numbers lost or moved")

    # two nets in one program, under names of their own
    export("net.npz", "tanh", "-o", "first.h")
    export("net.npz", "relu", "-o", "second-net.h", "--name", "second")
    with open("two.c", "w") as file:
        file.write('#define JACOBIAN_IMPLEMENTATION\n#define FIRST_PARITY\n#define SECOND_PARITY\n'
                   '#include "first.h"\n#include "second-net.h"\n'
                   "int main(void) { return !(first_parity() && second_parity()); }\n")
    result = run(*CC, "-std=c99", *STRICT, "two.c", "-o", "two", "-lm")
    check(result.returncode == 0 and run("./two").returncode == 0, f"two nets: {result.stdout}")

    # the README's lines, with the file names it uses
    np.savez("net.npz", **torch_names(net(4, 8, 8, 2)))
    readme = open(os.path.join(ROOT, "README.md")).read()
    line = re.search(r"python3 examples/export.py (net.npz [a-z ]*?)  ", readme)
    check(line and export(*line.group(1).split()).returncode == 0, "README.md: its export.py line does not work")
    program = re.search(r"```c\n([^`]*net_parity[^`]*)```", readme)
    if check(program, "README.md: no program with net_parity()"):
        with open("readme.c", "w") as file:
            file.write("int ready(void);\n" + program.group(1) + "int main(void) { return !ready(); }\n")
        result = run(*CC, "-std=c99", *STRICT, "readme.c", "-o", "readme", "-lm")
        check(result.returncode == 0 and run("./readme").returncode == 0, f"README.md: net_parity: {result.stdout}")
    result = export("--help")
    check(result.returncode == 0 and "relu softmax" in result.stdout, "--help")


def planted():
    """A header with one thing wrong must not pass its own parity."""
    dense = net(4, 4, 4)
    np.savez("net.npz", **torch_names(dense))
    export("net.npz", "sigmoid", "softmax", "--layout", "out,in", "-o", "net.h")
    text = open("net.h").read()
    literal = r"(-?)0x1\.([0-9a-f])"
    wrong = lambda match: f"{match.group(1)}0x1.{'1' if match.group(2) != '1' else '2'}"
    faults = {"none": text,
              "a transposed layer": text.replace("JAC_DENSE(4, 4, net_W1", "JAC_DENSE_T(4, 4, net_W1"),
              "another activation": text.replace("JAC_SIGMOID", "JAC_TANH"),
              "no softmax": text.replace("    JAC_SOFTMAX,", "    JAC_LOG_SOFTMAX,"),
              "no bias": text.replace("net_W2, net_b2", "net_W2, NULL"),
              "one bias shared": text.replace("net_W2, net_b2", "net_W2, net_b1")}
    for array in ("W1", "b1", "W2", "b2", "parity_x", "parity_y", "parity_J"):
        start = text.index(f"net_{array}[")
        faults[f"one number of {array}"] = text[:start] + re.sub(literal, wrong, text[start:], count=1)
    for fault, changed in faults.items():
        check(fault == "none" or changed != text, f"{fault}: not planted")
        with open("net.h", "w") as file:
            file.write(changed)
        result = build(False, [*CC, "-std=c99", "-Wno-unused-const-variable"])
        parity = run("./driver", input="").stdout if result.returncode == 0 else result.stdout
        check(parity == ("1\n" if fault == "none" else "0\n"), f"{fault}: parity says {parity!r}")


def bad():
    """(what is wrong, arrays or a file's bytes, arguments, what the sentence speaks of)"""
    dense = net(5, 9, 4)
    fine, listed = torch_names(dense), keras_list(dense)
    without = lambda name: {key: value for key, value in fine.items() if key != name}
    changed = lambda **new: {**fine, **{key.replace("__", "."): value for key, value in new.items()}}
    poisoned = lambda value: changed(fc1__weight=np.where(np.arange(36).reshape(4, 9) == 7, value, fine["fc1.weight"]))
    bn = torch_names(dense, {0: norm(9)})
    negative = {**bn, "bn0.running_var": -np.ones(9)}
    square = torch_names(net(4, 4, 4))
    npy = io.BytesIO()
    np.save(npy, np.ones(3))
    header = lambda text: struct.pack("<Q", len(text)) + text.encode()
    tensor = lambda dtype, begin, end: bytes(32).join(
        [header(json.dumps({"fc.weight": {"dtype": dtype, "shape": [2, 2], "data_offsets": [begin, end]}})), b""])
    cases = [
        ("no such file", None, ["relu"], "is not a file"),
        ("no arrays", {}, ["relu"], "no dense layer"),
        ("nothing two-dimensional", {"fc.bias": np.zeros(3)}, [], "fc.bias"),
        ("a convolution", changed(conv__weight=np.zeros((2, 2, 3, 3))), ["relu"], "conv.weight"),
        ("a layer norm", changed(ln__weight=np.ones(9), ln__bias=np.ones(9)), ["relu"], "ln."),
        ("an array of another kind", changed(embedding=np.zeros((3, 3))), ["relu"], "embedding"),
        ("a missing weight", without("fc1.weight"), ["relu"], "fc1.bias"),
        ("a missing first weight", {"arr_0": np.zeros(3), "arr_1": np.zeros((3, 3))}, [], "arr_0"),
        ("a list with two vectors", {**listed, "arr_4": np.zeros(4), "arr_5": np.zeros(4)}, ["relu"], "one-dimensional"),
        ("a list with a convolution", {**listed, "arr_4": np.zeros((3, 3, 1, 1))}, ["relu"], "arr_4"),
        ("shapes that do not chain", changed(fc1__weight=np.ones((4, 8))), ["relu"], "gives 9"),
        ("a bias that does not fit", changed(fc1__bias=np.ones(3)), ["relu"], "bias of fc1"),
        ("two arrays for one place", {"W1": np.ones((3, 4)), "weight1": np.ones((3, 4))}, [], "W1 and weight1"),
        ("a negative epsilon", fine, ["relu", "--bn-eps", "-1"], "--bn-eps"),
        ("the wrong layout", fine, ["relu", "--layout", "in,out"], "layout in,out"),
        ("square", square, ["relu"], "--layout"),
        ("a width of zero", changed(fc0__weight=np.ones((0, 5)), fc0__bias=np.ones(0), fc1__weight=np.ones((4, 0))), ["relu"], "zero"),
        ("an unknown activation", fine, ["mish"], "`mish`"),
        ("an unknown layer", fine, ["fc0", "relu", "fc9"], "`fc9`"),
        ("no activation", fine, [], "one activation each"),
        ("too many activations", fine, ["relu"] * 3, "3 given"),
        ("an activation alone by name", fine, ["dense", "relu", "dense", "dense"], "more `dense`"),
        ("leaky_relu without slope", fine, ["leaky_relu"], "slope"),
        ("a slope that is no number", fine, ["leaky_relu=steep"], "not a number"),
        ("a slope that is not finite", fine, ["leaky_relu=inf"], "finite"),
        ("relu with a number", fine, ["relu=6"], "takes no number"),
        ("nan", poisoned(np.nan), ["relu"], "fc1.weight holds a number that is not finite"),
        ("infinity", poisoned(np.inf), ["relu"], "not finite"),
        ("complex numbers", changed(fc0__weight=fine["fc0.weight"] + 1j), ["relu"], "fc0.weight"),
        ("text", changed(fc0__bias=np.array(["a"] * 9)), ["relu"], "fc0.bias"),
        ("objects", changed(fc0__bias=np.array([None] * 9)), ["relu"], "cannot be read"),
        ("too large for float", poisoned(1e300), ["relu", "--float"], "too large"),
        ("too large for double in the end", {k: 1e200 * v for k, v in fine.items()}, ["relu"], "not finite"),
        ("batch norm with a place unsaid", bn, ["relu"], "fc0 relu bn0"),
        ("batch norm beside no dense layer", bn, ["fc0", "relu", "bn0", "relu", "fc1"], "no dense layer beside it"),
        ("batch norm of another width", bn, ["fc0", "relu", "fc1", "bn0"], "9 units"),
        ("a negative variance", negative, ["fc0", "bn0", "relu", "fc1"], "not positive"),
        ("batch norm with a short mean", {**bn, "bn0.running_mean": np.ones(3)}, ["fc0", "bn0", "relu", "fc1"], "bn0"),
        ("input_std of zero", changed(input_std=np.array([1., 0, 1, 1, 1])), ["relu"], "holds a zero"),
        ("input_mean of another length", changed(input_mean=np.ones(3)), ["relu"], "input_mean has 3"),
        ("output normalisation after softmax", changed(output_mean=np.ones(4)), ["relu", "softmax"], "output normalisation"),
        ("x of another length", changed(x=np.ones(4)), ["relu"], "x has 4"),
        ("y that the chain does not give", changed(x=np.ones(5), y=np.ones(4)), ["relu"], "does not give the y"),
        ("no dense layer named", bn, ["bn0"], "no dense layer"),
        ("y without x", changed(y=np.ones(4)), ["relu"], "not the x"),
        ("a name that is none", fine, ["relu", "--name", "2nd"], "`2nd`"),
        ("the library's name", fine, ["relu", "--name", "Jacobian"], "`Jacobian`"),
        ("an output that is a folder", fine, ["relu", "-o", "bad"], "cannot write"),
        ("a folder that is not there", fine, ["relu", "-o", "nowhere/net.h"], "cannot write"),
        ("a text file", ("net.txt", b"W = 1"), ["relu"], "neither .npz nor .safetensors"),
        ("not a .npz", ("net.npz", b"PK\3\4 nothing"), ["relu"], "cannot be read"),
        ("an empty .npz", ("net.npz", b""), ["relu"], "cannot be read"),
        ("a .npy called .npz", ("net.npz", npy.getvalue()), [], ".npy"),
        ("an empty .safetensors", ("net.safetensors", b""), ["relu"], "not a whole"),
        ("a huge header length", ("net.safetensors", b"\xff" * 8), ["relu"], "not a whole"),
        ("no JSON", ("net.safetensors", header("{")), ["relu"], "not a whole"),
        ("JSON of another kind", ("net.safetensors", header("[1]")), ["relu"], "not a whole"),
        ("an entry without shape", ("net.safetensors", header('{"fc.weight": {"dtype": "F64"}}')), [], "not a whole"),
        ("truncated data", ("net.safetensors", tensor("F64", 0, 64)), [], "not a whole"),
        ("negative offsets", ("net.safetensors", tensor("F64", -16, 16)), [], "not a whole"),
        ("a shape that is not the data's", ("net.safetensors", tensor("F64", 0, 24)), [], "not a whole"),
        ("a type that is not known", ("net.safetensors", tensor("F8_E4M3", 0, 4)), [], "fc.weight does not hold numbers"),
    ]
    for what, content, arguments, sentence in cases:
        shutil.rmtree("bad", ignore_errors=True)
        os.mkdir("bad")
        path = "bad/net.npz"
        if isinstance(content, dict):
            np.savez(path, **content)
        elif content:
            path = "bad/" + content[0]
            with open(path, "wb") as file:
                file.write(content[1])
        output = [] if "-o" in arguments else ["-o", "bad/net.h"]
        before = sorted(os.listdir("bad"))
        result = export(path, *arguments, *output)
        check(result.returncode == 1 and not result.stdout, f"{what}: status {result.returncode}, {result.stdout}")
        check(re.fullmatch(r"export\.py: [^\n]*\n", result.stderr) and sentence in result.stderr, f"{what}: says {result.stderr}")
        check(sorted(os.listdir("bad")) == before, f"{what}: left a file behind")
    check(not [name for name in os.listdir(".") if name.endswith(".part")], "half a header was left behind")
    # the layers of a .safetensors without numbers in their names
    save_safetensors("bad/net.safetensors", {"b.weight": np.ones((3, 3)), "a.weight": np.ones((3, 3))})
    result = export("bad/net.safetensors", "relu", "--layout", "out,in", "-o", "bad/net.h")
    check(result.returncode == 1 and "does not keep the order" in result.stderr, f"order of a .safetensors: {result.stderr}")


def torch():
    """What PyTorch says itself, y and J, the state saved as the README shows."""
    import torch as t
    t.manual_seed(1)
    nn = t.nn
    names = ("relu relu softmax", "tanh sigmoid", "elu=0.7 leaky_relu=0.01 log_softmax", "silu gelu softplus")
    inner = ((nn.ReLU(), nn.ReLU(), nn.Softmax(-1)), (nn.Tanh(), nn.Sigmoid(), nn.Identity()),
             (nn.ELU(0.7), nn.LeakyReLU(), nn.LogSoftmax(-1)), (nn.SiLU(), nn.GELU(), nn.Softplus()))
    models = {name: nn.Sequential(nn.Linear(7, 16), first, nn.Linear(16, 12, bias=name != "tanh sigmoid"), second, nn.Linear(12, 4), last)
              for name, (first, second, last) in zip(names, inner)}
    models["0 1 relu 3 tanh 5 6"] = nn.Sequential(nn.Linear(7, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 12), nn.Tanh(),
                                                  nn.BatchNorm1d(12), nn.Linear(12, 4))
    jacobian = lambda model, x: t.autograd.functional.jacobian(lambda v: model(v[None])[0], x)
    for chain, model in models.items():
        for kind in (t.float64, t.float32):
            model = model.to(kind)
            model.train()
            model(t.randn(64, 7, dtype=kind))                               # moves the statistics of the batch norms
            model.eval()
            x = t.randn(7, dtype=kind)
            state = {k: v.cpu().numpy() for k, v in model.state_dict().items()}
            np.savez("net.npz", x=x.numpy(), y=model(x[None])[0].detach().numpy(), **state)
            single = kind == t.float32
            result = export("net.npz", *chain.split(), *["--float"] * single, "-o", "net.h")
            if not check(result.returncode == 0, f"{chain}: {result.stderr}"):
                continue
            result = build(single)
            check(result.returncode == 0, f"{chain}: {result.stdout}")
            points = t.randn(5, 7, dtype=kind)
            result = run("./driver", input=" ".join(float(v).hex() for v in points.numpy().reshape(-1)))
            parity, _, values = result.stdout.partition("\n")
            check(parity == "1", f"{chain}: parity failed")
            values = np.array([float.fromhex(v) for v in values.split()]).reshape(5, 4 + 4 * 7)
            for point, got in zip(points, values):
                y, J = model(point[None])[0].detach().numpy(), jacobian(model, point).detach().numpy()
                error = max(abs(got[:4] - y).max() / abs(y).max(), abs(got[4:].reshape(4, 7) - J).max() / abs(J).max())
                check(0 <= error < (1e-4 if single else 1e-10), f"{chain}, {kind}: off by {error:.1e}")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    os.chdir(WORK)
    with open("driver.c", "w") as file:
        file.write(DRIVER)
    library()
    for stage in ([torch] if "--torch" in sys.argv else [good, languages, planted, bad]):
        before = dict(counts)
        stage()
        print(f"{stage.__name__}: {counts[True] - before[True]} passed, {counts[False] - before[False]} failed")
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] > 0 or counts[True] == 0


if __name__ == "__main__":
    sys.exit(main())
