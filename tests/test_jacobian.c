/* test_jacobian.c - the notebook's net and the net over real digits against their 120-digit references: both layouts of the
 * weights, and every way to get J. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "../examples/digits_net.h"
#include "check.h"
#include <float.h>
#include "golden_digits.h"
#include "golden_notebook.h"
#include "notebook_net.h"
#include "planted.h"

#define IS_FLOAT (sizeof(jac_real) == sizeof(float))
#define LEAST_NORMAL (IS_FLOAT ? (double)FLT_MIN : DBL_MIN)
enum { MOST_IN = 500, MOST_HIDDEN = 100, OUT = 10, SAMPLES = 20, LAYERS = 4 };

static jac_real w1_io[MOST_IN * MOST_HIDDEN], bias1[MOST_HIDDEN], w2_io[MOST_HIDDEN * OUT], bias2[OUT];     /* [in][out], and ... */
static jac_real w1_oi[MOST_IN * MOST_HIDDEN], w2_oi[MOST_HIDDEN * OUT];                           /* ... [out][in] */
static jac_real X[SAMPLES * MOST_IN], Y[SAMPLES * OUT], J[SAMPLES * OUT * MOST_IN];
static unsigned char memory[JAC_NET_SIZE_BOUND(MOST_IN, MOST_IN, LAYERS)];

static void round_to(jac_real *to, const double *from, size_t n) { for (size_t i = 0; i < n; i++) to[i] = (jac_real)from[i]; }
static void transpose(jac_real *to, const jac_real *from, size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++) for (size_t c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c];
}

/* Each row within `tolerance` of its own size. A row below the normal numbers of jac_real (seven of the notebook's ten
 * rows in float, 6e-237 to 6e-50) can only be held to the least normal number. */
static double row_error(const double *row, const jac_real *given, size_t n)
{
    double size = LEAST_NORMAL, error = 0;
    for (size_t i = 0; i < n; i++) size = fabs(row[i]) > size ? fabs(row[i]) : size;
    for (size_t i = 0; i < n; i++) {
        const double e = fabs((double)given[i] - row[i]) / size;
        if (!(e <= error)) error = e;
    }
    return error;
}

static void compare(const char *what, size_t sample, size_t N, const jac_real *y, const jac_real *given, const double *want_y,
                    const double *want)
{
    const double tolerance = IS_FLOAT ? 1e-4 : 1e-12;
    for (size_t o = 0; o < OUT; o++) {
        const double error_y = row_error(want_y + o, y + o, 1), error = row_error(want + o * N, given + o * N, N);
        CHECK_MSG(error_y <= tolerance, "%s, sample %zu: y[%zu] is off by %g of itself", what, sample, o, error_y);
        CHECK_MSG(error <= tolerance, "%s, sample %zu: row %zu of J is off by %g of its size", what, sample, o, error);
    }
}

/* Every way to y and J, at n points. */
static void all_ways(const char *what, size_t N, const jac_layer *layers, size_t n, const double *want_y, const double *want)
{
    static jac_real y[OUT], first[OUT * MOST_IN], other[OUT * MOST_IN], columns[OUT * MOST_IN], identity[MOST_IN * MOST_IN];
    jac_net net;
    CHECK(jac_net_init(&net, N, layers, LAYERS, memory, sizeof memory) == JAC_OK);
    CHECK(jac_forward_backward_batch(&net, n, X, Y, J) == JAC_OK);
    for (size_t k = 0; k < n; k++) {
        const jac_real *x = X + k * N;
        const double *y_k = want_y + k * OUT, *J_k = want + k * OUT * N;
        CHECK(jac_forward_backward(&net, x, y, first) == JAC_OK);
        CHECK_MSG(memcmp(y, Y + k * OUT, OUT * sizeof *y) == 0, "%s: y of sample %zu has other bits in a batch", what, k);
        CHECK_MSG(memcmp(first, J + k * OUT * N, OUT * N * sizeof *J) == 0, "%s: J of sample %zu has other bits in a batch", what, k);
        plant(&net, layers, LAYERS, x, first);
        compare(what, k, N, y, first, y_k, J_k);

        CHECK(jac_forward(&net, x, y) == JAC_OK && jac_backward(&net, other) == JAC_OK);
        CHECK_MSG(planted || memcmp(other, first, OUT * N * sizeof *J) == 0, "%s: J of sample %zu has other bits in two calls", what, k);
        compare("forward, backward", k, N, y, other, y_k, J_k);

        for (size_t i = 0; i < OUT * OUT; i++) identity[i] = i % (OUT + 1) == 0;
        CHECK(jac_vjp(&net, OUT, identity, other) == JAC_OK);
        compare("VJP with the identity", k, N, y, other, y_k, J_k);

        for (size_t i = 0; i < N * N; i++) identity[i] = i % (N + 1) == 0;
        CHECK(jac_jvp(&net, N, identity, columns) == JAC_OK);
        transpose(other, columns, N, OUT);
        compare("JVP with the identity", k, N, y, other, y_k, J_k);
    }
}

static void both_layouts(const char *what, size_t N, size_t hidden, size_t n, const double *want_y, const double *want)
{
    const jac_layer inner[] = { JAC_DENSE_T(N, hidden, w1_io, bias1), JAC_RELU, JAC_DENSE_T(hidden, OUT, w2_io, bias2), JAC_SOFTMAX };
    const jac_layer outer[] = { JAC_DENSE(N, hidden, w1_oi, bias1), JAC_RELU, JAC_DENSE(hidden, OUT, w2_oi, bias2), JAC_SOFTMAX };
    char name[64];
    transpose(w1_oi, w1_io, N, hidden);
    transpose(w2_oi, w2_io, hidden, OUT);
    snprintf(name, sizeof name, "%s, [in][out]", what);
    all_ways(name, N, inner, n, want_y, want);
    snprintf(name, sizeof name, "%s, [out][in]", what);
    all_ways(name, N, outer, n, want_y, want);
}

int main(int argc, char **argv)
{
    plant_from(argc, argv);

    notebook_draw();
    round_to(w1_io, notebook_w1, 500 * 100);
    round_to(bias1, notebook_b1, 100);
    round_to(w2_io, notebook_w2, 100 * 10);
    round_to(bias2, notebook_b2, 10);
    round_to(X, notebook_x0, 500);
    both_layouts("notebook", 500, 100, 1, golden_notebook_y, golden_notebook_J[0]);

    round_to(w1_io, W1, 64 * 32);
    round_to(bias1, b1, 32);
    round_to(w2_io, W2, 32 * 10);
    round_to(bias2, b2, 10);
    for (size_t k = 0; k < SAMPLES; k++) for (size_t i = 0; i < 64; i++) X[k * 64 + i] = (jac_real)images[k][i] / 16;
    both_layouts("digits", 64, 32, SAMPLES, golden_y[0], golden_J[0][0]);

    return check_report();
}
