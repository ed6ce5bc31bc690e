/* test_layers.c - every kind of layer, alone and in every pair, against the oracle; and the conventions, by hand.
 * SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#include "oracle.h"
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define UNIT_ROUNDOFF (sizeof(jac_real) == sizeof(float) ? FLT_EPSILON / 2.0 : DBL_EPSILON / 2)
enum { MOST = 80 };

static jac_real y[MOST], J[MOST * MOST];

/* Are these the same number? NaN is NaN; 0 is -0. */
static int same(jac_real v, jac_real w) { return v == w || (v != v && w != w); }

/* y and J of a net at x, and the net. */
static jac_net run(size_t N, const jac_layer *layers, size_t n_layers, const jac_real *x)
{
    static unsigned char memory[JAC_NET_SIZE_BOUND(MOST, MOST, 8)];
    jac_net net;
    CHECK(jac_net_init(&net, N, layers, n_layers, memory, sizeof memory) == JAC_OK);
    CHECK(jac_forward_backward(&net, x, y, J) == JAC_OK);
    return net;
}

/* ---- against the oracle ---- */

static void sine(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) {
        a[j] = (jac_real)sin((double)z[j]);
        da[j] = (jac_real)cos((double)z[j]);
    }
}

static const jac_layer kinds[] = {
    JAC_RELU, JAC_LEAKY_RELU(0.125), JAC_LEAKY_RELU(-2), JAC_LEAKY_RELU(0), JAC_LEAKY_RELU(1), JAC_LEAKY_RELU(3),
    JAC_ELU(1), JAC_ELU(0), JAC_ELU(2.5), JAC_ELU(-1), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU, JAC_GELU,
    JAC_SOFTMAX, JAC_LOG_SOFTMAX, JAC_ACTIVATION(sine, NULL),
};

static void against_oracle(const jac_layer *layers, size_t n_layers, size_t N, const jac_real *x, double scale)
{
    static oracle truth;
    static jac_real I[MOST * MOST], columns[MOST * MOST];
    static const char *const ways[] = { "", "VJP: ", "JVP: " };
    char chain[64] = "";
    size_t used = 0;
    jac_net net;
    for (size_t l = 0; l < n_layers; l++)
        used += (size_t)snprintf(chain + used, sizeof chain - used, " %u(%g)", layers[l].kind, (double)layers[l].alpha);
    net = run(N, layers, n_layers, x);
    oracle_run(&truth, N, layers, n_layers, x);
    for (size_t way = 0; way < COUNT(ways); way++) {
        const size_t O = net.n_out, n = way == 1 ? O : N;
        oracle_verdict found;
        for (size_t i = 0; i < n * n; i++) I[i] = i % (n + 1) == 0;
        if (way == 1) CHECK(jac_vjp(&net, O, I, J) == JAC_OK);
        if (way == 2) CHECK(jac_jvp(&net, N, I, columns) == JAC_OK);
        for (size_t i = 0; way == 2 && i < N; i++) for (size_t o = 0; o < O; o++) J[o * N + i] = columns[i * O + o];
        found = oracle_judge(&truth, y, J);
        CHECK_MSG(found.y <= 1, "layers%s, %zu inputs of size %g: y is off by %g bounds", chain, N, scale, found.y);
        CHECK_MSG(found.J <= 1, "%slayers%s, %zu inputs of size %g: J[%zu][%zu] is off by %g bounds", ways[way], chain, N, scale, found.row,
                  found.column, found.J);
    }
}

static void alone_and_in_pairs(void)
{
    static const size_t widths[] = { 1, 5, 13, 37 };
    static jac_real W[2][MOST * MOST], b[2][MOST], x[MOST];
    for (size_t i = 0; i < COUNT(kinds); i++) {
        for (size_t k = 0; k < COUNT(kinds); k++) {
            for (size_t w = 0; w < COUNT(widths) * 2; w += CHECK_TRIALS(20) == 20 ? 1 : 5) {
                const size_t n = widths[w / 2], N = draw_between(1, 9), O = draw_between(1, 9);
                const double scale = w % 2 ? 15 : 1;
                const jac_layer first = JAC_DENSE(N, n, W[0], b[0]), first_t = JAC_DENSE_T(N, n, W[0], b[0]);
                const jac_layer last = JAC_DENSE(n, O, W[1], b[1]), last_t = JAC_DENSE_T(n, O, W[1], b[1]);
                const jac_layer chain[4] = { k % 2 ? first : first_t, kinds[i], kinds[k], k % 3 ? last : last_t };
                const jac_layer spread[4] = { kinds[i], k % 2 ? last : last_t, kinds[k], kinds[i] };
                for (size_t j = 0; j < N * n; j++) W[0][j] = (jac_real)draw_normal();
                for (size_t j = 0; j < n * O; j++) W[1][j] = (jac_real)draw_normal();
                for (size_t j = 0; j < MOST; j++) b[0][j] = (jac_real)draw_normal();
                for (size_t j = 0; j < MOST; j++) b[1][j] = (jac_real)draw_normal();
                for (size_t j = 0; j < MOST; j++) x[j] = (jac_real)(scale * draw_normal());
                if (k == 0) {
                    against_oracle(chain + 1, 1, n, x, scale);
                    against_oracle(chain, 2, N, x, scale);
                    against_oracle(spread, 2, n, x, scale);
                }
                against_oracle(chain + 1, 2, n, x, scale);
                against_oracle(chain, 3, N, x, scale);
                against_oracle(chain, 4, N, x, scale);
                against_oracle(spread, 4, n, x, scale);
            }
        }
    }
}

/* ---- conventions of the functions of one number ---- */

static void elementwise_conventions(void)
{
    const double inf = HUGE_VAL, nan = HUGE_VAL - HUGE_VAL, big = sizeof(jac_real) == sizeof(float) ? 1e30 : 1e200;
    const double least = sizeof(jac_real) == sizeof(float) ? (double)FLT_MIN : DBL_MIN;
    const struct { jac_layer layer; size_t n; double at[8][3]; } points[] = {     /* z, a, d */
        { JAC_RELU, 8, { { -2, 0, 0 }, { -0.0, 0, 0 }, { 0, 0, 0 }, { 3, 3, 1 }, { least, least, 1 }, { -inf, 0, 0 },
            { inf, inf, 1 }, { nan, nan, nan } } },
        { JAC_LEAKY_RELU(0.25), 7, { { -2, -0.5, 0.25 }, { -0.0, 0, 0.25 }, { 0, 0, 0.25 }, { 3, 3, 1 }, { -inf, -inf, 0.25 },
            { inf, inf, 1 }, { nan, nan, nan } } },
        { JAC_LEAKY_RELU(0), 1, { { -2, 0, 0 } } },
        { JAC_LEAKY_RELU(1), 1, { { -2, -2, 1 } } },
        { JAC_LEAKY_RELU(-1), 1, { { -2, 2, -1 } } },
        { JAC_LEAKY_RELU(4), 1, { { -2, -8, 4 } } },
        { JAC_ELU(2), 7, { { 0, 0, 2 }, { -0.0, 0, 2 }, { 3, 3, 1 }, { -inf, -2, 0 }, { -big, -2, 0 }, { inf, inf, 1 },
            { nan, nan, nan } } },
        { JAC_ELU(0), 1, { { -2, 0, 0 } } },
        { JAC_ELU(1), 1, { { 0, 0, 1 } } },
        { JAC_ELU(-1), 1, { { 0, 0, -1 } } },
        { JAC_TANH, 6, { { 0, 0, 1 }, { inf, 1, 0 }, { -inf, -1, 0 }, { big, 1, 0 }, { -big, -1, 0 }, { nan, nan, nan } } },
        { JAC_SIGMOID, 6, { { 0, 0.5, 0.25 }, { inf, 1, 0 }, { -inf, 0, 0 }, { big, 1, 0 }, { -big, 0, 0 }, { nan, nan, nan } } },
        { JAC_SOFTPLUS, 5, { { inf, inf, 1 }, { -inf, 0, 0 }, { big, big, 1 }, { -big, 0, 0 }, { nan, nan, nan } } },
        { JAC_SILU, 6, { { 0, 0, 0.5 }, { inf, inf, 1 }, { -inf, 0, 0 }, { big, big, 1 }, { -big, 0, 0 }, { nan, nan, nan } } },
        { JAC_GELU, 5, { { inf, inf, 1 }, { -inf, 0, 0 }, { big, big, 1 }, { -big, 0, 0 }, { nan, nan, nan } } },
    };
    for (size_t p = 0; p < COUNT(points); p++) {
        for (size_t k = 0; k < points[p].n; k++) {
            const jac_layer *layer = &points[p].layer;
            const double *at = points[p].at[k], alpha = (double)layer->alpha;
            const jac_real x[3] = { 1, (jac_real)at[0], -1 };
            run(3, layer, 1, x);
            CHECK_MSG(same(y[1], (jac_real)at[1]), "layer %u(%g) at %g gives %g", layer->kind, alpha, at[0], (double)y[1]);
            CHECK_MSG(same(J[4], (jac_real)at[2]), "layer %u(%g) at %g has the slope %g", layer->kind, alpha, at[0], (double)J[4]);
            CHECK(J[1] == 0 && J[2] == 0 && J[3] == 0 && J[5] == 0 && J[6] == 0 && J[7] == 0);
        }
    }
    {                                               /* GELU goes another way from 12 on */
        const jac_layer layer = JAC_GELU;
        const double v = -12, P = 0.5 * erfc(12 / sqrt(2)), p = exp(-72.0) / sqrt(2 * acos(-1));
        const jac_real x[3] = { -12, -12 * (1 - 2 * (jac_real)UNIT_ROUNDOFF), -12 * (1 + 2 * (jac_real)UNIT_ROUNDOFF) };
        run(3, &layer, 1, x);
        for (size_t j = 0; j < 3; j++) CHECK(fabs((double)y[j] / (v * P) - 1) < 1e-4 && fabs((double)J[4 * j] / (P + v * p) - 1) < 1e-4);
    }
    {                                               /* zeros keep their sign */
        const jac_layer layers[] = { JAC_TANH, JAC_SILU, JAC_GELU };
        const jac_real x[2] = { 0, (jac_real)-0.0 };
        for (size_t l = 0; l < COUNT(layers); l++) {
            const double slope = layers[l].kind == JAC_KIND_TANH ? 1 : 0.5;
            run(2, &layers[l], 1, x);
            CHECK(y[0] == 0 && y[1] == 0 && copysign(1, (double)y[0]) == 1 && copysign(1, (double)y[1]) == -1);
            CHECK(fabs((double)J[0] - slope) <= 2 * UNIT_ROUNDOFF && J[3] == J[0]);
        }
    }
}

/* The user's function: it is told the width and its own pointer, and its derivative is used as it is. */
typedef struct { size_t calls, n; jac_real z[MOST]; } witness;

static void seven(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    witness *w = (witness *)user;
    w->calls++;
    w->n = n;
    memcpy(w->z, z, n * sizeof *z);
    for (size_t j = 0; j < n; j++) {
        a[j] = -z[j];
        da[j] = 7 + (jac_real)j;
    }
}

static void user_activation(void)
{
    static witness seen;
    static const jac_real W[] = { 1, 2,  -3, 4,  5, -6 }, x[] = { 1, 0.5 }, z[] = { 2, -1, 2 };
    const jac_activation f = seven;
    static unsigned char memory[JAC_NET_SIZE_BOUND(3, 3, 1)];
    const jac_layer layers[] = { JAC_DENSE(2, 3, W, NULL), JAC_ACTIVATION(f, &seen) };
    jac_net net;
    run(2, layers, 2, x);
    CHECK(seen.calls == 1 && seen.n == 3 && memcmp(seen.z, z, sizeof z) == 0);
    for (size_t o = 0; o < 3; o++) {
        CHECK(y[o] == -z[o]);
        for (size_t i = 0; i < 2; i++) CHECK(J[o * 2 + i] == (7 + (jac_real)o) * W[o * 2 + i]);
    }
    CHECK(jac_net_init(&net, 3, layers + 1, 1, memory, sizeof memory) == JAC_OK);          /* of a batch it sees one sample at a time */
    CHECK(jac_forward_backward_batch(&net, 2, W, y, J) == JAC_OK);
    CHECK(seen.calls == 3 && seen.n == 3 && memcmp(seen.z, W + 3, 3 * sizeof *W) == 0);
}

/* ---- conventions of softmax and log-softmax ---- */

static void softmax_conventions(void)
{
    static const jac_layer softmax = JAC_SOFTMAX, log_softmax = JAC_LOG_SOFTMAX;
    const jac_real inf = (jac_real)HUGE_VAL, nan = inf - inf, u = (jac_real)UNIT_ROUNDOFF;
    jac_real x[MOST] = { -3 };

    run(1, &softmax, 1, x);                         /* one logit has nothing to compete with */
    CHECK(y[0] == 1 && J[0] == 0);
    run(1, &log_softmax, 1, x);
    CHECK(y[0] == 0 && J[0] == 0);

    for (size_t n = 2; n < MOST; n++) {             /* equal logits, near 0 and far from it */
        const jac_real share = 1 / (jac_real)n;
        size_t off = 0;
        for (size_t o = 0; o < n; o++) x[o] = n % 2 ? -1000 : (jac_real)0.1;
        run(n, &softmax, 1, x);
        for (size_t o = 0; o < n; o++) {
            off += !((jac_real)fabs((double)(y[o] - share)) <= 2 * u * share);
            for (size_t j = 0; j < n; j++) {
                const jac_real want = o == j ? share * (1 - share) : -share * share;
                off += !((jac_real)fabs((double)(J[o * n + j] - want)) <= 16 * u * (jac_real)fabs((double)want));
            }
        }
        CHECK_MSG(off == 0, "softmax of %zu equal logits: %zu numbers are off", n, off);
    }

    {                                               /* a mask: a logit of -inf takes no part, exactly; the others as without it */
        const jac_real masked[] = { 1, -inf, 0.5, -inf, 2 }, rest[] = { 1, 0.5, 2 };
        const size_t at[] = { 0, 2, 4 };
        jac_real y_rest[3], J_rest[9];
        for (int log = 0; log < 2; log++) {
            const jac_layer *layer = log ? &log_softmax : &softmax;
            run(3, layer, 1, rest);
            memcpy(y_rest, y, sizeof y_rest);
            memcpy(J_rest, J, sizeof J_rest);
            run(5, layer, 1, masked);
            for (size_t o = 0; o < 3; o++) {
                CHECK(y[at[o]] == y_rest[o]);
                for (size_t j = 0; j < 3; j++) CHECK(J[at[o] * 5 + at[j]] == J_rest[o * 3 + j]);
            }
            for (size_t o = 0; o < 5; o++) {
                for (size_t j = 1; j < 5; j += 2) CHECK(J[o * 5 + j] == (log && o == j ? 1 : 0));
                for (size_t j = 1; j < 5; j += 2) CHECK(log || J[j * 5 + o] == 0);
            }
            CHECK(y[1] == (log ? -inf : 0) && y[3] == y[1]);
        }
    }
    {                                               /* the same mask as the bias of a dense layer, pulled on to the input */
        static const jac_real W[] = { 1, 2,  3, 4,  5, 6 };
        const jac_real b[] = { 0, -inf, 0 }, at[] = { 0.25, -0.125 };
        const jac_layer layers[] = { JAC_DENSE(2, 3, W, b), JAC_SOFTMAX };
        run(2, layers, 2, at);
        CHECK(y[1] == 0 && J[2] == 0 && J[3] == 0);
        for (size_t i = 0; i < 2; i++) CHECK(J[i] < 0 && fabs((double)(J[i] + J[4 + i])) <= 8 * UNIT_ROUNDOFF * fabs((double)J[i]));
    }
    {                                               /* far apart, and too far for numbers: one-hot, J exactly 0; ties share */
        const jac_real far[] = { (jac_real)1e5, (jac_real)9e4, -(jac_real)1e5, 0 }, tie[] = { 3, (jac_real)1e5, -7, (jac_real)1e5 };
        run(4, &softmax, 1, far);
        CHECK(y[0] == 1 && y[1] == 0 && y[2] == 0 && y[3] == 0);
        for (size_t i = 0; i < 16; i++) CHECK(J[i] == 0);
        run(4, &softmax, 1, tie);
        CHECK(y[0] == 0 && y[1] == 0.5 && y[2] == 0 && y[3] == 0.5);
        CHECK(J[5] == 0.25 && J[7] == -0.25 && J[13] == -0.25 && J[15] == 0.25);
    }
    {                                               /* no number comes of these, and none is made up */
        const jac_real none[][3] = { { -inf, -inf, -inf }, { 1, inf, 2 }, { inf, 0, inf }, { nan, 1, 2 }, { 1, 2, nan } };
        for (size_t k = 0; k < COUNT(none); k++) {
            for (int log = 0; log < 2; log++) {
                size_t numbers = 0;
                run(3, log ? &log_softmax : &softmax, 1, none[k]);
                for (size_t o = 0; o < 3; o++) numbers += y[o] - y[o] == 0 && !(k < 3 && y[o] == 0);
                CHECK_MSG(numbers == 0 && (y[0] != y[0] || y[1] != y[1] || y[2] != y[2]), "softmax %d of case %zu hides what is not finite",
                          log, k);
            }
        }
    }
}

/* Behind dense layers that are the identity, with and without a ReLU between them, both softmaxes have the J that they have alone, entry
 * by entry, saturated or not; and a layer behind them that has no slope at every third unit leaves rows of exact zeros. */
static void third_units_off(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) {
        a[j] = z[j];
        da[j] = j % 3 ? 1 : 0;
    }
}

static void softmax_behind_dense(void)
{
    static const jac_layer softmax = JAC_SOFTMAX, log_softmax = JAC_LOG_SOFTMAX, relu = JAC_RELU;
    static jac_real I[MOST * MOST], alone[MOST * MOST], x[MOST], above[MOST];
    for (size_t n = 1; n <= MOST; n += CHECK_TRIALS(20) < 20 ? 6 : n < 30 ? 1 : 7) {
        const double size = draw_between(0, 1) ? 40 : 1;
        for (size_t j = 0; j < n; j++) x[j] = (jac_real)(size * draw_normal());
        if (n % 2)
            for (size_t j = 0; j + 1 < n; j++) x[n - 1] = x[j] + 20 > x[n - 1] ? x[j] + 20 : x[n - 1];   /* the last one wins by e^20 */
        for (size_t j = 0; j < n; j++) above[j] = x[j] > 0 ? x[j] : 0;
        for (size_t k = 0; k < n * n; k++) I[k] = k % (n + 1) == 0;
        for (size_t way = 0; way < 16; way++) {
            const int transposed = way & 1, log = way >> 1 & 1, with_relu = way >> 2 & 1, third_off = way >> 3 & 1;
            const jac_layer dense = JAC_DENSE(n, n, I, NULL), dense_t = JAC_DENSE_T(n, n, I, NULL), W = transposed ? dense_t : dense;
            const jac_layer layers[5] = { W, relu, W, log ? log_softmax : softmax, JAC_ACTIVATION(third_units_off, NULL) };
            size_t off = 0;
            run(n, &layers[3], 1, with_relu ? above : x);
            memcpy(alone, J, sizeof alone);
            run(n, layers + (with_relu ? 0 : 2), (with_relu ? 4u : 2u) + (third_off ? 1u : 0u), x);
            for (size_t k = 0; k < n * n; k++) {
                const jac_real want = (third_off && k / n % 3 == 0) || (with_relu && !(x[k % n] > 0)) ? 0 : alone[k];
                off += !(fabs((double)(J[k] - want)) <= 8 * UNIT_ROUNDOFF * fabs((double)want));
            }
            CHECK_MSG(off == 0, "softmax of %zu behind dense layers, way %zu: %zu entries of J are off", n, way, off);
        }
    }
}

/* ---- whole nets whose J is known exactly ---- */

static void exact_nets(void)
{
    static jac_real W1[MOST * MOST], W2[MOST * MOST], b[MOST], x[MOST], first[MOST * MOST];
    for (size_t k = 0; k < 40; k++) {
        const size_t N = draw_between(1, MOST), O = draw_between(1, MOST), T = k % 2, H = draw_between(1, MOST);
        const jac_layer dense = JAC_DENSE(N, O, W1, b), dense_t = JAC_DENSE_T(N, O, W1, b), relu = JAC_RELU;
        const jac_layer one[1] = { T ? dense_t : dense };
        size_t off = 0;
        for (size_t i = 0; i < MOST * MOST; i++) W1[i] = (jac_real)draw_normal();
        for (size_t i = 0; i < MOST * MOST; i++) W2[i] = (jac_real)draw_normal();
        for (size_t i = 0; i < MOST; i++) b[i] = (jac_real)draw_normal();
        for (size_t i = 0; i < MOST; i++) x[i] = (jac_real)draw_normal();
        run(N, one, 1, x);                          /* one dense layer: J is W */
        for (size_t o = 0; o < O; o++) for (size_t i = 0; i < N; i++) off += J[o * N + i] != W1[T ? i * O + o : o * N + i];
        CHECK_MSG(off == 0, "%zu-%zu: %zu entries of J are not those of W", N, O, off);

        {                                           /* all units off: J is 0; and W times a power of two takes J along, bit for bit */
            const jac_layer hidden = JAC_DENSE(N, H, W1, b), out = JAC_DENSE(H, O, W2, NULL), out_t = JAC_DENSE_T(H, O, W2, NULL);
            const jac_layer net[3] = { hidden, relu, T ? out_t : out };
            run(N, net, 3, x);
            memcpy(first, J, O * N * sizeof *J);
            for (size_t i = 0; i < H * O; i++) W2[i] *= 8;
            run(N, net, 3, x);
            for (size_t i = 0; i < O * N; i++) off += J[i] != 8 * first[i];
            CHECK_MSG(off == 0, "%zu-%zu-%zu: %zu entries of J do not scale", N, H, O, off);
            for (size_t o = 0; o < H; o++) b[o] = -10000;
            run(N, net, 3, x);
            for (size_t i = 0; i < O * N; i++) off += J[i] != 0;
            CHECK_MSG(off == 0, "%zu-%zu-%zu with every unit off: %zu entries of J are not 0", N, H, O, off);
        }
        {                                           /* permutations: J is their product */
            size_t p[MOST], q[MOST];
            const jac_layer net[2] = { JAC_DENSE(N, N, W1, NULL), JAC_DENSE_T(N, N, W2, NULL) };
            for (size_t i = 0; i < N; i++) p[i] = q[i] = i;
            for (size_t i = N; i-- > 1;) {
                const size_t c = draw_between(0, i), e = draw_between(0, i), pi = p[i], qi = q[i];
                p[i] = p[c]; p[c] = pi;
                q[i] = q[e]; q[e] = qi;
            }
            memset(W1, 0, sizeof W1);
            memset(W2, 0, sizeof W2);
            for (size_t i = 0; i < N; i++) W1[p[i] * N + i] = W2[i * N + q[i]] = 1;
            run(N, net, 2, x);
            for (size_t i = 0; i < N; i++) {
                off += y[q[p[i]]] != x[i];
                for (size_t o = 0; o < N; o++) off += J[o * N + i] != (o == q[p[i]]);
            }
            CHECK_MSG(off == 0, "permutations of %zu: %zu numbers are off", N, off);
        }
    }
}

static void pole(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) {
        a[j] = z[j];
        da[j] = (jac_real)HUGE_VAL;
    }
}

/* What is not a number stays none, to the end, in either order of J. */
static void not_finite(void)
{
    static const size_t shapes[][3] = { { 6, 5, 2 }, { 1, 5, 9 }, { 20, 40, 10 }, { 2, 33, 40 } };
    static jac_real W1[MOST * MOST], W2[MOST * MOST], b[MOST], x[MOST];
    const jac_real inf = (jac_real)HUGE_VAL, nan = inf - inf;
    for (size_t s = 0; s < COUNT(shapes); s++) {
        const size_t N = shapes[s][0], H = shapes[s][1], O = shapes[s][2];
        const jac_layer layers[] = { JAC_DENSE(N, H, W1, b), JAC_RELU, JAC_DENSE_T(H, O, W2, b), JAC_SOFTMAX };
        jac_real *const places[] = { &x[N - 1], &W1[N * H - 1], &b[0], &W2[0] };
        for (size_t i = 0; i < MOST * MOST; i++) W1[i] = W2[i] = (jac_real)(1 + draw_uniform());
        for (size_t i = 0; i < MOST; i++) x[i] = b[i] = (jac_real)draw_uniform();
        for (size_t p = 0; p < COUNT(places); p++) {
            const jac_real before = *places[p];
            size_t numbers = 0;
            *places[p] = nan;
            run(N, layers, 4, x);
            *places[p] = before;
            for (size_t o = 0; o < O; o++) numbers += y[o] == y[o];
            for (size_t i = 0; i < O * N; i++) numbers += J[i] == J[i];
            CHECK_MSG(numbers == 0, "%zu-%zu-%zu with NaN at place %zu: %zu numbers in y and J", N, H, O, p, numbers);
        }
    }
    for (size_t s = 0; s < COUNT(shapes); s++) {    /* but a unit that is off drops out of J, whatever its weights are */
        const size_t N = shapes[s][0], O = shapes[s][2];
        const jac_layer relu = JAC_RELU, dense = JAC_DENSE(N, O, W1, NULL), behind[2] = { dense, relu }, before[2] = { relu, dense };
        size_t off = 0;
        for (size_t i = 0; i < O * N; i++) W1[i] = i < N ? -inf : (jac_real)(1 + draw_uniform());
        run(N, behind, 2, x);
        for (size_t i = 0; i < N; i++) off += J[i] != 0;
        for (size_t i = N; i < O * N; i++) off += J[i] != W1[i];
        x[0] = -1;
        run(N, before, 2, x);
        for (size_t o = 0; o < O; o++) for (size_t i = 0; i < N; i++) off += J[o * N + i] != (i == 0 ? 0 : W1[o * N + i]);
        x[0] = 1;
        CHECK_MSG(off == 0, "%zu-%zu with a unit off: %zu entries of J are off", N, O, off);
    }
    {                                               /* and so does one behind a softmax of no numbers */
        const jac_layer layers[] = { JAC_SOFTMAX, JAC_ACTIVATION(third_units_off, NULL) };
        const jac_real at[] = { nan, 1, 2 };
        run(3, layers, 2, at);
        for (size_t i = 0; i < 9; i++) CHECK(i < 3 ? J[i] == 0 : J[i] != J[i]);
    }
    {                                               /* NaN in one sample of a batch is none in the others */
        static unsigned char memory[JAC_NET_SIZE_BOUND(6, 6, 3)];
        const jac_layer layers[] = { JAC_DENSE_T(6, 5, W1, b), JAC_RELU, JAC_DENSE(5, 2, W2, b) };
        jac_real X[18], Y[6], Js[36];
        size_t off = 0;
        jac_net net;
        for (size_t i = 0; i < MOST * MOST; i++) W1[i] = W2[i] = (jac_real)(1 + draw_uniform());
        for (size_t i = 0; i < 18; i++) X[i] = i / 6 == 0 ? nan : (jac_real)draw_uniform();
        CHECK(jac_net_init(&net, 6, layers, 3, memory, sizeof memory) == JAC_OK);
        CHECK(jac_forward_backward_batch(&net, 3, X, Y, Js) == JAC_OK);
        for (size_t q = 0; q < 3; q++) {
            CHECK(jac_forward_backward(&net, X + 6 * q, y, J) == JAC_OK);
            for (size_t o = 0; o < 2; o++) off += !same(y[o], Y[q * 2 + o]) || (y[o] != y[o]) != (q == 0);
            for (size_t i = 0; i < 12; i++) off += !same(J[i], Js[q * 12 + i]);
        }
        CHECK_MSG(off == 0, "a batch whose first sample is NaN: %zu numbers are not those of the samples alone", off);
    }
    {                                               /* an infinite slope of the user's stays one */
        const jac_layer layers[] = { JAC_DENSE(1, 1, W1, NULL), JAC_ACTIVATION(pole, NULL) };
        const jac_real one = 1;
        run(1, layers, 2, &one);
        CHECK(J[0] == inf);
    }
}

/* ---- kink_margin ---- */

static int near(double v, double w) { return v == w || fabs(v - w) <= 1e-5 * fabs(w); }

static void kink_margins(void)
{
    /* at x the first layer sums to 0.5, 1.25, -1.25 */
    static const jac_real W[] = { 1, -2,  0.5, 1,  -1, 3 }, W_t[] = { 1, 0.5, -1,  -2, 1, 3 }, b[] = { 0, 0.5, -1 };
    static const jac_real V[] = { 1, 1, 1,  1, -1, 0,  0, 0, 2 }, c[] = { 0, 0.625, 1 }, x[] = { 1, 0.25, 0, 0, 1, 0.25 };
    const double u = UNIT_ROUNDOFF, first = 0.5 / (u * 1.5);
    const jac_layer relu[] = { JAC_DENSE(2, 3, W, b), JAC_RELU }, relu_t[] = { JAC_DENSE_T(2, 3, W_t, b), JAC_RELU };
    const jac_layer leaky[] = { JAC_DENSE(2, 3, W, b), JAC_LEAKY_RELU(0.1) }, elu[] = { JAC_DENSE(2, 3, W, b), JAC_ELU(2) };
    const jac_layer flat[][2] = { { JAC_DENSE(2, 3, W, b), JAC_LEAKY_RELU(0) }, { JAC_DENSE(2, 3, W, b), JAC_ELU(-1) } };
    const jac_layer none[][2] = {
        { JAC_DENSE(2, 3, W, b), JAC_LEAKY_RELU(1) }, { JAC_DENSE(2, 3, W, b), JAC_ELU(1) }, { JAC_DENSE(2, 3, W, b), JAC_TANH },
        { JAC_DENSE(2, 3, W, b), JAC_SOFTMAX }, { JAC_DENSE(2, 3, W, b), JAC_SOFTPLUS },
        { JAC_RELU, JAC_DENSE(2, 3, W, b) }, { JAC_TANH, JAC_RELU },
    };
    /* ReLU of the first is 0.5, 1.25, 0; the second sums to 1.75, 0.5 - 1.25 + 0.625 = -0.125, 1: the nearest of all */
    const jac_layer two[] = { JAC_DENSE(2, 3, W, b), JAC_RELU, JAC_DENSE(3, 3, V, c), JAC_RELU };
    /* and with this bias to 1.75, -1.75, 1: the first layer's 0.5 stays the nearest */
    static const jac_real away[] = { 0, -1, 1 }, far[] = { 4, 0.25 };
    const jac_layer bent_between[] = { JAC_DENSE(2, 3, W, b), JAC_TANH, JAC_RELU };      /* not directly behind it */
    const jac_layer first_nearest[] = { JAC_DENSE(2, 3, W, b), JAC_RELU, JAC_DENSE(3, 3, V, away), JAC_RELU };
    unsigned char memory[JAC_NET_SIZE_BOUND(3, 3, 4)];
    jac_real many[2 * (JAC_SAMPLES + 1)] = { 0 }, many_J[6 * (JAC_SAMPLES + 1)];
    jac_net net;

    CHECK(near(run(2, relu, 2, x).kink_margin, first));
    CHECK(near(run(2, relu_t, 2, x).kink_margin, first));
    CHECK(near(run(2, leaky, 2, x).kink_margin, first));
    CHECK(near(run(2, elu, 2, x).kink_margin, first));
    for (size_t k = 0; k < COUNT(flat); k++) CHECK(near(run(2, flat[k], 2, x).kink_margin, first));
    CHECK(near(run(2, two, 4, x).kink_margin, 0.125 / (u * 2.375)));
    CHECK(near(run(2, first_nearest, 4, x).kink_margin, first));
    for (size_t k = 0; k < COUNT(none); k++) CHECK(run(2, none[k], 2, x).kink_margin == HUGE_VAL);
    CHECK(run(2, bent_between, 3, x).kink_margin == HUGE_VAL);
    CHECK(run(2, relu, 2, x + 2).kink_margin == 0); /* z = 0, 0.5, -1 at the origin: on the kink */

    CHECK(jac_net_init(&net, 2, relu, 2, memory, sizeof memory) == JAC_OK);
    CHECK(jac_forward_backward_batch(&net, 2, x, NULL, J) == JAC_OK && net.kink_margin == 0);       /* of the last sample */
    CHECK(jac_forward_backward_batch(&net, 2, x + 2, NULL, J) == JAC_OK && near(net.kink_margin, first));
    memcpy(many + 2 * JAC_SAMPLES, x, 2 * sizeof *x);                           /* more than go together: all but the last are on it */
    CHECK(jac_forward_backward_batch(&net, COUNT(many) / 2, many, NULL, many_J) == JAC_OK && near(net.kink_margin, first));
    CHECK(jac_forward(&net, x, NULL) == JAC_OK && near(net.kink_margin, first));
    CHECK(jac_forward(&net, far, NULL) == JAC_OK && near(net.kink_margin, 1 / u));     /* nothing of the call before */
    CHECK(jac_net_init(&net, 2, two, 4, memory, sizeof memory) == JAC_OK);
    CHECK(jac_forward_backward_batch(&net, 2, x + 2, NULL, J) == JAC_OK && near(net.kink_margin, 0.125 / (u * 2.375)));

    for (size_t k = 0; k < 50; k++) {               /* and of wider layers, by the definition */
        static jac_real A[MOST * MOST], a[MOST], at[MOST];
        const size_t N = draw_between(1, MOST), H = draw_between(1, MOST);
        const jac_layer dense = JAC_DENSE(N, H, A, a), dense_t = JAC_DENSE_T(N, H, A, a), positive = JAC_RELU;
        const jac_layer layers[2] = { k % 2 ? dense : dense_t, positive };
        oracle_real least = HUGE_VALL, sum = 1;
        double margin, want;
        for (size_t i = 0; i < N * H; i++) A[i] = (jac_real)draw_normal();
        for (size_t i = 0; i < H; i++) a[i] = (jac_real)draw_normal();
        for (size_t i = 0; i < N; i++) at[i] = (jac_real)draw_normal();
        for (size_t o = 0; o < H; o++) {
            oracle_real z = a[o], size = fabsl(z);
            for (size_t i = 0; i < N; i++) {
                z += oracle_weight(layers, o, i) * at[i];
                size += fabsl(oracle_weight(layers, o, i) * at[i]);
            }
            if (fabsl(z) < least) {
                least = fabsl(z);
                sum = size;
            }
        }
        want = (double)(least / sum) / u;
        margin = run(N, layers, 2, at).kink_margin;
        CHECK_MSG(fabs(margin - want) <= 6 + 1e-4 * want, "%zu-%zu: kink_margin is %g, not %g", N, H, margin, want);
    }
}

int main(void)
{
    draw_seed(1);
    alone_and_in_pairs();
    elementwise_conventions();
    user_activation();
    softmax_conventions();
    softmax_behind_dense();
    exact_nets();
    not_finite();
    kink_margins();
    return check_report();
}
