/* eva.c - what Frama-C's Eva looks at: every call of the public face, over many shapes of nets, with any weights and any inputs in
 * [-2, 2]. Every array is a block of its exact size and starts uninitialised, so that a byte read or written beside it, or read before
 * it was written, is an alarm. SPDX-License-Identifier: MIT */
#include "__fc_builtin.h"

#define JACOBIAN_IMPLEMENTATION
#define JAC_STATIC
/* Addresses are not numbers in Eva: arrays do not overlap, and the memory is off its alignment by `off`. */
static size_t off;
/*@ assigns \result \from p, n, q, m; ensures \result == 0; */
static int jac_impl_overlap(const void *p, size_t n, const void *q, size_t m);
#include JAC_FILE

static void any(size_t n, jac_real *v)
{
    //@ loop unroll 1000;
    for (size_t i = 0; i < n; i++) v[i] = Frama_C_double_interval(-2, 2);
}

static void twice(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) { a[j] = 2 * z[j]; da[j] = 2; }
}

static void net_of(size_t n, size_t N, size_t H, size_t O, unsigned hidden, unsigned first, unsigned second, unsigned end)
{
    jac_real W1[H * N], b1[H], W2[O * H], x[n * N], y[n * O], J[n * O * N - SHORT], V[n * O], VJ[n * N], JU[n * O];
    const jac_layer layers[] = { { first, N, H, W1, b1, 0, NULL, NULL }, { hidden, 0, 0, NULL, NULL, 0.5, twice, NULL },
                                 { second, H, O, W2, NULL, 0, NULL, NULL }, { end, 0, 0, NULL, NULL, 0.5, twice, NULL } };
    const size_t L = end ? 4 : 3, bytes = jac_net_size(N, layers, L);
    unsigned char memory[bytes];
    jac_net net;
    jac_status status;
    any(H * N, W1);
    any(H, b1);
    any(O * H, W2);
    any(n * N, x);
    any(n * O, V);
    //@ check size_is_known: 0 < bytes;
    status = jac_net_init(&net, N, layers, L, memory, bytes);
    //@ check ready: status == JAC_OK;
    status = jac_forward_backward_batch(&net, n, x, y, J);
    //@ check done: status == JAC_OK;
    //@ check y_is_written: \initialized(y + (0 .. n * O - 1));
    //@ check J_is_written: \initialized(J + (0 .. n * O * N - 1));
    status = jac_vjp(&net, n, V, VJ);
    //@ check done: status == JAC_OK;
    //@ check VJ_is_written: \initialized(VJ + (0 .. n * N - 1));
    status = jac_jvp(&net, n, x, JU);
    //@ check done: status == JAC_OK;
    //@ check JU_is_written: \initialized(JU + (0 .. n * O - 1));
    //@ check control: \false;
    /* the end is reached: this one must be refused */
}

int main(void)
{
    static const unsigned ends[] = { 0, JAC_KIND_SOFTMAX, JAC_KIND_LOG_SOFTMAX };
    unsigned shape = INPUTS;
    for (size_t H = FROM; H <= TO; H++) {
        for (size_t O = FROM; O <= TO; O++) {
            for (size_t e = 0; e < 3; e++, shape++) {
                off = shape % 8;
                net_of(1 + shape % 2, INPUTS, H, O, JAC_KIND_RELU + shape % 9, JAC_KIND_DENSE + shape / 2 % 2,
                       JAC_KIND_DENSE + shape / 4 % 2, ends[e]);
            }
        }
    }
    return 0;
}
