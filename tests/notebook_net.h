/* notebook_net.h - the notebook's net, 500 - 100 ReLU - 10 softmax, and its input, from the random numbers it drew:
 * NumPy's legacy stream, the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with normal numbers by the polar
 * method (Marsaglia and Bray 1964), in the order w1, b1, w2, b2, x0. SPDX-License-Identifier: MIT */
#ifndef NOTEBOOK_NET_H
#define NOTEBOOK_NET_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static double notebook_w1[500 * 100], notebook_b1[100], notebook_w2[100 * 10], notebook_b2[10], notebook_x0[500];   /* [in][out] */

static uint32_t notebook_state[624];
static size_t notebook_at;

static uint32_t notebook_word(void)
{
    uint32_t *s = notebook_state, v;
    if (notebook_at == 624) {
        for (size_t i = 0; i < 624; i++) {
            v = (s[i] & 0x80000000u) | (s[(i + 1) % 624] & 0x7fffffffu);
            s[i] = s[(i + 397) % 624] ^ v >> 1 ^ (v & 1 ? 0x9908b0dfu : 0);
        }
        notebook_at = 0;
    }
    v = s[notebook_at++];
    v ^= v >> 11;
    v ^= v << 7 & 0x9d2c5680u;
    v ^= v << 15 & 0xefc60000u;
    return v ^ v >> 18;
}

static double notebook_uniform(void)        /* 53 bits, in [0, 1) */
{
    const double high = notebook_word() >> 5, low = notebook_word() >> 6;
    return (high * 67108864 + low) / 9007199254740992.0;
}

static void notebook_normal(double *v, size_t n)    /* n is even: the polar method gives two at a time, the second first */
{
    for (size_t i = 0; i < n; i += 2) {
        double p, q, r;
        do {
            p = 2 * notebook_uniform() - 1;
            q = 2 * notebook_uniform() - 1;
            {
                const volatile double pp = p * p, qq = q * q;       /* volatile: or some compilers fuse product and sum */
                r = pp + qq;
            }
        } while (r >= 1 || r == 0);
        r = sqrt(-2 * log(r) / r);
        v[i] = r * q;
        v[i + 1] = r * p;
    }
}

static void notebook_draw(void)
{
    notebook_state[0] = 123;
    for (uint32_t i = 1; i < 624; i++)
        notebook_state[i] = 1812433253u * (notebook_state[i - 1] ^ notebook_state[i - 1] >> 30) + i;
    notebook_at = 624;
    notebook_normal(notebook_w1, 500 * 100);
    notebook_normal(notebook_b1, 100);
    notebook_normal(notebook_w2, 100 * 10);
    notebook_normal(notebook_b2, 10);
    for (size_t i = 0; i < 500; i++) notebook_x0[i] = notebook_uniform();
}

#endif
