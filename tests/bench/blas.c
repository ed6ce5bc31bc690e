/* blas.c - what a careful C programmer writes on OpenBLAS: a product of matrix and vector on the way forward, one of two
 * matrices a layer on the way back, dense; a batch stacks its samples into one product a layer, both ways.
 *
 * OpenBLAS is looked for while the program runs, so nothing depends on it. Compiled once a type: NAME, REAL, EXP, GEMV and
 * GEMM are given by the build. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };        /* of the CBLAS interface */
typedef void (*gemv_function)(int order, int trans, int m, int n, REAL alpha, const REAL *A, int lda, const REAL *x, int incx,
                              REAL beta, REAL *y, int incy);
typedef void (*gemm_function)(int order, int trans_a, int trans_b, int m, int n, int k, REAL alpha, const REAL *A, int lda,
                              const REAL *B, int ldb, REAL beta, REAL *C, int ldc);
static gemv_function gemv;
static gemm_function gemm;

typedef struct state {
    const bench_net *net;
    size_t batch;
    REAL *a[BENCH_DEPTH + 1], *G, *G_next;      /* a[l] [batch x n[l]], G [batch x O x n[l]] */
} state;

static REAL *numbers(size_t n)
{
    void *p = NULL;
    return posix_memalign(&p, 64, n * sizeof(REAL)) == 0 ? p : NULL;
}

static void blas_close(void *p)
{
    state *s = p;
    for (size_t l = 1; l <= s->net->L; l++) free(s->a[l]);
    free(s->G);
    free(s->G_next);
    free(s);
}

static void *blas_open(const bench_peer *peer, const bench_net *net, size_t batch)
{
    if (bench_blas == NULL) return NULL;
    *(void **)&gemv = dlsym(bench_blas, GEMV);
    *(void **)&gemm = dlsym(bench_blas, GEMM);
    if (gemv == NULL || gemm == NULL) return NULL;
    state *s = calloc(1, sizeof *s);
    size_t widest = 0;
    (void)peer;
    s->net = net;
    s->batch = batch;
    for (size_t l = 1; l <= net->L; l++) {
        s->a[l] = numbers(batch * net->n[l]);
        if (net->n[l] > widest) widest = net->n[l];
    }
    s->G = numbers(batch * net->n[net->L] * widest);
    s->G_next = numbers(batch * net->n[net->L] * widest);
    return s;
}

/* s = softmax(z) in place; G_oj = s_o (W_oj - sum_k s_k W_kj), [O x n] */
static void softmax(size_t O, size_t n, REAL *z, const REAL *W, REAL *mean, REAL *G)
{
    REAL largest = z[0], sum = 0;
    for (size_t o = 1; o < O; o++) if (z[o] > largest) largest = z[o];
    for (size_t o = 0; o < O; o++) sum += z[o] = EXP(z[o] - largest);
    for (size_t o = 0; o < O; o++) z[o] /= sum;
    for (size_t j = 0; j < n; j++) mean[j] = 0;
    for (size_t o = 0; o < O; o++)
        for (size_t j = 0; j < n; j++) mean[j] += z[o] * W[o * n + j];
    for (size_t o = 0; o < O; o++)
        for (size_t j = 0; j < n; j++) G[o * n + j] = z[o] * (W[o * n + j] - mean[j]);
}

/* G[o][j] = 0 where a_j <= 0 */
static void mask(size_t O, size_t n, const REAL *a, REAL *G)
{
    for (size_t o = 0; o < O; o++)
        for (size_t j = 0; j < n; j++) G[o * n + j] = a[j] > 0 ? G[o * n + j] : 0;
}

static int blas_run(void *p, const void *X, void *Y, void *J)
{
    state *s = p;
    const bench_net *net = s->net;
    const size_t L = net->L, O = net->n[L], batch = s->batch;
    const REAL *in = X;

    for (size_t l = 0; l < L; l++) {
        const size_t n = net->n[l], m = net->n[l + 1];
        REAL *a = s->a[l + 1];
        for (size_t k = 0; k < batch; k++) memcpy(a + k * m, net->b[l], m * sizeof(REAL));
        if (batch == 1) gemv(ROW_MAJOR, PLAIN, (int)m, (int)n, 1, net->W[l], (int)n, in, 1, 1, a, 1);
        else gemm(ROW_MAJOR, PLAIN, TRANSPOSED, (int)batch, (int)m, (int)n, 1, in, (int)n, net->W[l], (int)n, 1, a, (int)m);
        if (l + 1 < L)
            for (size_t j = 0; j < batch * m; j++) a[j] = a[j] > 0 ? a[j] : 0;
        in = a;
    }
    for (size_t k = 0; k < batch; k++) {                        /* the last layer needs no product */
        const size_t n = net->n[L - 1];
        REAL *G = (L == 1 ? (REAL *)J : s->G) + k * O * n;
        if (net->softmax) softmax(O, n, s->a[L] + k * O, net->W[L - 1], s->G_next, G);
        else memcpy(G, net->W[L - 1], O * n * sizeof(REAL));
        if (L > 1) mask(O, n, s->a[L - 1] + k * n, G);
    }
    memcpy(Y, s->a[L], batch * O * sizeof(REAL));
    for (size_t l = L - 1; l-- > 0;) {
        const size_t n = net->n[l], m = net->n[l + 1];
        REAL *G = l == 0 ? (REAL *)J : s->G_next;
        gemm(ROW_MAJOR, PLAIN, PLAIN, (int)(batch * O), (int)n, (int)m, 1, s->G, (int)m, net->W[l], (int)n, 0, G, (int)n);
        if (l > 0) {
            for (size_t k = 0; k < batch; k++) mask(O, n, s->a[l] + k * n, G + k * O * n);
            s->G_next = s->G;
            s->G = G;
        }
    }
    return 0;
}

extern const bench_peer NAME[];
const bench_peer NAME[] = { { "OpenBLAS C", sizeof(REAL), BENCH_PEER, 0, NULL, blas_open, blas_run, NULL, blas_close },
                            { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL } };
