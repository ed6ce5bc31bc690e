/* notebook.c - the notebook "Computing the Jacobian matrix of a neural network" (J. Herzen, 2018), cell by cell, in C.
 * Which way to the Jacobian is the fastest, and how do we know that it is right? No data file: NumPy's random numbers are
 * drawn anew, to the bit. Compile with  cc -O2 -I. examples/notebook.c -o notebook -lm ; it prints, among other things,
 *
 *     option 3, jac_forward_backward          17.2 us   0.0e+00         passes
 *     7   1.00e+00    1.02e-23      4.4e-14               6.8e-01   <- 68 % wrong
 *     diag(s) - s s'                   passes                 FAIL      (the notebook's check, and this library's)
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 199309L             /* clock_gettime */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"

enum { N = 500, H = 100, O = 10 };                          /* inputs, hidden units, outputs */
static double W1[N * H], b1[H], W2[H * O], b2[O], x[N];     /* W [in][out], as in x @ W + b */
static double W1t[H * N], W2t[O * H];                       /* the same [out][in], as PyTorch keeps them */
static const jac_layer layers[] = { JAC_DENSE_T(N, H, W1, b1), JAC_RELU, JAC_DENSE_T(H, O, W2, b2), JAC_SOFTMAX };
static const jac_layer layers_t[] = { JAC_DENSE(N, H, W1t, b1), JAC_RELU, JAC_DENSE(H, O, W2t, b2), JAC_SOFTMAX };

static int broken;                          /* claims of this program that did not hold */
static void claim(int holds, const char *text) { if (!holds) { broken++; printf("DOES NOT HOLD: %s\n", text); } }
static void must(jac_status status) { if (status != JAC_OK) { puts(jac_status_string(status)); exit(1); } }

/* ---- NumPy's legacy stream: MT19937 (Matsumoto and Nishimura 1998), 53-bit uniforms, Gaussians by the polar method. */
static uint32_t state[624], used = 624;

static uint32_t bits32(void)
{
    for (size_t i = 0; used == 624 && i < 624; i++) {
        const uint32_t u = (state[i] & 0x80000000u) | (state[(i + 1) % 624] & 0x7fffffffu);
        state[i] = state[(i + 397) % 624] ^ (u >> 1) ^ (u & 1 ? 0x9908b0dfu : 0);
    }
    used %= 624;
    uint32_t u = state[used++];
    u ^= u >> 11, u ^= (u << 7) & 0x9d2c5680u, u ^= (u << 15) & 0xefc60000u;
    return u ^ (u >> 18);
}

static double uniform(void)                 /* numpy.random.rand */
{
    const uint32_t high = bits32() >> 5, low = bits32() >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

static double normal(void)                  /* numpy.random.randn: they come in pairs */
{
    static double spare;
    static int has_spare;
    double u, v, r2;
    if ((has_spare = !has_spare) == 0) return spare;
    do {
        u = 2 * uniform() - 1;
        v = 2 * uniform() - 1;
        volatile double uu = u * u, vv = v * v;     /* volatile: rounded one by one, never a fused multiply-add */
        r2 = uu + vv;
    } while (r2 >= 1 || r2 == 0);
    const double f = sqrt(-2 * log(r2) / r2);
    spare = f * u;
    return f * v;
}

static uint64_t digest = 14695981039346656037u;     /* FNV-1a, one double a step: stands for every bit that was drawn */
static void draw(double (*next)(void), double *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        a[i] = next();
        memcpy(&bits, &a[i], sizeof bits);
        digest = (digest ^ bits) * 1099511628211u;
    }
}

/* ---- The three options: J one row at a time, one column at a time, all at once. */
static double I[N * N];                     /* the identity: row i is the i-th unit vector */

static void option_1(jac_net *net, double *J)
{
    must(jac_forward(net, x, NULL));
    for (size_t o = 0; o < O; o++) must(jac_vjp(net, 1, I + o * N, J + o * N));
}

static void option_2(jac_net *net, double *J)
{
    double column[O];
    must(jac_forward(net, x, NULL));
    for (size_t i = 0; i < N; i++) {
        must(jac_jvp(net, 1, I + i * N, column));
        for (size_t o = 0; o < O; o++) J[o * N + i] = column[o];
    }
}

static void option_3(jac_net *net, double *J) { must(jac_forward_backward(net, x, NULL, J)); }

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3; }

static double median_us(void (*option)(jac_net *, double *), jac_net *net, double *J)
{
    double t[21];
    for (size_t r = 0, k = 0; r < 21; k = ++r) {
        const double begin = now();
        option(net, J);
        const double us = now() - begin;
        for (; k > 0 && t[k - 1] > us; k--) t[k] = t[k - 1];           /* keep t sorted */
        t[k] = us;
    }
    return t[10];
}

/* ---- What they are held against. */
static int notebook_check(jac_net *net, const double *J)    /* 5 random columns, forward difference, absolute tolerance */
{
    double y[O], y_h[O];
    must(jac_forward(net, x, y));
    for (int n = 0; n < 5; n++) {
        const size_t i = (size_t)(uniform() * N);
        const double x_i = x[i];
        x[i] += 1e-5;
        must(jac_forward(net, x, y_h));
        x[i] = x_i;
        for (size_t o = 0; o < O; o++) if (!(fabs((y_h[o] - y[o]) / 1e-5 - J[o * N + i]) < 1e-3)) return 0;
    }
    return 1;
}

/* J = S W2' diag(z > 0) W1' by plain loops in long double; S without cancellation, or as the textbook has it in double. */
static void by_hand(int textbook, double *J)
{
    long double a[H], s[O], sum = 0;
    for (size_t j = 0; j < H; j++) {
        a[j] = b1[j];
        for (size_t i = 0; i < N; i++) a[j] += (long double)x[i] * W1[i * H + j];
        a[j] = fmaxl(0, a[j]);
    }
    for (size_t o = 0; o < O; o++) {
        long double z = (long double)b2[o] - b2[7];                     /* class 7 has the largest logit */
        for (size_t j = 0; j < H; j++) z += a[j] * ((long double)W2[j * O + o] - W2[j * O + 7]);
        sum += s[o] = expl(z);
    }
    for (size_t o = 0; o < O; o++) s[o] /= sum;
    for (size_t o = 0; o < O; o++) {
        long double row[N] = { 0 };
        for (size_t j = 0; j < H; j++) {
            long double G = 0;                                          /* (S W2')_oj, of the units that are on */
            for (size_t k = 0; k < O && a[j] > 0; k++) {
                const double s_o = (double)s[o], s_k = (double)s[k], S_ok = (o == k ? s_o : 0) - s_o * s_k;
                G += textbook ? (long double)S_ok * W2[j * O + k] : s[o] * s[k] * ((long double)W2[j * O + o] - W2[j * O + k]);
            }
            for (size_t i = 0; i < N; i++) row[i] += G * W1[i * H + j];
        }
        for (size_t i = 0; i < N; i++) J[o * N + i] = (double)row[i];
    }
}

/* The largest |J_oi| of each row, with 120 decimal digits from the same weights: what by_hand itself is held against. */
static const double row_size[O] = {
    5.6155492145447356e-237, 8.7758019708330743e-88, 8.7563184064693962e-181, 4.643285440188326e-104, 1.0216668492058257e-23,
    2.2796835466709205e-84, 6.4420542286047917e-50, 1.0216668500870167e-23, 1.6791396500289291e-93, 1.2825213108643424e-32,
};

static double worst_error(const double *J, const double *R, size_t first, size_t last)     /* each row relative to its own size */
{
    double worst = 0;
    for (size_t o = first; o <= last; o++) {
        double error = 0, size = 0;
        for (size_t i = o * N; i < (o + 1) * N; i++) {
            error = fmax(error, isnan(J[i]) ? INFINITY : fabs(J[i] - R[i]));
            size = fmax(size, fabs(R[i]));
        }
        claim(fabs(size / row_size[o] - 1) < 1e-12, "what J is compared with is right");
        worst = fmax(worst, error / size);
    }
    return worst;
}

int main(void)
{
    jac_net net, net_t;
    const struct { const char *name; void (*run)(jac_net *, double *); jac_net *net; } options[] = {
        { "option 1, jac_vjp row by row", option_1, &net }, { "option 2, jac_jvp column by column", option_2, &net },
        { "option 3, jac_forward_backward", option_3, &net }, { "the same on weights [out][in]", option_3, &net_t } };
    static unsigned char memory[JAC_NET_SIZE_BOUND(N, N, 4)], memory_t[JAC_NET_SIZE_BOUND(N, N, 4)];
    static double y[O], J[4][O * N], R[O * N], J_textbook[O * N], zeros[O * N];
    static const char *const kinds[] = { "relu", "softmax" }, *const passes[] = { "FAILS", "passes" };
    static const char *const verdicts[] = { "not run", "pass", "FAIL", "inconclusive", "kink" };

    puts("[1] numpy.random.seed(123); W1, b1, W2, b2 = randn(...); x = rand(500)");
    for (uint32_t i = 0, s = 123; i < 624; s = 1812433253u * (s ^ (s >> 30)) + ++i) state[i] = s;
    draw(normal, W1, N * H), draw(normal, b1, H), draw(normal, W2, H * O), draw(normal, b2, O), draw(uniform, x, N);
    printf("    NumPy's numbers to the bit: %s\n", digest == 0x1b63e431463c7506u ? "yes" : "no, log() rounds otherwise here");
    for (size_t i = 0; i < N; i++) I[i * N + i] = 1;
    for (size_t i = 0; i < N; i++) for (size_t j = 0; j < H; j++) W1t[j * N + i] = W1[i * H + j];
    for (size_t j = 0; j < H; j++) for (size_t o = 0; o < O; o++) W2t[o * H + j] = W2[j * O + o];
    must(jac_net_init(&net, N, layers, 4, memory, sizeof memory));
    must(jac_net_init(&net_t, N, layers_t, 4, memory_t, sizeof memory_t));

    puts("\n[2] model.summary()\n    layer             output   parameters");
    size_t total = 0;
    for (size_t l = 0; l < 4; l += 2) {
        const size_t parameters = (layers[l].in + 1) * layers[l].out;
        printf("    dense, %-8s   (%3zu) %8zu,%03zu\n", kinds[l / 2], layers[l].out, parameters / 1000, parameters % 1000);
        total += parameters;
    }
    printf("    total %26zu,%03zu\n\n[3] f(x)\n", total / 1000, total % 1000);
    must(jac_forward(&net, x, y));
    for (size_t o = 0; o < O; o++) {                    /* as NumPy prints: eight decimals, exponents of one width */
        char text[32];
        snprintf(text, sizeof text, "%.8e", y[o]);
        printf("%c%.10se%+04d%s", o ? ' ' : '[', text, atoi(strchr(text, 'e') + 1), o + 1 < O ? "" : "]\n");
    }

    puts("\n[4] three ways to J, 10 x 500        median time   from option 3   the notebook's check");
    option_3(&net, J[2]);
    for (size_t k = 0; k < 4; k++) {
        const double us = median_us(options[k].run, options[k].net, J[k]), difference = worst_error(J[k], J[2], 0, O - 1);
        const int check = notebook_check(options[k].net, J[k]);
        printf("    %-35s %8.1f us   %.1e         %s\n", options[k].name, us, difference, passes[check]);
        claim(check && difference < 1e-12, "the options agree");
    }

    puts("\n[5] but is it right? Each row against the exact one, relative to the row's largest entry\n"
         "    o   y           max |dy/dx|   error of jacobian.h   error that diag(s) - s s' alone brings in");
    by_hand(0, R), by_hand(1, J_textbook);
    for (size_t o = 0; o < O; o++) {
        const double error = worst_error(J[2], R, o, o), lost = worst_error(J_textbook, R, o, o);
        printf("    %zu   %-9.2e   %-9.2e     %.1e               %.1e", o, y[o], row_size[o], error, lost);
        if (lost > 0.1) printf("   <- %.0f %% wrong", 100 * lost);
        putchar('\n');
        claim(error < 1e-12 && (lost > 0.6) == (o == 7), "jacobian.h is right to rounding, the textbook is wrong in row 7 alone");
    }

    puts("\n[6] and who notices?                 the notebook's check   jac_check      before its softmax");
    const struct { const char *name; const double *J; jac_check_verdict expected; } suspects[] = { { "jacobian.h", J[2], JAC_CHECK_PASS },
        { "diag(s) - s s'", J_textbook, JAC_CHECK_FAIL }, { "zeros everywhere", zeros, JAC_CHECK_FAIL } };
    for (size_t k = 0; k < 3; k++) {
        jac_check_report r;
        const int check = notebook_check(&net, suspects[k].J);
        must(jac_check(&net, x, suspects[k].J, NULL, &r));
        printf("    %-32s %-22s %-14s %s\n", suspects[k].name, passes[check], verdicts[r.verdict], verdicts[r.before_softmax]);
        claim(check && r.before_softmax == suspects[k].expected, "the notebook's check passes all, jac_check the right one");
    }
    puts("    No entry of J is above 2e-23, so a tolerance of 1e-3 passes anything. Differences of the outputs drown in rounding,\n"
         "    and jac_check says so: inconclusive. Then it looks at the logits before the softmax, where every fault shows.");
    return broken > 0;
}
