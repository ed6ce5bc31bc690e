/* use_cpp.cpp - the library in C++: called, or with -DJACOBIAN_IMPLEMENTATION compiled as well.
 * SPDX-License-Identifier: MIT */
#include "../jacobian.h"
#include "use.h"

/* Widths that are not constants, nor of type size_t, narrow nothing. */
static jac_layer dense(int in, int out, const jac_real *W, const jac_real *b)
{
    const jac_layer layer = JAC_DENSE(in, out, W, b);
    return layer;
}

int use_cpp(void)
{
    const jac_real W[6] = { 0 };
    const jac_layer layer = dense(3, 2, W, nullptr);
    return net_is_right() && layer.in == 3 && layer.out == 2;
}
