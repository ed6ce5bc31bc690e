/* newton.c - inverse kinematics of a soft arm: Gauss-Newton steps through a learned forward model, against gradient steps.
 *
 * Which bending q [4] brings the tip to p* [3]? The tip p(q) of an arm of two segments was learned (arm in train.py);
 * J = dp/dq [3 x 4] leads back. With e = p* - p(q):
 *
 *     Gauss-Newton, damped      q <- q + J' (J J' + lambda I)^-1 e,   lambda = |e|^2 / 3 (Levenberg)
 *     gradient, fixed step      q <- q + eta J' e,                    eta = 1 / 500, as long as the largest |J|^2 allows
 *
 * Both start from the same bent posture and are given the same 200 targets; solved is |e| < 1e-9 cm.
 *
 *     cc -O2 -I. examples/newton.c -o newton -lm && ./newton
 *
 * prints
 *     |e| (cm)   Gauss-Newton   gradient
 *     step 0         1.2e+01      1.2e+01
 *     step 1         3.2e+00      7.1e+00
 *     step 2         2.5e-01      3.8e+00
 *     step 3         4.3e-02      2.0e+00
 *     step 4         2.5e-03      1.0e+00
 *     step 5         1.1e-05      5.7e-01
 *     step 6         2.3e-10      3.5e-01
 *     Gauss-Newton solved 200 of 200 in at most 9 steps, bending up to 1.29 (trained to 1.50)
 *     gradient     solved 0 of 200 in 200 steps, 6 came within 0.1 mm
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "newton_net.h"

enum { N = NEWTON_IN, O = NEWTON_OUT, TARGETS = 200, GRADIENT_STEPS = 200, NEWTON_STEPS = 20 };
static const double home[N] = { 0.3, 0.2, -0.2, 0.3 }, solved = 1e-9;
static jac_net net;
static unsigned char memory[JAC_NET_SIZE_BOUND(NEWTON_IN, NEWTON_WIDEST, NEWTON_LAYERS)];

/* e = p* - p(q), J = dp/dq; returns |e| */
static double residual(const double *q, const double *target, double *e, double *J)
{
    jac_forward_backward(&net, q, e, J);
    for (int o = 0; o < O; o++) e[o] = target[o] - e[o];
    return sqrt(e[0] * e[0] + e[1] * e[1] + e[2] * e[2]);
}

/* M w = e for a symmetric positive M [3 x 3], by elimination; w replaces e */
static void solve(double (*M)[O], double *e)
{
    for (int i = 0; i < O; i++)
        for (int r = i + 1; r < O; r++) {
            const double f = M[r][i] / M[i][i];
            for (int c = i; c < O; c++) M[r][c] -= f * M[i][c];
            e[r] -= f * e[i];
        }
    for (int i = O - 1; i >= 0; i--) {
        for (int c = i + 1; c < O; c++) e[i] -= M[i][c] * e[c];
        e[i] /= M[i][i];
    }
}

/* One step of q: J' w, with w from the damped normal equations, or w = eta e */
static void gauss_newton(double *q, double *e, const double *J)
{
    double M[O][O];
    const double lambda = (e[0] * e[0] + e[1] * e[1] + e[2] * e[2]) / 3;
    for (int r = 0; r < O; r++)
        for (int c = 0; c < O; c++) {
            M[r][c] = r == c ? lambda : 0;
            for (int i = 0; i < N; i++) M[r][c] += J[r * N + i] * J[c * N + i];
        }
    solve(M, e);
    for (int o = 0; o < O; o++) for (int i = 0; i < N; i++) q[i] += J[o * N + i] * e[o];
}
static void gradient(double *q, double *e, const double *J)
{
    for (int o = 0; o < O; o++) for (int i = 0; i < N; i++) q[i] += J[o * N + i] * e[o] / 500;
}

/* Steps until |e| < solved, at most `steps`; path[k] = |e| before step k; the number of steps, or -1 */
static int run(void (*step)(double *, double *, const double *), int steps, const double *target, double *path, double *q)
{
    double e[O], J[O * N];
    memcpy(q, home, sizeof home);
    for (int k = 0; k <= steps; k++) {
        path[k] = residual(q, target, e, J);
        if (path[k] < solved) return k;
        step(q, e, J);
    }
    return -1;
}

static double uniform(void)                                     /* in (-1, 1); the same on every machine */
{
    static unsigned long seed = 1;
    seed = (1664525UL * seed + 1013904223UL) & 0xffffffffUL;
    return ((double)seed + 0.5) / 2147483648.0 - 1;
}

int main(void)
{
    double goal[N], target[O], q[N], newton[NEWTON_STEPS + 1], slow[GRADIENT_STEPS + 1], widest = 0;
    int by_newton = 0, by_gradient = 0, most = 0, close = 0;
    const jac_status status = jac_net_init(&net, N, newton_layers, NEWTON_LAYERS, memory, sizeof memory);
    if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }
    for (int t = 0; t < TARGETS; t++) {
        for (int i = 0; i < N; i++) goal[i] = uniform();        /* a posture, so that its tip is in reach */
        jac_forward(&net, goal, target);
        by_gradient += run(gradient, GRADIENT_STEPS, target, slow, q) >= 0;
        close += slow[GRADIENT_STEPS] < 0.01;
        const int n = run(gauss_newton, NEWTON_STEPS, target, newton, q);
        by_newton += n >= 0;
        if (n > most) most = n;
        for (int i = 0; i < N; i++) widest = fmax(widest, fabs(q[i]));
        if (t == 0) {
            puts("|e| (cm)   Gauss-Newton   gradient");
            for (int k = 0; k <= n; k++) printf("step %d %15.1e %12.1e\n", k, newton[k], slow[k]);
        }
    }
    printf("Gauss-Newton solved %d of %d in at most %d steps, bending up to %.2f (trained to 1.50)\n", by_newton, TARGETS, most, widest);
    printf("gradient     solved %d of %d in %d steps, %d came within 0.1 mm\n", by_gradient, TARGETS, GRADIENT_STEPS, close);
    return !(by_newton == TARGETS && most <= 12 && widest <= 1.5 && by_gradient == 0 && close > 0);
}
