/* ekf.c - an extended Kalman filter whose measurement model is a net: H is its Jacobian.
 *
 * A magnet moves over nine Hall sensors; where is it, and how is it tilted? The field was learned from a calibration
 * (coil in train.py): h(q) [9], q = position (cm) and two tilts (rad). H = dh/dq comes from jac_forward_backward, or,
 * for comparison, from forward differences, the cheapest that there are: the same estimate, later. The truth is a
 * dipole, not the net; the state is x = [q dq/dt], so H x has no part in dq/dt.
 *
 *     cc -O2 -I. examples/ekf.c -o ekf -lm && ./ekf
 *
 * prints
 *     finite differences   position error 1.057 mm (rms), 6.56 us a step (median)
 *     exact H              position error 1.057 mm (rms), 2.23 us a step (median)
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "ekf_net.h"

enum { N = EKF_IN, O = EKF_OUT, S = 2 * N, STEPS = 4000 };     /* state x = [q, dq/dt] */
static const double dt = 0.01, noise = 0.005, model = 0.01;     /* s; sensor noise and error of the net, mT */

typedef struct filter { double x[S], P[S][S], seconds[STEPS]; } filter;
static jac_net net;
static unsigned char memory[JAC_NET_SIZE_BOUND(EKF_IN, EKF_WIDEST, EKF_LAYERS)];

static double uniform(void)                                     /* in (0, 1); the same on every machine */
{
    static unsigned long seed = 1;
    seed = (1664525UL * seed + 1013904223UL) & 0xffffffffUL;
    return ((double)seed + 0.5) / 4294967296.0;
}
static double gauss(void) { double r = sqrt(-2 * log(uniform())); return r * cos(6.283185307179586 * uniform()); }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void truth(double t, double *q, double *z)               /* where the magnet is, and what the sensors read */
{
    q[0] = 3 * sin(0.9 * t); q[1] = 3 * sin(1.3 * t); q[2] = 6 + 1.2 * cos(0.7 * t);
    q[3] = 0.4 * sin(1.1 * t); q[4] = 0.4 * cos(0.8 * t);
    const double m[3] = { sin(q[3]), -sin(q[4]) * cos(q[3]), cos(q[3]) * cos(q[4]) };
    for (int o = 0; o < O; o++) {
        const double r[3] = { 4 * (o % 3) - 4 - q[0], 4 * (o / 3) - 4 - q[1], -q[2] };
        const double d = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]), mr = m[0] * r[0] + m[1] * r[1] + m[2] * r[2];
        z[o] = 100 * (3 * mr * r[2] / pow(d, 5) - m[2] / pow(d, 3)) + noise * gauss();
    }
}

static void linearise(int exact, double *q, double *y, double *H)
{
    if (exact) { jac_forward_backward(&net, q, y, H); return; }
    jac_forward(&net, q, y);
    for (int i = 0; i < N; i++) {
        const double h = 1e-7, kept = q[i];
        double shifted[O];
        q[i] += h;
        jac_forward(&net, q, shifted);
        q[i] = kept;
        for (int o = 0; o < O; o++) H[o * N + i] = (shifted[o] - y[o]) / h;
    }
}

static void step(filter *f, int exact, const double *z)
{
    double *x = f->x, (*P)[S] = f->P, prior[N], y[O], H[O * N];
    const double q11 = pow(dt, 3) / 3, q12 = dt * dt / 2, a[N] = { 10, 10, 10, 1, 1 };     /* white acceleration, power a */
    /* predict: x <- F x, P <- F P F' + Q with F = [I dt I; 0 I] */
    for (int i = 0; i < N; i++) x[i] += dt * x[N + i];
    for (int i = 0; i < N; i++) for (int j = 0; j < S; j++) P[i][j] += dt * P[N + i][j];
    for (int j = 0; j < S; j++) for (int i = 0; i < N; i++) P[j][i] += dt * P[j][N + i];
    for (int i = 0; i < N; i++) {
        P[i][i] += a[i] * q11; P[i][N + i] += a[i] * q12; P[N + i][i] += a[i] * q12; P[N + i][N + i] += a[i] * dt;
    }
    /* correct: R is diagonal, so the sensors can be taken one by one, and no matrix is inverted */
    memcpy(prior, x, sizeof prior);
    linearise(exact, prior, y, H);
    for (int o = 0; o < O; o++) {
        double PH[S] = { 0 }, s = noise * noise + model * model, e = z[o] - y[o];
        for (int i = 0; i < S; i++) for (int j = 0; j < N; j++) PH[i] += P[i][j] * H[o * N + j];            /* P H' */
        for (int j = 0; j < N; j++) { s += H[o * N + j] * PH[j]; e -= H[o * N + j] * (x[j] - prior[j]); }
        for (int i = 0; i < S; i++) x[i] += PH[i] / s * e;                                      /* K = P H' / s */
        for (int i = 0; i < S; i++) for (int j = 0; j < S; j++) P[i][j] -= PH[i] * PH[j] / s;   /* P <- P - K H P */
    }
}

static int ascending(const void *a, const void *b) { double d = *(const double *)a - *(const double *)b; return (d > 0) - (d < 0); }

int main(void)
{
    static filter filters[2];                                   /* [0] differences, [1] exact */
    double q[N], z[O], error[2] = { 0, 0 };
    /* what can be wrong is found here: later calls, with the same arrays, have nothing left to refuse */
    const jac_status status = jac_net_init(&net, N, ekf_layers, EKF_LAYERS, memory, sizeof memory);
    if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }
    for (int f = 0; f < 2; f++) {
        filters[f].x[2] = 6;                                    /* "somewhere over the middle, upright" */
        for (int i = 0; i < S; i++) filters[f].P[i][i] = 4;
    }
    for (int k = 0; k < STEPS; k++) {
        truth(dt * k, q, z);
        for (int f = 0; f < 2; f++) {
            const double start = now();
            step(&filters[f], f, z);
            filters[f].seconds[k] = now() - start;
            if (k >= STEPS / 10) for (int i = 0; i < 3; i++) error[f] += pow(filters[f].x[i] - q[i], 2);
        }
    }
    for (int f = 0; f < 2; f++) {
        qsort(filters[f].seconds, STEPS, sizeof(double), ascending);
        error[f] = 10 * sqrt(error[f] / (STEPS - STEPS / 10));
        printf("%-20s position error %.3f mm (rms), %.2f us a step (median)\n", f ? "exact H" : "finite differences", error[f],
               1e6 * filters[f].seconds[STEPS / 2]);
    }
    return !(error[1] < 1.5 && filters[1].seconds[STEPS / 2] < filters[0].seconds[STEPS / 2]);
}
