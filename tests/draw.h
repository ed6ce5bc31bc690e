/* draw.h - random numbers for the tests: xorshift64 (Marsaglia 2003), normal ones by Box and Muller (1958).
 * SPDX-License-Identifier: MIT */
#ifndef DRAW_H
#define DRAW_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static uint64_t draw_state = 1;                     /* at 0 it would stay for ever */

static inline void draw_seed(uint64_t seed) { draw_state = seed * 0x9e3779b97f4a7c15u + 1; }
static inline double draw_uniform(void)            /* in [0, 1) */
{
    draw_state ^= draw_state << 13;
    draw_state ^= draw_state >> 7;
    draw_state ^= draw_state << 17;
    return (double)(draw_state >> 11) / 9007199254740992.0;
}
static inline double draw_normal(void)
{
    const double r = sqrt(-2 * log(1 - draw_uniform()));
    return r * cos(6.283185307179586 * draw_uniform());
}
static inline size_t draw_between(size_t low, size_t high) { return low + (size_t)(draw_uniform() * (double)(high - low + 1)); }

#endif
