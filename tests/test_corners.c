/* test_corners.c - what no ordinary net meets: weights larger than the cache, blocks narrower than a vector, layers in an unusual
 * place, and sizes whose sum is too large. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#if defined(JAC_NO_SIMD) || !(defined(__x86_64__) || defined(__aarch64__))
enum { WIDE = 130 };                        /* the scalar set knows no weights beyond the cache, and is for slow machines */
#else
enum { WIDE = 600 };                        /* 600 x 600 weights are more than JAC_IMPL_NEAR bytes in either precision */
#endif
enum { MOST = 50, OVER = JAC_ROWS + 1 };    /* OVER: outputs whose last row of J comes alone */

enum { LARGER = MOST > OVER ? MOST : OVER };

static jac_real W[WIDE * WIDE], b[WIDE], x[LARGER], J[LARGER * LARGER];

static void judge(const char *name, size_t N, const jac_layer *layers, size_t n_layers, size_t columns)
{
    static unsigned char memory[JAC_NET_SIZE_BOUND(WIDE, WIDE, 8)];
    jac_check_options options = { 0, 0, 0, 0 };
    jac_check_report r;
    jac_net net;
    options.columns = columns;
    CHECK_MSG(jac_net_init(&net, N, layers, n_layers, memory, sizeof memory) == JAC_OK, "%s: init", name);
    CHECK_MSG(jac_forward_backward(&net, x, NULL, J) == JAC_OK, "%s: J", name);
    CHECK_MSG(jac_check(&net, x, J, &options, &r) == JAC_OK && r.verdict == JAC_CHECK_PASS,
              "%s: verdict %d, J[%zu][%zu] is %g, measured %g", name, (int)r.verdict, r.row, r.column, r.given, r.measured);
    for (size_t o = 0; o < net.n_out; o++) if (fabs(J[o * N + r.column]) > fabs(J[r.row * N + r.column])) r.row = o;
    J[r.row * N + r.column] *= 2;           /* the largest entry of a column that was judged */
    CHECK_MSG(jac_check(&net, x, J, &options, &r) == JAC_OK && r.verdict == JAC_CHECK_FAIL, "%s: a fault of 100 %% passes", name);
}

static void test_paths(void)
{
    const jac_layer far_rows[] = { JAC_DENSE(2, WIDE, W, NULL), JAC_RELU, JAC_DENSE(WIDE, WIDE, W, NULL), JAC_RELU,
                                   JAC_DENSE(WIDE, 2, W, NULL) };
    const jac_layer far_all[] = { JAC_DENSE(2, WIDE, W, NULL), JAC_TANH, JAC_DENSE(WIDE, WIDE, W, NULL), JAC_TANH,
                                  JAC_DENSE(WIDE, 2, W, NULL) };
    const jac_layer far_columns[] = { JAC_DENSE_T(2, WIDE, W, NULL), JAC_TANH, JAC_DENSE_T(WIDE, WIDE, W, NULL), JAC_TANH,
                                      JAC_DENSE_T(WIDE, 2, W, NULL) };
    const jac_layer far_alone[] = { JAC_DENSE(MOST, WIDE, W, NULL), JAC_TANH, JAC_DENSE(WIDE, WIDE, W, b), JAC_RELU,
                                    JAC_DENSE_T(WIDE, OVER, W, NULL) };
    const jac_layer narrow[] = { JAC_DENSE_T(3, 40, W, NULL), JAC_RELU, JAC_DENSE_T(40, 40, W, NULL), JAC_RELU,
                                 JAC_DENSE_T(40, 3, W, NULL) };
    const jac_layer first[] = { JAC_LOG_SOFTMAX, JAC_DENSE(2, 50, W, NULL), JAC_RELU, JAC_DENSE(50, 50, W, NULL), JAC_TANH,
                                JAC_DENSE(50, 50, W, NULL) };
    const jac_layer apart[] = { JAC_DENSE(4, 130, W, NULL), JAC_RELU, JAC_DENSE(130, 130, W, NULL), JAC_TANH,
                                JAC_DENSE(130, 120, W, NULL) };
    const jac_layer many[] = { JAC_DENSE(24, WIDE, W, NULL), JAC_TANH, JAC_DENSE(WIDE, WIDE, W, NULL), JAC_TANH,
                               JAC_DENSE(WIDE, 25, W, NULL), JAC_SOFTMAX };
    const jac_layer none[] = { JAC_TANH }, behind[] = { JAC_LOG_SOFTMAX, JAC_SOFTPLUS };
    draw_seed(2);
    for (size_t k = 0; k < COUNT(W); k++) W[k] = (jac_real)((draw_uniform() - 0.5) / 4);
    for (size_t i = 0; i < WIDE; i++) b[i] = i % 3 > 0 ? 4 : -4;     /* far from the kinks */
    for (size_t i = 0; i < LARGER; i++) x[i] = (jac_real)cos((double)i);
    judge("weights beyond the cache", 2, far_rows, 5, 0);
    judge("the same, no unit off", 2, far_all, 5, 0);
    judge("weights by columns, beyond the cache", 2, far_columns, 5, 0);
    judge("a row alone, from weights by columns, over weights beyond the cache", MOST, far_alone, 5, 3);
    judge("three rows", 3, narrow, 5, 0);
    judge("log-softmax first, forward order", 2, first, 6, 0);
    judge("a column of J, by dot products", 4, apart, 5, 0);
    judge("weights beyond the cache, behind many classes", 24, many, 6, 0);
    judge("no weights", 5, none, 1, 0);
    judge("a softmax in blocks of rows, each with a slope of its own", OVER, behind, 2, 0);
}

/* J by columns when N x (all weights but the first) is less than 2/3 of O x (all but the last), as jac_backward says; both sides of it. */
static void test_order(void)
{
    static const struct { size_t width[4]; int forward; } nets[] = {
        { { 3, 128, 128, 64 }, 1 }, { { 64, 128, 128, 3 }, 0 }, { { 2, 4, 4, 4 }, 0 }, { { 2, 4, 4, 5 }, 1 }, { { 2, 40, 1, 40 }, 1 }
    };
    static unsigned char memory[JAC_NET_SIZE_BOUND(128, 128, 5)];
    for (size_t k = 0; k < COUNT(nets); k++) {
        const size_t *n = nets[k].width;
        const jac_layer layers[] = { JAC_DENSE(n[0], n[1], W, NULL), JAC_TANH, JAC_DENSE_T(n[1], n[2], W, NULL), JAC_TANH,
                                     JAC_DENSE(n[2], n[3], W, NULL) };
        jac_net net;
        CHECK(jac_net_init(&net, n[0], layers, COUNT(layers), memory, sizeof memory) == JAC_OK);
        CHECK_MSG(net.forward_order == nets[k].forward, "%zu-%zu-%zu-%zu takes the wrong order", n[0], n[1], n[2], n[3]);
    }
}

/* Each size alone can be multiplied, what is needed in all cannot. */
static void test_sums_of_sizes(void)
{
    const size_t most = (size_t)PTRDIFF_MAX / sizeof(jac_real);
    const jac_layer wider[] = { JAC_DENSE(1, 3, W, NULL) };
    unsigned char memory[JAC_NET_SIZE_BOUND(1, 3, 1)];
    jac_real y[3];
    jac_net net;
    CHECK(jac_check_size(1, most / 2) == 0);
    CHECK(jac_check_size(most / 2, 1) == 0);
    CHECK(jac_net_init(&net, 1, wider, 1, memory, sizeof memory) == JAC_OK);
    CHECK(jac_forward_backward_batch(&net, most / 2, W, y, J) == JAC_ERROR_OVERFLOW);   /* X can be, Y and J cannot */
}

/* More rows of V and of U than go together, through weights that are whole numbers. */
static void test_many_rows(void)
{
    enum { IN = 3, OUT = 2 };
    static const jac_real A[OUT * IN] = { 1, -2, 3, 4, 5, -6 };
    static unsigned char memory[JAC_NET_SIZE_BOUND(IN, IN, 1)];
    static jac_real rows[OVER * IN], products[OVER * IN];
    const jac_layer layer = JAC_DENSE(IN, OUT, A, NULL);
    size_t wrong = 0;
    jac_net net;
    for (size_t k = 0; k < OVER * IN; k++) rows[k] = (jac_real)(k % 7) - 3;
    CHECK(jac_net_init(&net, IN, &layer, 1, memory, sizeof memory) == JAC_OK && jac_forward(&net, A, NULL) == JAC_OK);
    CHECK(jac_vjp(&net, OVER, rows, products) == JAC_OK);
    for (size_t k = 0; k < OVER * IN; k++) {
        const jac_real *v = rows + k / IN * OUT, *a = A + k % IN;
        wrong += products[k] != v[0] * a[0] + v[1] * a[IN];
    }
    CHECK(jac_jvp(&net, OVER, rows, products) == JAC_OK);
    for (size_t k = 0; k < OVER * OUT; k++) {
        const jac_real *u = rows + k / OUT * IN, *a = A + k % OUT * IN;
        wrong += products[k] != u[0] * a[0] + u[1] * a[1] + u[2] * a[2];
    }
    CHECK_MSG(wrong == 0, "%d rows: %zu numbers of V J and J U are wrong", (int)OVER, wrong);
}

/* More units than 16 bits can count: of those that are on the last is one. */
static void test_many_units(void)
{
    enum { UNITS = CHECK_TRIALS(20) == 20 ? 65538 : 1000 };     /* megabytes are dear where time is */
    jac_real *const w = (jac_real *)malloc(UNITS * sizeof *w), one = 1, y = 0, slope = 0;
    const jac_layer layers[] = { JAC_DENSE(1, UNITS, w, NULL), JAC_RELU, JAC_DENSE(UNITS, 1, w, NULL) };
    const size_t bytes = jac_net_size(1, layers, 3);
    void *const memory = malloc(bytes);
    jac_net net;
    if (w == NULL || memory == NULL) abort();
    for (size_t j = 0; j < UNITS; j++) w[j] = -1;
    w[0] = 1;
    w[1] = 2;
    w[UNITS - 1] = 3;
    CHECK(jac_net_init(&net, 1, layers, 3, memory, bytes) == JAC_OK && jac_forward_backward(&net, &one, &y, &slope) == JAC_OK);
    CHECK_MSG(y == 14 && slope == 14, "%d units: y is %g, J %g", (int)UNITS, (double)y, (double)slope);
    free(w);
    free(memory);
}

/* Wherever the memory begins, what f is handed is aligned. */
static void twice(const jac_real *from, jac_real *y, void *misaligned)
{
    if ((uintptr_t)from % sizeof *from + (uintptr_t)y % sizeof *y > 0) *(int *)misaligned = 1;
    for (size_t i = 0; i < 3; i++) y[i] = 2 * from[i];
}
static void twice_and_slope(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *misaligned)
{
    if ((uintptr_t)z % sizeof *z + (uintptr_t)a % sizeof *a + (uintptr_t)da % sizeof *da > 0) *(int *)misaligned = 1;
    for (size_t i = 0; i < n; i++) {
        a[i] = 2 * z[i];
        da[i] = 2;
    }
}
static void test_alignment(void)
{
    static const jac_real one[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
    static unsigned char memory[1024];
    static const jac_real diagonal[9] = { 2, 0, 0, 0, 2, 0, 0, 0, 2 };
    for (size_t shift = 0; shift < 16; shift++) {
        jac_check_report r;
        int misaligned = 0;
        CHECK(jac_check_function(twice, &misaligned, 3, 3, x, diagonal, NULL, &r, memory + shift, jac_check_size(3, 3)) == JAC_OK);
        CHECK_MSG(r.verdict == JAC_CHECK_PASS && !misaligned, "memory at %zu: verdict %d, %s", shift, (int)r.verdict,
                  misaligned ? "misaligned" : "aligned");
    }
    for (size_t shift = 0; shift < 16; shift++) {
        int misaligned = 0;
        const jac_layer layers[] = { JAC_DENSE(3, 3, one, NULL), JAC_ACTIVATION(twice_and_slope, &misaligned), JAC_DENSE(3, 3, one, NULL) };
        static unsigned char room[JAC_NET_SIZE_BOUND(3, 3, 3) + 16];
        jac_real y[3];
        jac_net net;
        CHECK(jac_net_init(&net, 3, layers, 3, room + shift, jac_net_size(3, layers, 3)) == JAC_OK);
        CHECK(jac_forward_backward(&net, x, y, J) == JAC_OK);
        CHECK_MSG(memcmp(J, diagonal, sizeof diagonal) == 0 && !misaligned, "memory at %zu: %s", shift,
                  misaligned ? "misaligned" : "aligned");
    }
}

int main(void)
{
    test_paths();
    test_order();
    test_many_rows();
    test_many_units();
    test_alignment();
    test_sums_of_sizes();
    return check_report();
}
