/* use.h - one small net, for each file of the programs that link.sh builds. All its numbers are exact.
 * SPDX-License-Identifier: MIT */
#ifndef USE_H
#define USE_H

/* A switch over the four verdicts is complete: -Wall asks for no other. */
static char verdict_is(jac_check_verdict verdict)
{
    switch (verdict) {
    case JAC_CHECK_PASS:         return 'p';
    case JAC_CHECK_FAIL:         return 'f';
    case JAC_CHECK_INCONCLUSIVE: return 'i';
    case JAC_CHECK_KINK:         return 'k';
    }
    return 'n';
}

/* Does the library, as this file sees it, compute the right y and J? */
static int net_is_right(void)
{
    static const jac_real W1[] = { 1, -2, 3, 4 }, b1[] = { 5, -1 }, W2[] = { 2, -1 };
    static const jac_layer layers[] = {
        JAC_DENSE(2, 2, W1, b1), JAC_RELU, JAC_DENSE_T(2, 1, W2, NULL), JAC_TANH, JAC_SOFTMAX, JAC_LEAKY_RELU(1)
    };
    static unsigned char memory[JAC_NET_SIZE_BOUND(2, 2, 6)];
    const jac_real x[] = { 1, 2 };
    jac_real y[1], J[2];
    jac_net net;
    return jac_net_init(&net, 2, layers, 3, memory, sizeof memory) == JAC_OK && jac_forward_backward(&net, x, y, J) == JAC_OK &&
           !(y[0] < -6) && !(y[0] > -6) && !(J[0] < -1) && !(J[0] > -1) && !(J[1] < -8) && !(J[1] > -8) &&   /* z = 2, 10; y = 4 - 10 */
           jac_net_init(&net, 2, layers, 6, memory, sizeof memory) == JAC_OK && jac_status_string(JAC_OK)[0] == 'n' &&
           verdict_is(JAC_CHECK_NONE) == 'n' && verdict_is(JAC_CHECK_KINK) == 'k';
}

#ifdef __cplusplus
extern "C" {
#endif
int use_b(void), use_cpp(void), use_float(void), use_static(void);
#ifdef __cplusplus
}
#endif

#endif
