/* test_random.c - random nets against the oracle, number by number: depths, widths around the vector widths, both layouts,
 * saturated and dead units, every layer kind; and the same bits from a batch, a second call and other memory.
 * test_random SEED judges one net alone. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#include "oracle.h"
#include "planted.h"
#include <stdio.h>
#include <stdlib.h>

#ifndef NETS
#define NETS CHECK_TRIALS(300)
#endif
enum { DENSE = 6, WIDEST = 70, MOST_LAYERS = 2 * DENSE + 2, BATCH = 15, ROWS = 40 };

typedef struct {
    size_t n_layers, N, O;
    jac_layer layers[MOST_LAYERS];
    jac_real W[DENSE][WIDEST * WIDEST], b[DENSE][WIDEST], X[BATCH * WIDEST];
    char shape[256];
} subject;

static size_t width(void)
{
    static const size_t edges[] = { 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 70 };
    return draw_uniform() < 0.6 ? edges[draw_between(0, sizeof edges / sizeof *edges - 1)] : draw_between(1, WIDEST);
}

/* Dense layers of He-scaled weights, an activation after most of them. A dead share of the units is pushed far below 0. */
static void draw_net(subject *t)
{
    static const jac_layer activations[] = {
        JAC_RELU, JAC_LEAKY_RELU(0.1), JAC_ELU(1.5), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU, JAC_GELU, JAC_SOFTMAX
    };
    static const jac_layer ends[] = { JAC_SOFTMAX, JAC_LOG_SOFTMAX, JAC_TANH, JAC_SIGMOID, JAC_RELU };
    static const size_t shares[] = { 0, 0, 25, 50, 90, 100 };
    const size_t n_dense = draw_between(1, DENSE), shape = draw_between(0, 3), only_relu = draw_uniform() < 0.5;
    size_t n, used = 0, saturated, dead;
    t->n_layers = 0;
    t->N = n = shape == 0 ? draw_between(1, 4) : width();           /* a quarter: few inputs, many outputs */
    saturated = draw_uniform() < 0.3;
    dead = shares[draw_between(0, 5)];
    used += (size_t)snprintf(t->shape, sizeof t->shape, "%s, %zu %% dead, %zu", saturated ? "saturated" : "He", dead, n);
    for (size_t l = 0; l < n_dense; l++) {
        const int last = l + 1 == n_dense, transposed = draw_uniform() < 0.5;
        const size_t out = last && shape == 0 ? draw_between(40, WIDEST) : last && shape == 1 ? draw_between(1, 3) : width();
        const double scale = sqrt(2 / (double)n) * (saturated && last ? 12 : 1);
        const jac_real *b = draw_uniform() < 0.1 ? NULL : t->b[l];
        const jac_layer dense = JAC_DENSE(n, out, t->W[l], b), dense_t = JAC_DENSE_T(n, out, t->W[l], b);
        for (size_t i = 0; i < n * out; i++) t->W[l][i] = (jac_real)(scale * draw_normal());
        for (size_t o = 0; o < out; o++) t->b[l][o] = (jac_real)(!last && draw_between(1, 100) <= dead ? -200 : 0.3 * draw_normal());
        t->layers[t->n_layers++] = transposed ? dense_t : dense;
        n = out;
        used += (size_t)snprintf(t->shape + used, sizeof t->shape - used, "-%zu%s", n, transposed ? "t" : "");
        if (last || draw_uniform() < 0.9) {
            const jac_layer *layer = last ? &ends[draw_between(0, 4)] : &activations[only_relu ? 0 : draw_between(0, 8)];
            if (last && draw_uniform() < 0.2) break;
            t->layers[t->n_layers++] = *layer;
            used += (size_t)snprintf(t->shape + used, sizeof t->shape - used, "(%u)", layer->kind);
        }
    }
    t->O = n;
    for (size_t i = 0; i < BATCH * t->N; i++) t->X[i] = (jac_real)draw_normal();
}

static double worst_ratio;
static size_t judged, blind;

/* Net `seed`. Blind: a bound that is not small beside some row of J, so that it would let a fault through; in float most of all. */
static void test_net(size_t seed)
{
    static subject s;
    static oracle truth;
    static jac_real y[BATCH * WIDEST], J[BATCH * WIDEST * WIDEST], y1[WIDEST], J1[WIDEST * WIDEST], x1[WIDEST], y2[WIDEST];
    static jac_real V[ROWS * WIDEST], VJ[ROWS * WIDEST], JV[ROWS * WIDEST];
    subject *t = &s;
    const size_t batch = (draw_seed(seed), draw_between(1, BATCH)), rows = draw_between(1, draw_uniform() < 0.2 ? ROWS : 5);
    unsigned char *memory, *other;
    size_t bytes, k = draw_between(0, batch - 1);
    oracle_verdict found;
    jac_net net;

    draw_net(t);
    bytes = jac_net_size(t->N, t->layers, t->n_layers);
    memory = (unsigned char *)malloc(bytes);
    other = (unsigned char *)malloc(bytes);
    if (memory == NULL || other == NULL) abort();
    memset(memory, 0xff, bytes);                    /* NaNs: what is read before it was written shows */
    memset(other, 0, bytes);
    CHECK(jac_net_init(&net, t->N, t->layers, t->n_layers, memory, bytes) == JAC_OK && net.n_out == t->O);
    CHECK(jac_forward_backward_batch(&net, batch, t->X, y, J) == JAC_OK);
    CHECK(jac_backward(&net, J1) == JAC_OK);
    CHECK_MSG(memcmp(J1, J + (batch - 1) * t->O * t->N, t->O * t->N * sizeof *J) == 0,
              "seed %zu, %s: after a batch of %zu the forward point is not its last sample", seed, t->shape, batch);
    for (size_t q = 0; q < batch; q++) {
        CHECK(jac_forward_backward(&net, t->X + q * t->N, y1, J1) == JAC_OK);
        CHECK_MSG(memcmp(y1, y + q * t->O, t->O * sizeof *y) == 0 && memcmp(J1, J + q * t->O * t->N, t->O * t->N * sizeof *J) == 0,
                  "seed %zu, %s: sample %zu of %zu has other bits alone", seed, t->shape, q, batch);
    }
    CHECK(jac_net_init(&net, t->N, t->layers, t->n_layers, other, bytes) == JAC_OK);
    for (int call = 0; call < 2; call++) {
        memcpy(x1, t->X + k * t->N, t->N * sizeof *x1);
        CHECK(jac_forward(&net, x1, call ? y2 : NULL) == JAC_OK);
        memcpy(y1, y2, t->O * sizeof *y1);
        memset(x1, 0xff, sizeof x1);                /* x and y are the caller's again */
        memset(y2, 0xff, sizeof y2);
        CHECK(jac_backward(&net, J1) == JAC_OK);
        CHECK_MSG(memcmp(J1, J + k * t->O * t->N, t->O * t->N * sizeof *J) == 0, "seed %zu, %s: call %d in other memory gives other bits",
                  seed, t->shape, call);
    }
    CHECK_MSG(memcmp(y1, y + k * t->O, t->O * sizeof *y) == 0, "seed %zu, %s: y has other bits in other memory", seed, t->shape);

    plant(&net, t->layers, t->n_layers, t->X + k * t->N, J1);
    oracle_run(&truth, t->N, t->layers, t->n_layers, t->X + k * t->N);
    found = oracle_judge(&truth, y1, J1);
    CHECK_MSG(found.y <= 1, "seed %zu, %s: y is off by %g bounds", seed, t->shape, found.y);
    CHECK_MSG(found.J <= 1, "seed %zu, %s: J[%zu][%zu] is off by %g bounds", seed, t->shape, found.row, found.column, found.J);
    judged++;
    blind += found.loose > 0.1;
    worst_ratio = fmax(worst_ratio, fmax(found.y, found.J));

    for (size_t i = 0; i < rows * t->N; i++) V[i] = (jac_real)draw_normal();
    CHECK(jac_jvp(&net, rows, V, JV) == JAC_OK);
    for (size_t r = 0; r < rows; r++) {
        oracle_real v[ORACLE_WIDTH], e[ORACLE_WIDTH];
        double ratio = 0;
        for (size_t i = 0; i < t->N; i++) v[i] = V[r * t->N + i];
        oracle_push(&truth, v, e);
        for (size_t o = 0; o < t->O; o++) ratio = fmax(ratio, oracle_ratio(JV[r * t->O + o], v[o], e[o]));
        CHECK_MSG(ratio <= 1, "seed %zu, %s: JVP %zu of %zu is off by %g bounds", seed, t->shape, r, rows, ratio);
    }

    for (size_t i = 0; i < rows * t->O; i++) V[i] = (jac_real)draw_normal();
    CHECK(jac_vjp(&net, rows, V, VJ) == JAC_OK);
    for (size_t r = 0; r < rows; r++) {
        double ratio = 0;
        for (size_t i = 0; i < t->N; i++) {
            oracle_real sum = 0, e = 0;
            for (size_t o = 0; o < t->O; o++) {
                sum += V[r * t->O + o] * truth.J[o * t->N + i];
                e += fabsl(V[r * t->O + o]) * truth.eJ[o * t->N + i];
            }
            ratio = fmax(ratio, oracle_ratio(VJ[r * t->N + i], sum, e));
        }
        CHECK_MSG(ratio <= 1, "seed %zu, %s: VJP %zu of %zu is off by %g bounds", seed, t->shape, r, rows, ratio);
    }
    free(memory);
    free(other);
}

int main(int argc, char **argv)
{
    plant_from(argc, argv);
    if (argc > 1 && !planted) {
        test_net((size_t)strtoul(argv[1], NULL, 10));
        return check_report();
    }
    for (size_t seed = 1; seed <= NETS; seed++) test_net(seed);
    printf("worst error / bound %.3f; %zu of %zu nets with a bound above a tenth of a row\n", worst_ratio, blind, judged);
    CHECK_MSG((sizeof(jac_real) == sizeof(float) ? 4 : 50) * blind <= judged, "the bounds see too little");
    return check_report();
}
