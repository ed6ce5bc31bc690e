/* nets.c - two nets on a microcontroller: a controller's, 4-32-32-4, and the notebook's shape, 500-100-10 with softmax. Prints
 * for each the net's memory, the stack that its calls take, and a checksum of J. The checksum has to be that of any other
 * machine: weights and inputs are whole numbers over 2^12, and the softmax, which needs the platform's exp, is left out of it.
 * SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include <stdint.h>
#include <string.h>
#ifdef __ARM_ARCH_7EM__
#include "board.h"
#define PRINT board_print
#else
#include <stdio.h>
#define PRINT printf
static void board_paint_stack(void) { }
static unsigned board_stack_used(void) { return 0; }
#endif

static jac_real W1[500 * 100], b1[100], W2[32 * 32 + 100 * 10], b2[32], W3[32 * 4], b3[4], x[500], J[500 * 10];
static unsigned char memory[JAC_NET_SIZE_BOUND(500, 500, 5)];

static unsigned long state;

static void draw(jac_real *v, size_t n)         /* a linear congruential generator: Numerical Recipes, 1992 */
{
    for (size_t i = 0; i < n; i++) {
        state = (state * 1664525UL + 1013904223UL) & 0xffffffffUL;
        v[i] = (jac_real)((long)(state >> 20) - 2048) / 4096;
    }
}

static jac_status jacobian(size_t n_in, const jac_layer *layers, size_t n_layers)
{
    jac_net net;
    const jac_status status = jac_net_init(&net, n_in, layers, n_layers, memory, sizeof memory);
    return status == JAC_OK ? jac_forward_backward(&net, x, NULL, J) : status;
}

/* n_exact: the leading layers that need no exp */
static int run(const char *name, size_t n_in, size_t n_out, const jac_layer *layers, size_t n_layers, size_t n_exact)
{
    unsigned long hash = 2166136261UL;          /* FNV-1a over the bits, from the lowest byte up: the same in any byte order */
    unsigned stack;
    int good;
    draw(x, n_in);
    board_paint_stack();
    good = jacobian(n_in, layers, n_layers) == JAC_OK;
    stack = board_stack_used();
    good &= jacobian(n_in, layers, n_exact) == JAC_OK;
    for (size_t i = 0; i < n_in * n_out; i++) {
        uint64_t bits = 0;
#ifdef JAC_FLOAT
        uint32_t word;
        memcpy(&word, J + i, sizeof word);
        bits = word;
#else
        memcpy(&bits, J + i, sizeof bits);
#endif
        for (size_t byte = 0; byte < sizeof *J; byte++, bits >>= 8) hash = (hash ^ (unsigned long)(bits & 255)) * 16777619UL & 0xffffffffUL;
    }
    PRINT("%s %d %d %x\n", name, (int)jac_net_size(n_in, layers, n_layers), (int)stack, (unsigned)hash);
    return good;
}

int main(void)
{
    const jac_layer small[] = { JAC_DENSE(4, 32, W1, b1), JAC_RELU, JAC_DENSE(32, 32, W2, b2), JAC_RELU, JAC_DENSE(32, 4, W3, b3) };
    const jac_layer large[] = { JAC_DENSE(500, 100, W1, b1), JAC_RELU, JAC_DENSE(100, 10, W2, b2), JAC_SOFTMAX };
    draw(W1, 500 * 100);
    draw(b1, 100);
    draw(W2, 100 * 10);
    draw(b2, 32);
    draw(W3, 32 * 4);
    draw(b3, 4);
    return !(run("4-32-32-4", 4, 4, small, 5, 5) & run("500-100-10", 500, 10, large, 4, 3));
}
