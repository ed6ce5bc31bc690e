"""make_golden.py NOTEBOOK DIGITS - write the references and the digits net as C headers, from two folders of .npy files.

Both hold a net (w1, b1, w2, b2, [in][out]), its inputs, and the output and Jacobian of each, computed with 120 decimal
digits and rounded to double once. Written: examples/digits_net.h, tests/golden_digits.h, tests/golden_notebook.h.
SPDX-License-Identifier: MIT
"""
import pathlib
import sys

import numpy as np

here = pathlib.Path(__file__).resolve().parent


def array(declaration, values, form=float.hex, per_line=5):
    """One C array, braced as its dimensions say."""

    def block(v):
        if v.ndim > 1:
            return "{\n" + ",\n".join(map(block, v)) + " }"
        flat = [form(x) for x in v.tolist()]
        return "{\n  " + ",\n  ".join(", ".join(flat[i : i + per_line]) for i in range(0, len(flat), per_line)) + " }"

    return f"static const {declaration} = {block(np.asarray(values))};\n"


def header(path, about, *arrays):
    guard = path.name.upper().replace(".", "_")
    head = f"/* {path.name} - {about}\n * Written by tests/make_golden.py. SPDX-License-Identifier: MIT */\n"
    path.write_text(f"{head}#ifndef {guard}\n#define {guard}\n\n" + "\n".join(arrays) + "\n#endif\n")


def main(notebook, digits):
    n = {p.stem: np.load(p) for p in pathlib.Path(notebook).glob("*.npy")}
    d = {p.stem: np.load(p) for p in pathlib.Path(digits).glob("*.npy")}
    pixels = d["images"] * 16
    assert (pixels == np.rint(pixels)).all() and pixels.min() >= 0 and pixels.max() <= 16

    header(
        here.parent / "examples/digits_net.h",
        "a net trained on real scans of handwritten digits: 64 pixels - 32 ReLU - 10 classes, softmax;\n"
        " * and 20 of the scans. Weights are [in][out], for JAC_DENSE_T. Pixels are 0 .. 16; the net takes them divided by 16.\n"
        " * The scans: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,\n"
        " * https://doi.org/10.24432/C50P49, licence CC BY 4.0\n"
        " * (https://creativecommons.org/licenses/by/4.0/); 20 of them chosen, unchanged.",
        array("double W1[64 * 32]", d["w1"].ravel()),
        array("double b1[32]", d["b1"]),
        array("double W2[32 * 10]", d["w2"].ravel()),
        array("double b2[10]", d["b2"]),
        array("unsigned char images[20][64]", pixels.astype(int), str, 32),
        array("unsigned char labels[20]", d["labels"], str, 20),
    )
    header(
        here / "golden_digits.h",
        "output and Jacobian of the net of examples/digits_net.h at each of its 20 scans:\n"
        " * computed with 120 decimal digits, rounded to double once.",
        array("double golden_y[20][10]", d["outputs"]),
        array("double golden_J[20][10][64]", d["jacobians"]),
    )
    header(
        here / "golden_notebook.h",
        "output and Jacobian of the net of notebook_net.h at its x0: computed with 120 decimal digits,\n"
        " * rounded to double once. The rows of J are 6e-237 to 1e-23 in size.",
        array("double golden_notebook_y[10]", n["output"]),
        array("double golden_notebook_J[10][500]", n["jacobian"]),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
