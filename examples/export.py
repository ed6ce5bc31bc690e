#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""export.py - from a trained net to a C header for jacobian.h. Needs Python and NumPy only.

The file is a .npz or a .safetensors:
  PyTorch   np.savez("net.npz", **{k: v.cpu().numpy() for k, v in model.state_dict().items()})
  Keras     np.savez("net.npz", *model.get_weights())
  sklearn   np.savez("net.npz", **{f"{name}{k}": w for name in ("coefs_", "intercepts_") for k, w in enumerate(getattr(model, name))})
  NumPy     np.savez("net.npz", W1=W1, b1=b1, W2=W2, b2=b2)

The chain is one activation after each dense layer, `linear` for none (the last may be left out):
  export.py net.npz relu softmax
  export.py net.npz tanh tanh linear --float -o model.h
or, when layers stand in another order, are only some of the file's, or have batch norms among them, the whole chain by the
names in the file (without .weight, .bias ...; W1 and b1 are 1), or with `dense` and `bn` for the next of its kind:
  export.py net.npz fc1 bn1 relu fc2 softmax
  export.py keras.npz dense relu bn dense softmax
Activations: relu  leaky_relu=SLOPE  elu[=ALPHA]  tanh  sigmoid  softplus  silu  gelu  softmax  log_softmax
(a PReLU with one slope is leaky_relu=SLOPE)

The file may hold more, which is used when it is there:
  chain                     the chain, as one string: then none need be given (in a .safetensors: in its metadata)
  input_mean, input_std     the net was trained on (x - mean) / std: folded into the first dense layer
  output_mean, output_std   the net's output times std plus mean is the answer: folded into the last dense layer
  x, y                      an input and what the original net says to it: the export fails unless the chain says the same

The header holds the weights, the layers, NAME_init() and, under #define NAME_PARITY, NAME_parity(): 1 when the C program
gets the output and the Jacobian that Python computed from the original arrays.
"""
import argparse
import json
import math
import os
import re
import struct
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("export.py: this Python has no NumPy: install it (pip install numpy, apt install python3-numpy) or use another Python")

WIDE = np.longdouble                                # of folding and of the reference


class Bad(Exception):
    """What is wrong with the input, as one sentence."""


# ------------------------------------------------------------------------------------------------ files -> arrays

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4"}


def read_safetensors(path):
    """8 bytes: length of the JSON that follows; then the raw numbers, little-endian."""
    with open(path, "rb") as file:
        data = file.read()
    arrays = {}
    try:
        start = 8 + struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:start].decode("utf-8"))
        metadata = header.pop("__metadata__", {})
        for name, entry in header.items():
            (begin, end), shape, kind = entry["data_offsets"], entry["shape"], entry["dtype"]
            if begin < 0 or start + end > len(data) or any(n < 0 for n in shape):
                raise ValueError("truncated")
            if kind not in TYPES:
                arrays[name] = np.empty([0] * len(shape), object)           # refused when it is needed
                continue
            values = np.frombuffer(data[start + begin:start + end], TYPES[kind])
            if kind == "BF16":                      # the upper half of a float
                values = (values.astype("<u4") << 16).view("<f4")
            arrays[name] = values.reshape(shape)
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise Bad(f"{path} is not a whole .safetensors file ({error})")
    if "chain" in metadata:
        arrays["chain"] = np.array(metadata["chain"])
    return arrays


def read_npz(path):
    try:
        file = np.load(path, allow_pickle=False)
        arrays = {name: file[name] for name in file.files} if hasattr(file, "files") else None
    except Exception as error:                      # whatever NumPy, zip or the disk has against it
        raise Bad(f"{path} cannot be read as .npz ({error}): save plain arrays by np.savez")
    if arrays is None:
        raise Bad(f"{path} is one array (.npy): save all of them by np.savez")
    return arrays


def read(path):
    if not os.path.isfile(path):
        raise Bad(f"{path} is not a file")
    if path.endswith(".npz"):
        return read_npz(path)
    if path.endswith(".safetensors"):
        return read_safetensors(path)
    raise Bad(f"{path} is neither .npz nor .safetensors: see --help for the line of Python that saves one")


# ------------------------------------------------------------------------------------------------ arrays -> chain

class Dense:
    def __init__(self, name, W, b):
        self.name, self.W, self.b = name, W, b      # W is [out x in] once the layout is known


class Affine:
    """a -> s a + t: batch norm and normalisation."""
    def __init__(self, name, s, t):
        self.name, self.s, self.t = name, s, t


class Activation:
    def __init__(self, name, alpha=None):
        self.name, self.alpha = name, alpha


ROLES = {"weight": "W", "kernel": "W", "w": "W", "coefs": "W", "bias": "b", "b": "b", "intercepts": "b",
         "gamma": "gamma", "scale": "gamma", "beta": "beta", "running_mean": "mean", "moving_mean": "mean",
         "running_var": "var", "moving_variance": "var"}
SPECIAL = ("chain", "x", "y", "input_mean", "input_std", "output_mean", "output_std")


def numbers(name, array):
    """The array in the widest float, if it is one of finite numbers."""
    if array.dtype.kind not in "fiu":
        raise Bad(f"{name} does not hold numbers of a known type (float64, float32, float16, bfloat16 or integers)")
    if not np.isfinite(array).all():
        raise Bad(f"{name} holds a number that is not finite")
    return array.astype(WIDE)


def batch_norm(name, gamma, beta, mean, var, eps):
    parts = [numbers(f"batch norm {name}", part) for part in (gamma, beta, mean, var) if part is not None]
    if len({part.shape for part in parts}) > 1 or parts[0].ndim != 1:
        raise Bad(f"batch norm {name} has arrays of different or more than one dimension")
    if (parts[-1] + eps <= 0).any():
        raise Bad(f"batch norm {name} has a variance that is not positive")
    s = (1 if gamma is None else gamma) / np.sqrt(parts[-1] + eps)
    return Affine(name, s, (0 if beta is None else beta) - parts[-2] * s)


def listed(arrays, eps):
    """Layers of np.savez(*model.get_weights()): arr_0, arr_1 ...; a kernel, then 1 array of bias, 4 of batch norm, or 5 of both."""
    layers, names = [], sorted(arrays, key=lambda name: int(name[4:]))
    while names:
        if arrays[names[0]].ndim == 2:
            name = names.pop(0)
            layers.append(Dense(name, numbers(name, arrays[name]), None))
        run = []
        while names and arrays[names[0]].ndim == 1:
            run.append(names.pop(0))
        if len(run) not in ((4,) if not layers else (0, 1, 4, 5)):
            raise Bad(f"{len(run)} one-dimensional arrays stand together from {run[0]} on: expected a bias (1) or a batch norm (4) after "
                      "a kernel; save the arrays by name")
        if len(run) in (1, 5):
            layers[-1].b = numbers(run[0], arrays[run[0]])
        if len(run) >= 4:
            gamma, beta, mean, var = (arrays[name] for name in run[-4:])
            layers.append(batch_norm(run[-4], gamma, beta, mean, var, 1e-3 if eps is None else eps))
        if names and arrays[names[0]].ndim not in (1, 2):
            raise Bad(f"{names[0]} has shape {arrays[names[0]].shape}: only dense layers (two dimensions) can be exported")
    return layers


def named(arrays, eps):
    """Layers of arrays called PREFIX.weight, PREFIX/kernel, W1 ..., and the arrays that belong to none."""
    groups, others = {}, []
    for name in arrays:
        prefix, role, number = re.fullmatch(r"(.*[./])?(.*?)_?(\d*)(?::\d+)?", name, re.S).groups()
        if role.lower() in ROLES:
            roles = groups.setdefault((prefix or "")[:-1] + number, {})
            first = roles.setdefault(ROLES[role.lower()], name)
            if first != name:
                raise Bad(f"{first} and {name} are two arrays for one place: rename or leave out one of them")
        elif role != "num_batches_tracked":
            others.append(name)
    layers = []
    for name, roles in groups.items():
        get = {role: arrays[array] for role, array in roles.items()}
        if "mean" in get and "var" in get:
            keras = "moving" in roles["mean"]
            default = 1e-3 if keras else 1e-5
            layers.append(batch_norm(name, get.get("gamma", get.get("W")), get.get("beta", get.get("b")), get["mean"], get["var"],
                                     default if eps is None else eps))
        elif "W" in get and get["W"].ndim == 2 and not set(get) - {"W", "b"}:
            layers.append(Dense(name, numbers(roles["W"], get["W"]), numbers(roles["b"], get["b"]) if "b" in get else None))
        else:
            others += roles.values()
    return layers, others


def by_number(layers):
    """The layers of a .safetensors, which does not keep the order of the net: their names must differ by one number."""
    numbers_in = [[int(digits) for digits in re.findall(r"\d+", layer.name)] for layer in layers]
    patterns = {re.sub(r"\d+", "#", layer.name) for layer in layers}
    if len(layers) > 1 and (len(patterns) > 1 or sum(len(set(column)) > 1 for column in zip(*numbers_in)) != 1):
        raise Bad("a .safetensors does not keep the order of its layers: give the whole chain by their names, " +
                  " ".join(layer.name for layer in layers))
    return [layer for _, layer in sorted(zip(numbers_in, layers), key=lambda pair: pair[0])]


def activation(word, layers):
    """[the activation], or [] for none."""
    name, _, number = word.partition("=")
    name = re.sub("[-_ ]", "", name.lower())
    name = {"identity": "linear", "none": "linear", "swish": "silu", "leakyrelu": "leaky_relu", "logsoftmax": "log_softmax"}.get(name, name)
    if name == "linear" and not number:
        return []
    if name not in MACROS:
        raise Bad(f"`{word}` is neither an activation ({', '.join(MACROS)}, linear) nor a layer of the file ({', '.join(layers)}); "
                  "for one of your own export with `linear` and put JAC_ACTIVATION(f, user) there in the header; its parity fails then")
    alpha = 1.0 if name == "elu" else None
    try:
        if number:
            alpha = float(number)
    except ValueError:
        raise Bad(f"`{word}`: {number} is not a number")
    if number and name not in ("leaky_relu", "elu"):
        raise Bad(f"`{word}`: {name} takes no number")
    if name == "leaky_relu" and alpha is None:
        raise Bad("leaky_relu needs its slope, since frameworks differ: leaky_relu=0.01 in PyTorch, 0.2 or 0.3 in Keras")
    if alpha is not None and not math.isfinite(alpha):
        raise Bad(f"`{word}`: the number must be finite")
    return [Activation(name, alpha)]


def chain(layers, words, others, ordered):
    """The items of the net in order; ordered() gives the layers in the order of the file."""
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    by_name = {layer.name: layer for layer in layers}
    if not any(word in by_name or word in ("dense", "bn") for word in words):
        if others:
            raise Bad(f"{others[0]} belongs to no dense layer or batch norm (weight, kernel, bias, running_mean ...): a net with other "
                      "layers, as convolutions, cannot be exported; to leave out what "
                      "the net does not use, give the whole chain by the names of the layers")
        if not dense:
            raise Bad("the file holds no dense layer: no two-dimensional array called PREFIX.weight, PREFIX/kernel, W1 or arr_0")
        if len(dense) < len(layers):
            example = " ".join(layer.name if isinstance(layer, Affine) else layer.name + " relu" for layer in layers)
            raise Bad(f"a batch norm may stand before or after the activation: give the whole chain, for example `{example}`")
        if len(words) not in (len(dense) - 1, len(dense)):
            raise Bad(f"{len(dense)} dense layers ({', '.join(by_name)}) take one activation each, `linear` for none, the last may be "
                      f"left out: {len(words)} given, expected for example `{' '.join(['relu'] * (len(dense) - 1))}`")
        words = [word for layer, act in zip(ordered(layers), [*words, "linear"]) for word in (layer.name, act)]
    items, queues = [], {}
    for word in words:
        kind = {"dense": Dense, "bn": Affine}.get(word)
        if word in by_name:
            items.append(by_name[word])
        elif kind:
            if word not in queues:
                queues[word] = [layer for layer in ordered(layers) if isinstance(layer, kind)]
            if not queues[word]:
                raise Bad(f"the chain has more `{word}` than the file")
            items.append(queues[word].pop(0))
        else:
            items += activation(word, by_name)
    if not any(isinstance(item, Dense) for item in items):
        raise Bad("the chain has no dense layer")
    return items


def turned(items, transposed):
    """The items with every W as [out x in], and the width between them checked; raises what does not fit."""
    result, n, before = [], None, "the input"
    for item in items:
        if isinstance(item, Dense):
            W = item.W.T if transposed else item.W
            if n is not None and W.shape[1] != n:
                raise Bad(f"{item.name} takes {W.shape[1]} inputs but {before} gives {n}")
            n, before = W.shape[0], item.name
            if min(W.shape) == 0:
                raise Bad(f"{item.name} has shape {item.W.shape}: a width is zero")
            if item.b is not None and item.b.shape != (n,):
                raise Bad(f"the bias of {item.name} has shape {item.b.shape} but its weights have {n} outputs")
            item = Dense(item.name, W, item.b)
        elif isinstance(item, Affine):
            if n is not None and len(item.s) != n:
                raise Bad(f"batch norm {item.name} has {len(item.s)} units but {before} gives {n}")
            n, before = len(item.s), item.name
        result.append(item)
    return result


def laid_out(items, layout, kernels):
    """The items with every W as [out x in], and whether they were stored the other way."""
    fits, reasons = [], {}
    for transposed in (False, True) if layout is None else (layout == "in,out",):
        try:
            fits.append((turned(items, transposed), transposed))
        except Bad as reason:
            reasons[transposed] = str(reason)
    if not fits:
        reason = reasons.get(kernels, next(iter(reasons.values())))
        raise Bad(reason + (f" (layout {layout})" if layout else " (and the weights transposed do not fit either)"))
    if len(fits) == 2:
        if not kernels:
            raise Bad("the weights fit either way round: say --layout out,in (PyTorch: a row of W is an output) or "
                      "--layout in,out (Keras, x @ W + b: a row is an input)")
        fits = fits[1:]
    return fits[0]


def normalisation(arrays, which, n):
    """(mean, std) of input or output, [n] each, or None."""
    mean, std = (arrays.get(f"{which}_{part}") for part in ("mean", "std"))
    if mean is None and std is None:
        return None
    result = []
    for part, array, default in (("mean", mean, 0), ("std", std, 1)):
        values = numbers(f"{which}_{part}", np.array(default) if array is None else array).reshape(-1)
        if len(values) not in (1, n):
            raise Bad(f"{which}_{part} has {len(values)} numbers but the net has {n} {which}s")
        result.append(np.broadcast_to(values, (n,)))
    if (result[1] == 0).any():
        raise Bad(f"{which}_std holds a zero")
    return result


def folded(items):
    """The same function without affine items: each goes into the dense layer before it, or else into the one after."""
    items = list(items)
    i = 0
    while i < len(items):
        item = items[i]
        before, after = items[i - 1] if i else None, items[i + 1] if i + 1 < len(items) else None
        if not isinstance(item, Affine):
            i += 1
            continue
        if isinstance(before, Dense):               # s (W a + b) + t
            b = 0 if before.b is None else before.b
            items[i - 1:i + 1] = [Dense(before.name, item.s[:, None] * before.W, item.s * b + item.t)]
        elif isinstance(after, Dense):              # W (s a + t) + b
            b = 0 if after.b is None else after.b
            items[i:i + 2] = [Dense(after.name, after.W * item.s, after.W @ item.t + b)]
        elif isinstance(after, Affine):
            items[i:i + 2] = [Affine(after.name, after.s * item.s, after.s * item.t + after.t)]
        else:
            raise Bad(f"{item.name} has no dense layer beside it to be folded into")
    return items


# ------------------------------------------------------------------------------------------------ the reference

def sigmoid(z):
    e = np.exp(-abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def gelu(z, a):
    Phi = np.array([math.erfc(-float(v) / math.sqrt(2)) / 2 for v in z], z.dtype)
    return z * Phi, Phi + z * np.exp(-z * z / 2) / np.sqrt(2 * z.dtype.type(math.pi))


def tanh(z, a):
    e = np.exp(-2 * abs(z))
    return np.tanh(z), 4 * e / (1 + e) ** 2


ELEMENTWISE = {     # value and derivative at z; a is the number of the activation
    "relu": lambda z, a: (np.maximum(z, 0), np.where(z > 0, 1, 0)),
    "leaky_relu": lambda z, a: (np.where(z > 0, z, a * z), np.where(z > 0, 1, a)),
    "elu": lambda z, a: (np.where(z > 0, z, a * np.expm1(np.minimum(z, 0))), np.where(z > 0, 1, a * np.exp(np.minimum(z, 0)))),
    "tanh": tanh,
    "sigmoid": lambda z, a: (sigmoid(z), sigmoid(z) * sigmoid(-z)),
    "softplus": lambda z, a: (np.maximum(z, 0) + np.log1p(np.exp(-abs(z))), sigmoid(z)),
    "silu": lambda z, a: (z * sigmoid(z), sigmoid(z) * (1 + z * sigmoid(-z))),
    "gelu": gelu,
}
MACROS = {name: "JAC_" + name.upper() for name in (*ELEMENTWISE, "softmax", "log_softmax")}


def evaluate(items, x, with_J=True):
    """y and J at x, by pulling the identity back through the items in the precision of x; and how clear x is of kinks and
    of saturation, 0 to 1."""
    a, clear, pulls = x, 1.0, []                    # each takes G, the rows dy_r / d(what its item returned); None is the identity
    for item in items:
        if isinstance(item, Dense):                 # longdouble has no fast product: by the identity there is none
            W = item.W.astype(x.dtype, copy=False)
            a = W @ a + (0 if item.b is None else item.b.astype(x.dtype))
            pulls.append(lambda G, W=W: W if G is None else G @ W)
        elif isinstance(item, Affine):
            a = item.s * a + item.t
            pulls.append(pull_diagonal(item.s))
        elif item.name in ELEMENTWISE:
            if item.name in ("relu", "leaky_relu", "elu"):
                clear = min(clear, float(abs(a).min() / max(abs(a).max(), 1e-300)))
            a, d = ELEMENTWISE[item.name](a, item.alpha)
            a, d = a.astype(x.dtype), d.astype(x.dtype)
            pulls.append(pull_diagonal(d))
        else:
            e = np.exp(a - a.max())
            s = e / e.sum()
            clear = min(clear, float(1 - s.max()))
            log = item.name == "log_softmax"
            a = a - a.max() - np.log(e.sum()) if log else s
            pulls.append(lambda G, s=s, log=log: pull_softmax(np.eye(len(s), dtype=s.dtype) if G is None else G, s, log))
    J = None
    for pull in reversed(pulls if with_J else []):
        J = pull(J)
    return a, J, clear


def pull_diagonal(d):
    return lambda G: np.diag(d) if G is None else G * d


def pull_softmax(G, s, log):                        # column j: s_j sum_k s_k (G_rj - G_rk); of the logarithm sum_k (s_k G_rj - s_j G_rk)
    return np.stack([((s * G[:, j:j + 1] - s[j] * G).sum(1) if log else s[j] * ((G[:, j:j + 1] - G) @ s)) for j in range(len(s))], 1)


TINY = {np.float64: 1e-290, np.float32: 1e-30}      # below it a row has lost digits to underflow and is not compared


def parity(original, exported, given_x, real, n, offset):
    """x, y and J of the original chain, and the relative error that the exported one may have in `real`."""
    if given_x is None:                             # of some points at several scales the one farthest from kinks and saturation
        random = np.random.RandomState(1)
        mean, std = offset if offset else (0, 1)
        points = [(mean + std * scale * random.randn(n)).astype(real) for scale in (1, 0.3, 0.1, 0.01) for _ in range(16)]
        x = max(points, key=lambda point: evaluate(original, point.astype(WIDE), False)[2])
    else:
        x = given_x.astype(real)
    y, J, _ = evaluate(original, x.astype(WIDE))
    y_real, J_real, _ = evaluate(exported, x)
    errors = [abs(p - q).max() / abs(q).max() for p, q in [(y_real, y), *zip(J_real, J)] if abs(q).max() > TINY[real]]
    if not (np.isfinite(y).all() and np.isfinite(J).all() and np.isfinite(errors).all()):
        raise Bad("the net's output or Jacobian is not finite at the parity input: the weights are too large for " + real.__name__)
    tolerance = max([{np.float64: 1e-11, np.float32: 2e-5}[real]] + [16 * float(error) for error in errors])
    if tolerance > 0.01:
        raise Bad(f"rounding to {real.__name__} changes the output or Jacobian by {max(errors):.1g} of its size at the parity input: "
                  "export as double, or put another x into the file")
    return x, y, J, tolerance


# ------------------------------------------------------------------------------------------------ the C header

def c_number(value, real, decimal):
    """A literal that is exactly this value: hexadecimal, or the shortest decimal that reads back the same."""
    if decimal:
        text = repr(float(value)) if real is np.float64 else str(real(value))
    else:
        text = re.sub(r"\.?0*p", "p", float(value).hex())
    return text + ("f" if real is np.float32 else "")


def c_array(name, values, comment, real, decimal):
    texts = [c_number(value, real, decimal) for value in np.asarray(values).astype(real).reshape(-1)]
    lines, line = [], "   "
    for text in texts:
        if len(line) + len(text) + 2 > 140:
            lines, line = lines + [line], "   "
        line += " " + text + ","
    size = " * ".join(str(n) for n in np.shape(values))
    return f"static const jac_real {name}[{size}] = {{{comment}\n" + "\n".join(lines + [line]) + "\n};\n"


TEMPLATE = """\
/* {file} - {shape}, {real}, exported from {source} by export.py of jacobian.h.
 * Include it in one file of the program:
 *
 *     #define JACOBIAN_IMPLEMENTATION            unless another file holds the library
 *     #define {NAME}_PARITY                      adds {name}_parity(), for a first run
 *     #include "{file}"
 *
 *     jac_net net;
 *     if ({name}_init(&net) != JAC_OK || !{name}_parity()) ...          the import is not what Python exported
 *     jac_forward_backward(&net, x, y, J);                 x [{N}], y [{O}], J [{O} x {N}]
 */
#ifndef {NAME}_H
#define {NAME}_H

#include "jacobian.h"

#if{is_float} JAC_FLOAT
#error "{file} holds {real} weights: {remedy}"
#endif
{old_cpp}
enum {{ {name}_n_in = {N}, {name}_n_out = {O}, {name}_n_layers = {L}, {name}_widest = {widest} }};

{arrays}
static const jac_layer {name}_layers[{L}] = {{
{layers}
}};

/* Enough for this net. For the least define {NAME}_MEMORY as what jac_net_size({name}_n_in, {name}_layers, {name}_n_layers) says. */
#ifndef {NAME}_MEMORY
#define {NAME}_MEMORY JAC_NET_SIZE_BOUND({N}, {widest}, {L})
#endif
static unsigned char {name}_memory[{NAME}_MEMORY];

/* Make the net ready over {name}_memory. A second net, for another thread, needs its own memory: call jac_net_init for it. */
static inline jac_status {name}_init(jac_net *net)
{{
    return jac_net_init(net, {name}_n_in, {name}_layers, {name}_n_layers, {name}_memory, sizeof {name}_memory);
}}

#ifdef {NAME}_PARITY
/* One input, and what Python makes of it from the original arrays. */
{reference}
/* Are the n values those of the reference, to {tolerance} of the largest? */
static inline int {name}_close(const jac_real *value, const jac_real *reference, size_t n)
{{
    jac_real scale = 0;
    for (size_t i = 0; i < n; i++) {{
        const jac_real size = reference[i] < 0 ? -reference[i] : reference[i];
        if (size > scale) scale = size;
    }}
    for (size_t i = 0; i < n; i++) {{
        const jac_real error = value[i] < reference[i] ? reference[i] - value[i] : value[i] - reference[i];
        if (!(error <= {tolerance} * scale + {tiny})) return 0;
    }}
    return 1;
}}

/* 1 when the library gets the same y and J here, 0 when not. Works in {name}_memory: a forward point kept there is lost. */
static inline int {name}_parity(void)
{{
    static jac_real y[{O}], J[{O} * {N}];
    jac_net net;
    if ({name}_init(&net) != JAC_OK || jac_forward_backward(&net, {name}_parity_x, y, J) != JAC_OK) return 0;
    if (!{name}_close(y, {name}_parity_y, {O})) return 0;
    for (size_t o = 0; o < {O}; o++)
        if (!{name}_close(J + o * {N}, {name}_parity_J + o * {N}, {N})) return 0;
    return 1;
}}
#endif

#endif
"""

OLD_CPP = """#if defined(__cplusplus) && __cplusplus < 201703L && defined(__STRICT_ANSI__)
#error "hexadecimal numbers need C, or C++17: for older C++ export with --decimal"
#endif
"""


def plain(text):
    """The text as it may stand in a C comment."""
    return re.sub(r"[^\w ./+-]", "_", text, flags=re.ASCII)


def header(name, file, source, items, transposed, real, decimal, x, y, J, tolerance):
    array = lambda *arguments: c_array(*arguments, real, decimal)
    arrays, layers, widths = [], [], [len(x)]
    for item in items:
        if isinstance(item, Dense):
            k = len(arrays) + 1
            out, n = item.W.shape
            W = item.W.T if transposed else item.W
            text = array(f"{name}_W{k}", W, f"    /* {plain(item.name)}: [{W.shape[0]}][{W.shape[1]}] */")
            if item.b is not None:
                text += array(f"{name}_b{k}", item.b, "")
            arrays.append(text)
            b = "NULL" if item.b is None else f"{name}_b{k}"
            layers.append(f"    JAC_DENSE{'_T' if transposed else ''}({n}, {out}, {name}_W{k}, {b}),")
            widths.append(out)
        else:
            alpha = "" if item.alpha is None else f"({c_number(item.alpha, np.float64, True)})"
            layers.append(f"    {MACROS[item.name]}{alpha},")
    reference = "".join(array(f"{name}_parity_{letter}", values, "") for letter, values in (("x", x), ("y", y), ("J", J)))
    single = real is np.float32
    return TEMPLATE.format(
        file=plain(file), source=plain(source), name=name, NAME=name.upper(), N=len(x), O=len(y), L=len(layers), widest=max(widths),
        shape=" -> ".join(map(str, widths)), real="float" if single else "double", is_float="ndef" if single else "def",
        remedy="define JAC_FLOAT in every file that includes jacobian.h" if single else "do not define JAC_FLOAT, or export with --float",
        old_cpp="" if decimal else OLD_CPP, arrays="\n".join(arrays), layers="\n".join(layers), reference=reference,
        tolerance=c_number(real(f"{tolerance:.1e}"), real, True), tiny=c_number(real(TINY[real]), real, True)), widths


def export(options):
    arrays = read(options.file)
    special = {name: arrays.pop(name) for name in SPECIAL if name in arrays}
    words = options.chain or (str(special["chain"]).replace(",", " ").split() if "chain" in special else [])
    sequence = bool(arrays) and all(re.fullmatch(r"arr_\d+", name) for name in arrays)
    layers, others = (listed(arrays, options.bn_eps), []) if sequence else named(arrays, options.bn_eps)
    items = chain(layers, words, others, by_number if options.file.endswith(".safetensors") else list)
    kernels = any("kernel" in name for name in arrays)
    original, transposed = laid_out(items, options.layout, kernels)

    widths = [item for item in original if isinstance(item, (Dense, Affine))]
    n_in = widths[0].W.shape[1] if isinstance(widths[0], Dense) else len(widths[0].s)
    n_out = len(widths[-1].W if isinstance(widths[-1], Dense) else widths[-1].s)
    scaling = normalisation(special, "input", n_in)
    if scaling:
        original.insert(0, Affine("the input normalisation", 1 / scaling[1], -scaling[0] / scaling[1]))
    result = normalisation(special, "output", n_out)
    if result:
        original.append(Affine("the output normalisation", result[1], result[0]))

    real = np.float32 if options.float else np.float64
    exported = folded(original)
    for item in exported:
        if isinstance(item, Dense):
            item.W, item.b = item.W.astype(real), None if item.b is None else item.b.astype(real)
            if not (np.isfinite(item.W).all() and (item.b is None or np.isfinite(item.b).all())):
                raise Bad(f"{item.name} holds a number too large for {real.__name__} once everything is folded in")
    given = {}
    for key, n in (("x", n_in), ("y", n_out)):
        if key in special:
            given[key] = numbers(key, special[key]).reshape(-1)
            if len(given[key]) != n:
                raise Bad(f"{key} has {len(given[key])} numbers but the net has {n} {'inputs' if key == 'x' else 'outputs'}")
    if "y" in given and "x" not in given:
        raise Bad("the file has a y but not the x it belongs to")
    x, y, J, tolerance = parity(original, exported, given.get("x"), real, n_in, scaling)
    if "x" in given and "y" in given:
        error = float(abs(y - given["y"]).max())
        if error > 1e-4 * float(abs(given["y"]).max()):
            raise Bad(f"the chain as described does not give the y of the file (it is off by {error:.2g}): "
                      "compare the activations, the order and the layout with the original")

    file = os.path.basename(options.output)
    source = os.path.basename(options.file)
    text, widths = header(options.name, file, source, exported, transposed, real, options.decimal, x, y, J, tolerance)
    try:
        with open(options.output + ".part", "w", encoding="ascii", newline="\n") as out:
            out.write(text)
        os.replace(options.output + ".part", options.output)
    except OSError as error:
        if os.path.isfile(options.output + ".part"):
            os.remove(options.output + ".part")
        raise Bad(f"cannot write {options.output} ({error.strerror})")
    unused = [layer.name for layer in layers if layer not in items]
    parts = " ".join(f"{item.W.shape[1]}->{item.W.shape[0]} ({item.name})" if isinstance(item, Dense) else item.name
                     for item in exported)
    count = sum(item.W.size + (0 if item.b is None else item.b.size) for item in exported if isinstance(item, Dense))
    print(f"{options.output}: {parts}; {count} numbers in {'float' if options.float else 'double'}, "
          f"rows of W are {'inputs' if transposed else 'outputs'}; parity to {tolerance:.1e}" +
          "; left out: " * bool(unused) + ", ".join(unused))


def main():
    parser = argparse.ArgumentParser(prog="export.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help=".npz or .safetensors")
    parser.add_argument("chain", nargs="*", help="activations, or the whole chain (above)")
    parser.add_argument("-o", "--output", metavar="FILE.h", help="the C header (default: the name of the file, .h, in this folder)")
    parser.add_argument("--name", help="what the C names begin with (default: the name of the header)")
    parser.add_argument("--float", action="store_true", help="float weights, for JAC_FLOAT (default: double, which holds float exactly)")
    parser.add_argument("--layout", choices=("out,in", "in,out"), metavar="ORDER",
                        help="of the weights, where their shapes do not tell it: out,in as in PyTorch, or in,out as in Keras")
    parser.add_argument("--bn-eps", type=float, metavar="EPS", help="of the batch norms (default: as the framework, 1e-5 or 1e-3)")
    parser.add_argument("--decimal", action="store_true", help="decimal instead of hexadecimal numbers, as exact: for C++11 and C++14")
    options = parser.parse_intermixed_args()
    stem = re.sub(r"\W", "_", os.path.splitext(os.path.basename(options.output or options.file))[0], flags=re.ASCII)
    options.output = options.output or stem + ".h"
    options.name = options.name or (stem if re.match("[A-Za-z]", stem) else "net_" + stem)
    try:
        if not re.fullmatch(r"[A-Za-z]\w*", options.name, re.ASCII) or re.match("jac(_|obian$|$)", options.name, re.I):
            raise Bad(f"`{options.name}` cannot begin a C name: choose another by --name")
        if options.bn_eps is not None and not 0 <= options.bn_eps < math.inf:
            raise Bad(f"--bn-eps is a number from 0 on, not {options.bn_eps}")
        with np.errstate(all="ignore"):             # what is not finite is found where it matters
            export(options)
    except Bad as reason:
        print("export.py:", " ".join(str(reason).split()), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
