/* test_kernels.c - every vector set of this machine: each against the oracle at every remainder, none touches what is not
 * its own, and where an array begins changes no bit. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#if defined(TEST_QUICK) && (defined(JAC_NO_SIMD) || !defined(__x86_64__))
#define ORACLE_WIDTH 600                    /* sums long enough to be taken in several chunks by sets of up to four lanes, */
#else
#define ORACLE_WIDTH 2100                   /* and by every set */
#endif
#include "oracle.h"
#include "sets.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 70, MOST = ORACLE_WIDTH, ENTRIES = WIDEST * WIDEST, BATCH = 7, LAYERS = 4, SPARE = 16 };   /* SPARE: NaNs around an array */

static const kernel_set *sets[4];
static size_t n_sets;

/* An array of n numbers that begins `shift` numbers after a boundary of 64 bytes, among NaNs. */
typedef struct { void *block; jac_real *at; size_t n, before; } array;

static array make(size_t n, size_t shift)
{
    array a;
    const size_t room = n + 64 / sizeof(jac_real) + shift + 2 * SPARE;
    a.block = malloc(room * sizeof(jac_real));
    if (a.block == NULL) abort();
    memset(a.block, 0xff, room * sizeof(jac_real));
    a.at = (jac_real *)a.block + SPARE;
    while ((uintptr_t)a.at % 64 != 0) a.at++;
    a.at += shift;
    a.before = (size_t)(a.at - (jac_real *)a.block);
    a.n = n;
    return a;
}

/* Is what surrounds the array still NaN, bit by bit? */
static int untouched(const array *a)
{
    static const unsigned char none[SPARE * sizeof(jac_real)] = { 0 };
    unsigned char ones[sizeof none];
    memset(ones, 0xff, sizeof ones);
    return memcmp(a->at + a->n, ones, sizeof ones) == 0 && memcmp(a->at - (a->before < SPARE ? a->before : SPARE), ones, sizeof ones) == 0;
}

typedef struct {
    size_t N, H, O;
    int transposed;
    jac_real W1[ENTRIES], b1[MOST], W2[ENTRIES], b2[MOST], X[BATCH * MOST];
} shape;

static array copy(const jac_real *from, size_t n, size_t shift)
{
    array a = make(n, shift);
    memcpy(a.at, from, n * sizeof *from);
    return a;
}

/* y and J of BATCH samples, and V J and J V from the last, by one vector set; arrays and memory begin `shift` numbers (and
 * the memory some bytes more) after a boundary. */
static void calculate(const shape *s, const kernel_set *set, size_t shift, jac_real *y, jac_real *J, jac_real *VJ, jac_real *JU)
{
    const size_t N = s->N, H = s->H, O = s->O;
    array W1 = copy(s->W1, N * H, shift), b1 = copy(s->b1, H, shift), W2 = copy(s->W2, H * O, shift), b2 = copy(s->b2, O, shift);
    array X = copy(s->X, BATCH * N, shift), V = copy(s->W1, O, shift), U = copy(s->W2, N, shift);
    array y_out = make(BATCH * O, shift), J_out = make(BATCH * O * N, shift), VJ_out = make(N, shift), JU_out = make(O, shift);
    const jac_layer first = JAC_DENSE(N, H, W1.at, b1.at), first_t = JAC_DENSE_T(N, H, W1.at, b1.at), relu = JAC_RELU;
    const jac_layer last = JAC_DENSE(H, O, W2.at, b2.at), last_t = JAC_DENSE_T(H, O, W2.at, b2.at), softmax = JAC_SOFTMAX;
    const jac_layer layers[LAYERS] = { s->transposed ? first_t : first, relu, s->transposed ? last_t : last, softmax };
    const size_t bytes = jac_net_size(N, layers, LAYERS);
    unsigned char *memory = (unsigned char *)malloc(bytes + 64);
    jac_net net;
    if (memory == NULL) abort();
    memset(memory, 0xff, bytes + 64);
    CHECK(jac_net_init(&net, N, layers, LAYERS, memory + shift * 3, bytes) == JAC_OK);
    net.kernels = set;
    CHECK(jac_forward_backward_batch(&net, BATCH, X.at, y_out.at, J_out.at) == JAC_OK);
    CHECK(jac_vjp(&net, 1, V.at, VJ_out.at) == JAC_OK && jac_jvp(&net, 1, U.at, JU_out.at) == JAC_OK);
    CHECK_MSG(untouched(&y_out) && untouched(&J_out) && untouched(&VJ_out) && untouched(&JU_out),
              "%s, %zu-%zu-%zu, shift %zu: written beside an array", kernel_name(set), N, H, O, shift);
    memcpy(y, y_out.at, BATCH * O * sizeof *y);
    memcpy(J, J_out.at, BATCH * O * N * sizeof *J);
    memcpy(VJ, VJ_out.at, N * sizeof *VJ);
    memcpy(JU, JU_out.at, O * sizeof *JU);
    {
        const array all[11] = { W1, b1, W2, b2, X, V, U, y_out, J_out, VJ_out, JU_out };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].block);
    }
    free(memory);
}

static double worst_ratio;
static size_t judged, blind;                    /* blind: the bound is not small beside some row of J */

static void test_shape(size_t N, size_t H, size_t O, int transposed)
{
    static shape s;
    static oracle truth;
    static oracle_real v[ORACLE_WIDTH], e[ORACLE_WIDTH];
    static jac_real y[2][BATCH * MOST], J[2][BATCH * ENTRIES], VJ[2][MOST], JU[2][MOST];
    const jac_layer first = JAC_DENSE(N, H, s.W1, s.b1), first_t = JAC_DENSE_T(N, H, s.W1, s.b1), relu = JAC_RELU;
    const jac_layer last = JAC_DENSE(H, O, s.W2, s.b2), last_t = JAC_DENSE_T(H, O, s.W2, s.b2), softmax = JAC_SOFTMAX;
    const jac_layer layers[LAYERS] = { transposed ? first_t : first, relu, transposed ? last_t : last, softmax };
    const size_t sample = BATCH - 1, shift = draw_between(1, 15);
    const char *layout = transposed ? "[in][out]" : "[out][in]";
    s.N = N;
    s.H = H;
    s.O = O;
    s.transposed = transposed;
    for (size_t i = 0; i < N * H || i < O; i++) s.W1[i] = (jac_real)(draw_normal() * sqrt(2 / (double)N));
    for (size_t i = 0; i < H * O || i < N; i++) s.W2[i] = (jac_real)(draw_normal() * sqrt(2 / (double)H));
    for (size_t i = 0; i < H; i++) s.b1[i] = (jac_real)draw_normal();
    for (size_t i = 0; i < O; i++) s.b2[i] = (jac_real)draw_normal();
    for (size_t i = 0; i < BATCH * N; i++) s.X[i] = (jac_real)draw_normal();
    oracle_run(&truth, N, layers, LAYERS, s.X + sample * N);
    for (size_t i = 0; i < N; i++) v[i] = s.W2[i];
    oracle_push(&truth, v, e);

    for (size_t k = 0; k < n_sets; k++) {
        oracle_verdict found;
        double product = 0;
        calculate(&s, sets[k], 0, y[0], J[0], VJ[0], JU[0]);
        calculate(&s, sets[k], shift, y[1], J[1], VJ[1], JU[1]);
        CHECK_MSG(memcmp(y[0], y[1], BATCH * O * sizeof **y) == 0 && memcmp(J[0], J[1], BATCH * O * N * sizeof **J) == 0 &&
                  memcmp(VJ[0], VJ[1], N * sizeof **VJ) == 0 && memcmp(JU[0], JU[1], O * sizeof **JU) == 0,
                  "%s, %zu-%zu-%zu %s: other bits where arrays begin elsewhere (%zu)", kernel_name(sets[k]), N, H, O, layout, shift);
        found = oracle_judge(&truth, y[0] + sample * O, J[0] + sample * O * N);
        CHECK_MSG(found.y <= 0.25 && found.J <= 0.25, "%s, %zu-%zu-%zu %s: y is off by %g bounds, J[%zu][%zu] by %g", kernel_name(sets[k]),
                  N, H, O, layout, found.y, found.row, found.column, found.J);
        for (size_t o = 0; o < O; o++) product = fmax(product, oracle_ratio(JU[0][o], v[o], e[o]));
        for (size_t i = 0; i < N; i++) {
            oracle_real sum = 0, bound = 0;
            for (size_t o = 0; o < O; o++) {
                sum += s.W1[o] * truth.J[o * N + i];
                bound += fabsl(s.W1[o]) * truth.eJ[o * N + i];
            }
            product = fmax(product, oracle_ratio(VJ[0][i], sum, bound));
        }
        CHECK_MSG(product <= 0.25, "%s, %zu-%zu-%zu %s: V J or J U is off by %g bounds", kernel_name(sets[k]), N, H, O, layout, product);
        judged++;
        blind += found.loose > 0.1;
        worst_ratio = fmax(worst_ratio, fmax(found.y, found.J));
    }
}

/* A 1-n-1 net whose n units have any derivative: J = sum_j W2_j d_j W1_j over those with d_j != 0, and W2 is infinite at the others. */
static void given_slope(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *d)
{
    memcpy(a, z, n * sizeof *a);
    memcpy(da, d, n * sizeof *da);
}
static void test_live(size_t n, int with_others, size_t not_a_number)
{
    const int E = sizeof(jac_real) == sizeof(float) ? 149 : 1074;
    const jac_real least = (jac_real)ldexp(1, -E), slopes[] = { 0, -(jac_real)0, 1, 2, least, -least };  /* least: of all above 0 */
    jac_real W1[WIDEST], W2[WIDEST], d[WIDEST], x = 0, y, J, sum = 0;
    const jac_layer layers[3] = { JAC_DENSE(1, n, W1, NULL), JAC_ACTIVATION(given_slope, d), JAC_DENSE(n, 1, W2, NULL) };
    unsigned char memory[JAC_NET_SIZE_BOUND(1, WIDEST, 3)];
    for (size_t j = 0; j < n; j++) {
        d[j] = j == not_a_number ? (jac_real)NAN : slopes[draw_between(0, with_others ? 5 : 2)];
        const int tiny = fabs((double)d[j]) < 1 && !(d[j] == 0);
        W1[j] = tiny ? (jac_real)ldexp(1, E / 2) : 1;
        W2[j] = d[j] == 0 ? (jac_real)HUGE_VAL : tiny ? (jac_real)ldexp(1, E - E / 2) : (jac_real)(j + 1);
        if (!(d[j] == 0)) sum += d[j] * W2[j] * W1[j];          /* whole numbers */
    }
    for (size_t k = 0; k < n_sets; k++) {
        jac_net net;
        CHECK(jac_net_init(&net, 1, layers, 3, memory, sizeof memory) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward_backward(&net, &x, &y, &J) == JAC_OK);
        CHECK_MSG(not_a_number < n ? !(J == J) : J == sum, "%s, %zu units: J is %g, not %g", kernel_name(sets[k]), n, (double)J,
                  (double)sum);
    }
}

/* A deep net N-40-H-O of small whole numbers whose units have the derivatives 0, 1 and 2: with O rows, and however dead units are left
 * out, J is exact. Layer l has its weights by columns where bit l of `columns` is set. */
enum { DEEP = 40, DEEP_N = 20, DEEP_H = 640 };
static void test_deep(size_t N, size_t H, size_t O, unsigned columns)
{
    static jac_real W[3][WIDEST * DEEP_H], d[2][DEEP_H], x[DEEP_N], y[WIDEST], J[WIDEST * DEEP_N];
    static unsigned char memory[JAC_NET_SIZE_BOUND(DEEP_N, DEEP_H, 5)];
    const size_t in[3] = { N, DEEP, H }, out[3] = { DEEP, H, O };
    jac_layer layers[5] = { JAC_DENSE(N, DEEP, W[0], NULL), JAC_ACTIVATION(given_slope, d[0]), JAC_DENSE(DEEP, H, W[1], NULL),
                            JAC_ACTIVATION(given_slope, d[1]), JAC_DENSE(H, O, W[2], NULL) };
    for (size_t l = 0; l < 3; l++) {
        if (columns >> l & 1) layers[2 * l].kind = JAC_KIND_DENSE_T;
        for (size_t i = 0; i < in[l] * out[l]; i++) W[l][i] = (jac_real)draw_between(0, 6) - 3;
        for (size_t j = 0; l < 2 && j < out[l]; j++) d[l][j] = (jac_real)(draw_between(0, 3) * 2 / 3);
    }
    for (size_t k = 0; k < n_sets; k++) {
        size_t wrong = 0;
        jac_net net;
        CHECK(jac_net_init(&net, N, layers, 5, memory, sizeof memory) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward_backward(&net, x, y, J) == JAC_OK);
        for (size_t i = 0; i < N; i++) {
            jac_real before[DEEP_H], after[DEEP_H];                 /* column i of J, pushed from layer to layer */
            for (size_t l = 0; l < 3; l++) {
                for (size_t o = 0; o < out[l]; o++) {
                    after[o] = l == 0 ? W[0][columns & 1 ? i * DEEP + o : o * N + i] : 0;
                    for (size_t j = 0; l > 0 && j < in[l]; j++)
                        after[o] += W[l][columns >> l & 1 ? j * out[l] + o : o * in[l] + j] * before[j];
                }
                for (size_t j = 0; l < 2 && j < out[l]; j++) before[j] = d[l][j] * after[j];
            }
            for (size_t o = 0; o < O; o++) wrong += !(J[o * N + i] == after[o]);
        }
        CHECK_MSG(wrong == 0, "%s, %zu-%d-%zu-%zu, columns in %u: %zu entries of J are wrong", kernel_name(sets[k]), N, DEEP, H, O, columns,
                  wrong);
    }
}

/* n units of which one sums to 0 and the others to 6: it is the nearest to its kink, wherever it stands. */
static void test_nearest(size_t n, size_t at)
{
    jac_real W[WIDEST], b[WIDEST], x = 2, y[WIDEST];
    const jac_layer layers[2] = { JAC_DENSE(1, n, W, b), JAC_RELU };
    unsigned char memory[JAC_NET_SIZE_BOUND(1, WIDEST, 2)];
    for (size_t j = 0; j < n; j++) {
        W[j] = 1;
        b[j] = j == at ? -2 : 4;
    }
    for (size_t k = 0; k < n_sets; k++) {
        jac_net net;
        CHECK(jac_net_init(&net, 1, layers, 2, memory, sizeof memory) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward(&net, &x, y) == JAC_OK);
        CHECK_MSG(at < n ? net.kink_margin == 0 : net.kink_margin > 1e6, "%s, unit %zu of %zu: margin %g", kernel_name(sets[k]), at, n,
                  net.kink_margin);
    }
}

/* Q samples that share the weights of a layer: each has the bits that it has alone. */
static void test_shared(size_t N, size_t n, size_t Q, int transposed)
{
    array W = make(N * n, 0), b = make(n, 0), X = make(Q * N, 0), Y = make(Q * n, 0), J = make(Q * n * N, 0), y = make(n, 0);
    const jac_layer dense = JAC_DENSE(N, n, W.at, b.at), dense_t = JAC_DENSE_T(N, n, W.at, b.at), layer = transposed ? dense_t : dense;
    const size_t bytes = jac_net_size(N, &layer, 1);
    void *memory = malloc(bytes);
    if (memory == NULL) abort();
    for (size_t i = 0; i < N * n; i++) W.at[i] = (jac_real)draw_normal();
    for (size_t o = 0; o < n; o++) b.at[o] = (jac_real)draw_normal();
    for (size_t i = 0; i < Q * N; i++) X.at[i] = (jac_real)draw_normal();
    for (size_t k = 0; k < n_sets; k++) {
        jac_net net;
        CHECK(jac_net_init(&net, N, &layer, 1, memory, bytes) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward_backward_batch(&net, Q, X.at, Y.at, J.at) == JAC_OK);
        CHECK_MSG(untouched(&Y), "%s, %zu samples, %zu-%zu: written beside Y", kernel_name(sets[k]), Q, N, n);
        for (size_t q = 0; q < Q; q++) {
            CHECK(jac_forward(&net, X.at + q * N, y.at) == JAC_OK);
            CHECK_MSG(memcmp(y.at, Y.at + q * n, n * sizeof *y.at) == 0, "%s, %zu-%zu%s: sample %zu of %zu has other bits alone",
                      kernel_name(sets[k]), N, n, transposed ? " [in][out]" : "", q, Q);
        }
    }
    {
        const array all[6] = { W, b, X, Y, J, y };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].block);
    }
    free(memory);
}

/* A layer of more than 1 MiB at the end of J U, at that of V J: a sample or a row of U or V has the bits that it has beside others, and
 * when no unit is on, what arrives is 0. */
static void test_far(size_t K, size_t N, int push)
{
    enum { FEW = 5 };
    const size_t in = push ? 1 : N, out = push ? N : 1;
    array W = make(K * N, 0), w = make(K, 0), b = make(N, 0), X = make(3 * in, 0), Y = make(2 * out, 0), y = make(out, 1);
    array few = make(FEW * N, 0), lone[3] = { make(N, 1), make(2 * N, 1), make(3 * N, 1) };    /* n rows by themselves */
    const jac_layer far = JAC_DENSE(N, K, W.at, NULL), end = JAC_DENSE(K, 1, w.at, NULL), relu = JAC_RELU;
    const jac_layer start_t = JAC_DENSE_T(1, K, w.at, NULL), far_t = JAC_DENSE_T(K, N, W.at, b.at);
    const jac_layer layers[3] = { push ? start_t : far, relu, push ? far_t : end };
    const size_t bytes = jac_net_size(in, layers, 3);
    const jac_real V[FEW] = { 3, -2, 1, -1, 2 };
    void *memory = malloc(bytes);
    if (memory == NULL) abort();
    for (size_t i = 0; i < K * N; i++) W.at[i] = i < 4093 ? (jac_real)draw_normal() : W.at[i - 4093];
    for (size_t k = 0; k < K; k++) w.at[k] = (jac_real)draw_normal();
    for (size_t n = 0; n < N; n++) b.at[n] = (jac_real)draw_normal();
    for (size_t i = 0; i < in; i++) {
        X.at[i] = X.at[in + i] = (jac_real)draw_normal();
        X.at[2 * in + i] = 0;               /* no unit is on */
    }
    for (size_t k = 0; k < n_sets; k++) {
        size_t other = 0;
        jac_net net;
        CHECK(jac_net_init(&net, in, layers, 3, memory, bytes) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward_backward_batch(&net, 2, X.at, Y.at, few.at) == JAC_OK && jac_forward(&net, X.at, y.at) == JAC_OK);
        CHECK((push ? jac_jvp : jac_vjp)(&net, FEW, V, few.at) == JAC_OK);
        for (size_t n = 0; n < 3; n++) {
            CHECK((push ? jac_jvp : jac_vjp)(&net, n + 1, V, lone[n].at) == JAC_OK);
            other += memcmp(lone[n].at, few.at, (n + 1) * N * sizeof *few.at) != 0;
            CHECK(untouched(&lone[n]));
        }
        CHECK_MSG(memcmp(y.at, Y.at, out * sizeof *y.at) == 0 && other == 0,
                  "%s, %zu terms, %zu sums%s: other bits alone", kernel_name(sets[k]), K, N, push ? " [in][out]" : "");
        CHECK(jac_forward(&net, X.at + 2 * in, NULL) == JAC_OK && (push ? jac_jvp : jac_vjp)(&net, FEW, V, few.at) == JAC_OK);
        for (size_t i = 0; i < FEW * N; i++) other += !(few.at[i] == 0);
        CHECK_MSG(other == 0, "%s, %zu terms, %zu sums: no unit is on, %zu numbers are not 0", kernel_name(sets[k]), K, N, other);
        CHECK_MSG(untouched(&y) && untouched(&few), "%s, %zu terms, %zu sums: written beside an array",
                  kernel_name(sets[k]), K, N);
    }
    {
        const array all[10] = { W, w, b, X, Y, y, few, lone[0], lone[1], lone[2] };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].block);
    }
    free(memory);
}

/* R rows of U through a layer of K inputs by rows: more rows than go by together, more weights than the nearest cache holds. All numbers
 * are whole and small, every order gives the same. */
static void test_many_rows(size_t K, size_t N, size_t R)
{
    array W = make(K * N, 0), U = make(R * K, 0), JU = make(R * N, 0);
    const jac_layer layer = JAC_DENSE(K, N, W.at, NULL);
    const size_t bytes = jac_net_size(K, &layer, 1);
    void *memory = malloc(bytes);
    if (memory == NULL) abort();
    for (size_t i = 0; i < K * N; i++) W.at[i] = (jac_real)draw_between(0, 6) - 3;
    for (size_t i = 0; i < R * K; i++) U.at[i] = (jac_real)draw_between(0, 6) - 3;
    for (size_t k = 0; k < n_sets; k++) {
        size_t wrong = 0;
        jac_net net;
        CHECK(jac_net_init(&net, K, &layer, 1, memory, bytes) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward(&net, U.at, NULL) == JAC_OK && jac_jvp(&net, R, U.at, JU.at) == JAC_OK);
        for (size_t r = 0; r < R; r++) {
            for (size_t n = 0; n < N; n++) {
                jac_real sum = 0;
                for (size_t i = 0; i < K; i++) sum += W.at[n * K + i] * U.at[r * K + i];
                wrong += !(JU.at[r * N + n] == sum);
            }
        }
        CHECK_MSG(wrong == 0 && untouched(&JU), "%s, %zu rows, %zu-%zu: %zu numbers are wrong", kernel_name(sets[k]), R, K, N, wrong);
    }
    {
        const array all[3] = { W, U, JU };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].block);
    }
    free(memory);
}

/* J of more inputs than JAC_ROWS by one, forward: its last column is a block of its own, and J e alone has the same bits. */
static void test_last_column(void)
{
    enum { N = JAC_ROWS + 1, A = 600, B = 300, O = 1000 };
    array W1 = make(N * A, 0), W2 = make(A * B, 0), W3 = make(B * O, 0), x = make(N, 0), y = make(O, 0), J = make(O * N, 0), e = make(N, 0),
          Je = make(O, 0);
    const jac_layer relu = JAC_RELU, layers[5] = { JAC_DENSE_T(N, A, W1.at, NULL), relu, JAC_DENSE_T(A, B, W2.at, NULL), relu,
                                                   JAC_DENSE_T(B, O, W3.at, NULL) };
    const size_t bytes = jac_net_size(N, layers, 5);
    void *memory = malloc(bytes);
    if (memory == NULL) abort();
    for (size_t i = 0; i < N * A; i++) W1.at[i] = (jac_real)draw_normal();
    for (size_t i = 0; i < A * B; i++) W2.at[i] = (jac_real)draw_normal();
    for (size_t i = 0; i < B * O; i++) W3.at[i] = (jac_real)draw_normal();
    for (size_t i = 0; i < N; i++) {
        x.at[i] = (jac_real)draw_normal();
        e.at[i] = i + 1 == N;
    }
    for (size_t k = 0; k < n_sets; k++) {
        size_t other = 0;
        jac_net net;
        CHECK(jac_net_init(&net, N, layers, 5, memory, bytes) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward_backward(&net, x.at, y.at, J.at) == JAC_OK && jac_jvp(&net, 1, e.at, Je.at) == JAC_OK);
        for (size_t o = 0; o < O; o++) other += memcmp(J.at + o * N + N - 1, Je.at + o, sizeof *Je.at) != 0;
        CHECK_MSG(other == 0, "%s: %zu numbers of the last column of J have other bits", kernel_name(sets[k]), other);
        CHECK_MSG(untouched(&J), "%s: written beside J", kernel_name(sets[k]));
    }
    {
        const array all[8] = { W1, W2, W3, x, y, J, e, Je };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].block);
    }
    free(memory);
}

/* An activation of n units: the place of a unit among them changes no bit. */
static void test_places(size_t n)
{
    static const jac_layer smooth[] = { JAC_LEAKY_RELU(0.25), JAC_ELU(1.5), JAC_TANH, JAC_SIGMOID, JAC_SILU, JAC_SOFTPLUS, JAC_GELU };
    static unsigned char memory[JAC_NET_SIZE_BOUND(WIDEST, WIDEST, 1)];
    jac_real z[2 * WIDEST], a[WIDEST], b[WIDEST], da[WIDEST], db[WIDEST], ones[WIDEST];
    for (size_t j = 0; j < n; j++) {
        z[j] = z[n + j] = (jac_real)(4 * draw_normal());
        ones[j] = 1;
    }
    for (size_t k = 0; k < n_sets; k++) {
        for (size_t l = 0; l < sizeof smooth / sizeof *smooth; l++) {
            const size_t by = draw_between(1, n - 1);
            jac_net net;
            CHECK(jac_net_init(&net, n, &smooth[l], 1, memory, sizeof memory) == JAC_OK);
            net.kernels = sets[k];
            CHECK(jac_forward(&net, z, a) == JAC_OK && jac_vjp(&net, 1, ones, da) == JAC_OK);
            CHECK(jac_forward(&net, z + by, b) == JAC_OK && jac_vjp(&net, 1, ones, db) == JAC_OK);
            CHECK_MSG(memcmp(a + by, b, (n - by) * sizeof *a) == 0 && memcmp(a, b + (n - by), by * sizeof *a) == 0,
                      "%s, activation %zu of %zu units: other bits elsewhere", kernel_name(sets[k]), l, n);
            CHECK_MSG(memcmp(da + by, db, (n - by) * sizeof *a) == 0 && memcmp(da, db + (n - by), by * sizeof *a) == 0,
                      "%s, derivative %zu of %zu units: other bits elsewhere", kernel_name(sets[k]), l, n);
        }
    }
}

/* A point where the rounding of exp, if it counts twice, costs the derivative of SiLU 8 ulp, in double; it is -0x1.ff632d3e0fff5p-5 there.
 * In float 8 ulp are allowed. */
static void test_silu(void)
{
    enum { UNITS = 16 };
    static unsigned char memory[JAC_NET_SIZE_BOUND(UNITS, UNITS, 1)];
    const jac_layer silu = JAC_SILU;
    const double exact = ldexp(-8996422441566197., -57);
    for (size_t k = 0; k < n_sets; k++) {
        jac_real z[UNITS], d[UNITS], ones[UNITS];
        double worst = 0;
        jac_net net;
        for (size_t j = 0; j < UNITS; j++) {
            z[j] = (jac_real)ldexp(-8367167170902143., -51);
            ones[j] = 1;
        }
        CHECK(jac_net_init(&net, UNITS, &silu, 1, memory, sizeof memory) == JAC_OK);
        net.kernels = sets[k];
        CHECK(jac_forward(&net, z, NULL) == JAC_OK && jac_vjp(&net, 1, ones, d) == JAC_OK);
        for (size_t j = 0; j < UNITS; j++) worst = fmax(worst, fabs((double)d[j] - exact));
        CHECK_MSG(worst < ldexp(sizeof *d == sizeof(double) ? 7.5 : 4e9, -57), "%s: off by %g ulp", kernel_name(sets[k]), ldexp(worst, 57));
    }
}

int main(void)
{
    static const size_t lengths[] = { 1,   2,   7,   8,   9,   15,  16,  17,  33,  64,  65,   68,   71,  128,
                                      129, 135, 250, 256, 257, 511, 512, 513, 519, 600, 1024, 1041, 2100 };
    n_sets = kernel_sets(sets);
    draw_seed(1);
    for (size_t w = 1; w <= WIDEST; w += CHECK_TRIALS(20) == 20 ? 1 : 5) {
        for (int transposed = 0; transposed < 2; transposed++) {
            test_shape(w, draw_between(1, 12), draw_between(1, 12), transposed);
            test_shape(draw_between(1, 12), w, draw_between(1, 12), transposed);
            test_shape(draw_between(1, 12), draw_between(1, 12), w, transposed);
            test_shape(draw_between(1, WIDEST), w, draw_between(1, WIDEST), transposed);
        }
    }
    for (int transposed = 0; transposed < 2; transposed++) {
        test_shape(MOST, 2, 2, transposed);
        test_shape(2, MOST, 2, transposed);
        test_shape(2, 2, MOST / 2, transposed);
    }
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
        for (size_t Q = 2; Q <= JAC_SAMPLES; Q++)
            for (int transposed = 0; transposed < 2; transposed++) test_shared(lengths[k], draw_between(1, 40), Q, transposed);
    if (n_sets > 1) {                           /* the scalar set knows no far, and is for small machines */
        test_last_column();
        for (size_t R = 9; R <= 17; R++) for (size_t K = 525; K <= 2100; K *= 2) test_many_rows(K, 40, R);
        test_far(2100, 2060, 0);                /* more than 16 MiB */
        test_far(2100, 2060, 1);
        for (size_t n = 1; n < 40; n++) for (int push = 0; push < 2; push++) test_far(270000 / n, n, push);
        for (size_t n = 560; n < 600; n += CHECK_TRIALS(20) < 20 ? 3 : 1)
            for (int push = 0; push < 2; push++) test_far(draw_between(550, 600), n, push);
    }
    for (size_t O = 1; O <= WIDEST; O++) for (unsigned columns = 0; columns < 8; columns++) test_deep(5, DEEP, O, columns);
    for (size_t O = 1; O <= WIDEST; O += O < 20 ? 1 : CHECK_TRIALS(20) < 20 ? 15 : 7)
        for (unsigned columns = 0; columns < 8; columns++) test_deep(DEEP_N, draw_between(DEEP_H - 40, DEEP_H), O, columns);
    for (size_t n = 1; n <= WIDEST; n++) {
        test_live(n, 0, n);
        test_live(n, 1, n);
        test_live(n, 1, draw_between(0, n - 1));
        for (size_t at = 0; at <= n; at++) test_nearest(n, at);
        if (n > 1) test_places(n);
    }
    test_silu();
    CHECK_MSG(50 * blind <= judged, "the bounds of %zu of %zu results see too little", blind, judged);
    printf("worst error / bound %.3f; sets:", worst_ratio);
    for (size_t k = 0; k < n_sets; k++) printf(" %s", kernel_name(sets[k]));
    putchar('\n');
    return check_report();
}
