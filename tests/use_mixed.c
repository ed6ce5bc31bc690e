/* use_mixed.c - two files of one program that disagree about JAC_FLOAT. One of them only shares its layers and its net, so that nothing
 * is left for the linker to refuse: the library must. Compiled twice, once with -DSHARES.
 * SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"

extern const jac_layer shared_layers[2];
extern jac_net shared_net;
int share(void);

static unsigned char memory[JAC_NET_SIZE_BOUND(2, 2, 2)];

#ifdef SHARES
static const jac_real W[] = { 1, 2, 3, 4 };
const jac_layer shared_layers[2] = { JAC_DENSE(2, 2, W, NULL), JAC_LEAKY_RELU(0.5) };
jac_net shared_net;

int share(void)
{
    const jac_real x[] = { 1, 1 };
    return jac_net_init(&shared_net, 2, shared_layers, 2, memory, sizeof memory) == JAC_OK && jac_forward(&shared_net, x, NULL) == JAC_OK;
}
#else
int main(void)
{
    const jac_real x[] = { 1, 1 };
    jac_real y[2], J[4];
    jac_net net;
    return !(share() && jac_net_init(&net, 2, shared_layers, 2, memory, sizeof memory) == JAC_ERROR_LAYER && net.bad_layer == 0 &&
             jac_forward(&shared_net, x, y) == JAC_ERROR_NOT_READY && jac_backward(&shared_net, J) == JAC_ERROR_NOT_READY);
}
#endif
