/* no_malloc.c - a battery gauge for a microcontroller: float, weights in flash, static memory, no heap, no printing in the loop.
 *
 * How full is a lithium-ion cell, from current and voltage alone? State x = [s v]: state of charge and the slow part of
 * the voltage (one RC pair). The static part g(s, i, T) was learned on the bench (cell in train.py); an extended Kalman
 * filter counts charge and corrects it by the measured voltage U:
 *
 *     s <- s - dt i / C,    v <- c v + (1 - c) R i,    U = g(s, i, T) - v + noise,    H = dU/dx = [dg/ds  -1]
 *
 * dg/ds is the first column of J. The gauge starts 30 % wrong, over a current sensor that is off by 50 mA.
 *
 *     cc -O2 -I. examples/no_malloc.c -o no_malloc -lm && ./no_malloc
 *     arm-none-eabi-gcc -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 -O2 -I. -c examples/no_malloc.c
 *
 * prints
 *     512 bytes of memory; charge 133/1000, gauge 134/1000; worst error after half an hour 3/1000
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>

#define JAC_FLOAT                                               /* all that this FPU can */
#define JAC_ROWS 1                                              /* J has one row ... */
#define JAC_SAMPLES 1                                           /* ... and there are no batches: the memory shrinks */
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "no_malloc_net.h"

#ifndef PRINT                                                   /* a board may have its own: whole numbers only */
#include <stdio.h>
#define PRINT(...) printf(__VA_ARGS__)
#endif

typedef struct gauge { float s, v, P[2][2]; } gauge;
static const float dt = 1, capacity = 3.0f * 3600, R = 0.02f, c = 0.98f;     /* s, A s, ohm, exp(-dt / RC) */
static jac_net net;
static unsigned char memory[512];                               /* enough by jac_net_size(); jac_net_init would refuse less */

/* One second: current i (A, discharge positive), temperature T (deg C), measured voltage U (V). */
static jac_status update(gauge *x, float i, float T, float U)
{
    /* predict: F = diag(1, c), Q = diag(1e-9, 1e-8) */
    x->s -= dt * i / capacity;
    x->v = c * x->v + (1 - c) * R * i;
    x->P[0][0] += 1e-9f;
    x->P[0][1] *= c;
    x->P[1][1] = c * c * x->P[1][1] + 1e-8f;
    /* correct: K = P H' / S, S = H P H' + R_U, with 20 mV for the errors of sensor and net */
    const float in[NO_MALLOC_IN] = { x->s, i, T };
    float g[NO_MALLOC_OUT], J[NO_MALLOC_OUT * NO_MALLOC_IN];
    const jac_status status = jac_forward_backward(&net, in, g, J);
    if (status != JAC_OK) return status;
    const float H = J[0], p = x->P[0][0] * H - x->P[0][1], q = x->P[0][1] * H - x->P[1][1];  /* P H' = [p q] */
    const float S = H * p - q + 0.02f * 0.02f, e = U - (g[0] - x->v);
    x->s += p / S * e;
    x->v += q / S * e;
    x->P[0][0] -= p * p / S;
    x->P[0][1] -= p * q / S;
    x->P[1][1] -= q * q / S;
    return JAC_OK;
}

/* The cell itself, standing in for the hardware: the formula that the net was trained on, and its sensors. */
static float cell(float s, float i, float T)
{
    const float ocv = 3.35f + 0.55f * s + 0.30f * powf(s, 6) - 0.55f * expf(-18 * s) + 0.04f * tanhf(12 * (s - 0.55f));
    return ocv - i * 0.03f * expf(-0.02f * (T - 25)) * (1 + 0.5f * expf(-8 * s));
}

int main(void)
{
    gauge x = { 0.6f, 0, { { 0.1f, 0 }, { 0, 1e-4f } } };
    float s = 0.9f, v = 0, worst = 0;
    unsigned long seed = 1;
    jac_status status = jac_net_init(&net, NO_MALLOC_IN, no_malloc_layers, NO_MALLOC_LAYERS, memory, sizeof memory);
    for (int t = 0; t < 2 * 3600 && status == JAC_OK; t++) {
        const float i = t / 300 % 2 ? 0.3f : 2.0f, T = 25 - 10 * (float)t / 7200;
        s -= dt * i / capacity;
        v = c * v + (1 - c) * R * i;
        seed = (1664525UL * seed + 1013904223UL) & 0xffffffffUL;
        status = update(&x, i + 0.05f, T, cell(s, i, T) - v + 0.01f * ((float)seed / 2147483648.0f - 1));
        if (t >= 1800 && !(fabsf(x.s - s) <= worst)) worst = fabsf(x.s - s);     /* a NaN stays */
    }
    if (status != JAC_OK) PRINT("%s\n", jac_status_string(status));
    PRINT("%d bytes of memory; charge %d/1000, gauge %d/1000; worst error after half an hour %d/1000\n", (int)sizeof memory,
          (int)(1000 * s + 0.5f), (int)(1000 * x.s + 0.5f), (int)(1000 * worst + 0.5f));
    return !(status == JAC_OK && worst < 0.05f);
}
