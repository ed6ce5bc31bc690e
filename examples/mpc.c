/* mpc.c - model predictive control through learned dynamics: A and B are cut from J, the identity is added here.
 *
 * A pendulum (1 kg on 1 m) hangs down. Its motor gives at most 3 N m, a third of what would lift it, so it must swing.
 * The net learned the rates f over one sample time dt from x = [angle from upright, rate] and the torque u:
 *
 *     x_k+1 = x_k + dt f(x_k, u_k),   J = df/d[x u]  [2 x 3],   A = I + dt J[:, 0:2],   B = dt J[:, 2]
 *
 * Each sample time an iterative LQR with a clamped input (Tassa, Mansard, Todorov 2014) improves the plan of the next
 * 3 s; its first torque goes to the pendulum, which is integrated from its own equation of motion, not from the net.
 *
 *     cc -O2 -I. examples/mpc.c -o mpc -lm && ./mpc swing.svg
 *
 * draws the swing and prints
 *       0 s  angle  3.142  rate  0.000  torque -3.000
 *       1 s  angle  2.527  rate -0.092  torque -3.000
 *       2 s  angle  4.366  rate  0.927  torque  3.000   ...
 *     upright within 0.05 rad from 6.35 s on; worst angle of the last second 0.008 rad
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "mpc_net.h"

enum { T = 60, STEPS = 160 };                                   /* horizon, run: 3 s and 8 s */
static const double dt = 0.05, umax = 3, pi = 3.14159265358979;
static const double q[2] = { 0.2, 0.02 }, qT[2] = { 30, 5 }, r = 0.02;     /* weights: state, last state, torque */
static jac_net net;
static double k[T][3];                                          /* [k K]: feed-forward and feedback */
static unsigned char memory[JAC_NET_SIZE_BOUND(MPC_IN, MPC_WIDEST, MPC_LAYERS)];

static double clamp(double u) { return u < -umax ? -umax : u > umax ? umax : u; }

/* Roll the model out from Z[0], u = u_plan + alpha k + K (x - x_plan): the new plan Z = [x u], and its cost. */
static double rollout(double (*Z)[3], double (*plan)[3], double alpha)
{
    double cost = 0;
    for (int t = 0; t < T; t++) {
        double *z = Z[t], f[2];
        z[2] = clamp(plan[t][2] + alpha * k[t][0] + k[t][1] * (z[0] - plan[t][0]) + k[t][2] * (z[1] - plan[t][1]));
        cost += (q[0] * z[0] * z[0] + q[1] * z[1] * z[1] + r * z[2] * z[2]) / 2;
        jac_forward(&net, z, f);
        for (int i = 0; i < 2; i++) Z[t + 1][i] = z[i] + dt * f[i];
    }
    return cost + (qT[0] * Z[T][0] * Z[T][0] + qT[1] * Z[T][1] * Z[T][1]) / 2;
}

/* One iteration. Backward along the plan, with v, V the gradient and Hessian of the cost to go and F = [A B]:
 *     g = l_z + F' v,   Q = l_zz + F' V F,   k = clamp(-g_u / Q_uu),   K = -Q_ux / Q_uu
 * then forward, with the first of the shorter and shorter steps alpha that lowers the cost. */
static double improve(double (*plan)[3], double cost)
{
    static double Z[T + 1][3], J[T][2][3];
    double v[2] = { qT[0] * plan[T][0], qT[1] * plan[T][1] }, V[2][2] = { { qT[0], 0 }, { 0, qT[1] } };
    jac_forward_backward_batch(&net, T, plan[0], NULL, J[0][0]);
    for (int t = T - 1; t >= 0; t--) {
        double F[2][3], VF[2][3], Q[3][3], g[3];
        for (int i = 0; i < 2; i++) for (int j = 0; j < 3; j++) F[i][j] = (i == j) + dt * J[t][i][j];    /* the identity! */
        for (int i = 0; i < 2; i++) for (int j = 0; j < 3; j++) VF[i][j] = V[i][0] * F[0][j] + V[i][1] * F[1][j];
        for (int i = 0; i < 3; i++) {
            const double w = i < 2 ? q[i] : r;
            for (int j = 0; j < 3; j++) Q[i][j] = F[0][i] * VF[0][j] + F[1][i] * VF[1][j] + (i == j ? w : 0);
            g[i] = w * plan[t][i] + F[0][i] * v[0] + F[1][i] * v[1];
        }
        const double u = plan[t][2], full = -g[2] / Q[2][2], du = clamp(u + full) - u;
        k[t][0] = du;
        for (int j = 0; j < 2; j++) k[t][1 + j] = du == full ? -Q[2][j] / Q[2][2] : 0;      /* no feedback at the limit */
        for (int i = 0; i < 2; i++) {
            const double K = k[t][1 + i];
            v[i] = g[i] + K * (Q[2][2] * du + g[2]) + Q[i][2] * du;
            for (int j = 0; j < 2; j++) V[i][j] = Q[i][j] + K * Q[2][2] * k[t][1 + j] + K * Q[2][j] + Q[i][2] * k[t][1 + j];
        }
    }
    memcpy(Z[0], plan[0], sizeof Z[0]);
    for (double alpha = 1; alpha > 1e-3; alpha /= 2) {
        const double lower = rollout(Z, plan, alpha);
        if (lower < cost) { memcpy(plan, Z, sizeof Z); return lower; }
    }
    return cost;
}

static void plant(double *x, double u)                          /* the pendulum itself, dt further */
{
    for (int n = 0; n < 500; n++) {
        x[1] += dt / 500 * (9.81 * sin(x[0]) - 0.1 * x[1] + u);
        x[0] += dt / 500 * x[1];
    }
}

/* Left: the rod every 0.1 s, the later the darker. Right: angle and torque over time. */
static int draw(const char *path, double (*run)[3])
{
    FILE *svg = fopen(path, "w");
    if (!svg) { perror(path); return 0; }
    fputs("<svg xmlns='http://www.w3.org/2000/svg' width='860' height='340' font-family='sans-serif' font-size='13' fill='none'>\n"
          "<rect width='860' height='340' fill='white'/><path d='M370 130H840M370 250H840' stroke='#bbb'/><g fill='#333'>"
          "<text x='370' y='22'>angle from upright (rad)</text><text x='370' y='196'>torque (N m)</text><g text-anchor='end'>"
          "<text x='362' y='134'>0</text><text x='362' y='71'>3</text><text x='362' y='299'>-3</text><text x='362' y='254'>0</text>"
          "<text x='362' y='209'>3</text></g>", svg);
    for (int s = 0; s <= 8; s += 2) fprintf(svg, "<text x='%d' y='334' text-anchor='middle'>%d s</text>", 374 + 57 * s, s);
    fputs("</g>\n", svg);
    for (int t = 0; t <= STEPS; t += 2) {
        const double px = 165 + 140 * sin(run[t][0]), py = 170 - 140 * cos(run[t][0]), ink = 0.1 + 0.9 * t / STEPS;
        fprintf(svg, "<path d='M165 170L%.1f %.1f' stroke='#1f5fa8' stroke-opacity='%.2f'/>", px, py, 0.6 * ink);
        fprintf(svg, "<circle cx='%.1f' cy='%.1f' r='7' fill='#1f5fa8' fill-opacity='%.2f'/>\n", px, py, ink);
    }
    fputs("<path stroke='#1f5fa8' stroke-width='2' d='M", svg);
    for (int t = 0; t <= STEPS; t++) fprintf(svg, "%.1f %.1f ", 374 + 57 * dt * t, 130 - 21 * run[t][0]);
    fputs("'/><path stroke='#c0392b' stroke-width='2' d='M", svg);
    for (int t = 0; t < STEPS; t++) fprintf(svg, "%.1f %.1fH%.1fL", 374 + 57 * dt * t, 250 - 15 * run[t][2], 374 + 57 * dt * (t + 1));
    fprintf(svg, "%.1f %.1f'/>\n</svg>\n", 374 + 57 * dt * STEPS, 250 - 15 * run[STEPS - 1][2]);
    if (fclose(svg)) { perror(path); return 0; }
    return 1;
}

int main(int argc, char **argv)
{
    static double plan[T + 1][3], Z[T + 1][3], run[STEPS + 1][3];
    double x[2] = { pi, 0 }, worst = 0, upright = 0;
    const jac_status status = jac_net_init(&net, MPC_IN, mpc_layers, MPC_LAYERS, memory, sizeof memory);
    if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }
    for (int t = 0; t < 10; t++) plan[t][2] = 1;                /* a first nudge: hanging at rest is an equilibrium */
    for (int t = 0; t < STEPS; t++) {
        memcpy(Z[0], x, sizeof x);
        double cost = rollout(Z, plan, 0);                      /* the plan of the last step, held to where x is now */
        memcpy(plan, Z, sizeof Z);
        for (int i = 0; i < (t ? 4 : 50); i++) cost = improve(plan, cost);
        memcpy(run[t], plan[0], sizeof plan[0]);
        plant(x, plan[0][2]);
        memcpy(run[t + 1], x, sizeof x);
        if (fabs(x[0]) > 0.05) upright = dt * (t + 2);
        if (t >= STEPS - 20 && !(fabs(x[0]) <= worst)) worst = fabs(x[0]);       /* a NaN stays */
        memmove(plan, plan + 1, T * sizeof plan[0]);            /* shifted: a step later */
        memmove(k, k + 1, (T - 1) * sizeof k[0]);
    }
    for (int t = 0; t < STEPS; t += 20) printf("%3.0f s  angle % .3f  rate % .3f  torque % .3f\n", dt * t, run[t][0], run[t][1], run[t][2]);
    printf("upright within 0.05 rad from %.2f s on; worst angle of the last second %.3f rad\n", upright, worst);
    if (argc > 1 && !draw(argv[1], run)) return 1;
    return !(worst < 0.05);
}
