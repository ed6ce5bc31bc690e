/* fuzz_scalar.c - the portable scalar build, as a second opinion for fuzz_face.c. SPDX-License-Identifier: MIT */
#define JAC_STATIC
#define JAC_NO_SIMD
#define JACOBIAN_IMPLEMENTATION
#include "../../jacobian.h"

size_t scalar_size(size_t n_in, const jac_layer *layers, size_t n_layers);
jac_status scalar_jacobian(size_t n_in, const jac_layer *layers, size_t n_layers, void *memory, size_t size, const jac_real *x, jac_real *y,
                           jac_real *J);

size_t scalar_size(size_t n_in, const jac_layer *layers, size_t n_layers) { return jac_net_size(n_in, layers, n_layers); }

jac_status scalar_jacobian(size_t n_in, const jac_layer *layers, size_t n_layers, void *memory, size_t size, const jac_real *x, jac_real *y,
                           jac_real *J)
{
    jac_net net;
    const jac_status status = jac_net_init(&net, n_in, layers, n_layers, memory, size);
    return status == JAC_OK ? jac_forward_backward(&net, x, y, J) : status;
}
