/* textbook.c - the NumPy reference in plain C: every matrix product a triple loop, nothing else done to it.
 *
 * Compiled with one type it is the peer "textbook C"; with wider types inside it is the reference that every answer is
 * held against. NAME, WEIGHT (weights and inputs), NUMBER (all between) and RESULT (y and J) are given by the build. */
#include "bench.h"
#include <math.h>
#include <stdlib.h>

typedef struct state {
    const bench_net *net;
    size_t batch;
    NUMBER *a[BENCH_DEPTH + 1], *G, *G_next;
} state;

static NUMBER *numbers(size_t n) { return malloc(n * sizeof(NUMBER)); }

static void textbook_close(void *p)
{
    state *s = p;
    for (size_t l = 0; l <= s->net->L; l++) free(s->a[l]);
    free(s->G);
    free(s->G_next);
    free(s);
}

static void *textbook_open(const bench_peer *peer, const bench_net *net, size_t batch)
{
    state *s = calloc(1, sizeof *s);
    size_t widest = 0;
    (void)peer;
    s->net = net;
    s->batch = batch;
    for (size_t l = 0; l <= net->L; l++) {
        s->a[l] = numbers(net->n[l]);
        if (net->n[l] > widest) widest = net->n[l];
    }
    s->G = numbers(net->n[net->L] * widest);
    s->G_next = numbers(net->n[net->L] * widest);
    return s;
}

static void one(state *s, const WEIGHT *x, RESULT *y, RESULT *J)
{
    const bench_net *net = s->net;
    const size_t L = net->L, N = net->n[0], O = net->n[L];
    NUMBER **a = s->a, *z = a[L];

    for (size_t i = 0; i < N; i++) a[0][i] = x[i];
    for (size_t l = 0; l < L; l++) {                            /* a = max(0, a @ W + b) */
        const size_t in = net->n[l], out = net->n[l + 1];
        const WEIGHT *W = net->WT[l], *b = net->b[l];
        for (size_t o = 0; o < out; o++) {
            NUMBER sum = b[o];
            for (size_t i = 0; i < in; i++) sum += a[l][i] * W[i * out + o];
            a[l + 1][o] = l + 1 < L && sum < 0 ? 0 : sum;
        }
    }
    if (net->softmax) {                                         /* s = exp(z - max z) / sum;  G = diag(s) - outer(s, s) */
        NUMBER largest = z[0], sum = 0;
        for (size_t o = 1; o < O; o++) if (z[o] > largest) largest = z[o];
        for (size_t o = 0; o < O; o++) sum += z[o] = EXP(z[o] - largest);
        for (size_t o = 0; o < O; o++) z[o] /= sum;
    }
    for (size_t o = 0; o < O; o++)
        for (size_t j = 0; j < O; j++)
            s->G[o * O + j] = net->softmax ? (o == j ? z[o] : 0) - z[o] * z[j] : (NUMBER)(o == j);
    for (size_t o = 0; o < O; o++) y[o] = (RESULT)z[o];

    for (size_t l = L; l-- > 0;) {                              /* G = G @ W.T, times (a > 0) */
        const size_t in = net->n[l], out = net->n[l + 1];
        const WEIGHT *W = net->WT[l];
        for (size_t o = 0; o < O; o++)
            for (size_t i = 0; i < in; i++) {
                NUMBER sum = 0;
                for (size_t j = 0; j < out; j++) sum += s->G[o * out + j] * W[i * out + j];
                s->G_next[o * in + i] = l > 0 && !(a[l][i] > 0) ? 0 : sum;
            }
        NUMBER *swap = s->G;
        s->G = s->G_next;
        s->G_next = swap;
    }
    for (size_t k = 0; k < O * N; k++) J[k] = (RESULT)s->G[k];
}

static int textbook_run(void *p, const void *X, void *Y, void *J)
{
    state *s = p;
    const size_t N = s->net->n[0], O = s->net->n[s->net->L];
    for (size_t k = 0; k < s->batch; k++)
        one(s, (const WEIGHT *)X + k * N, (RESULT *)Y + k * O, (RESULT *)J + k * O * N);
    return 0;
}

extern const bench_peer NAME[];
const bench_peer NAME[] = { { "textbook C -O3", sizeof(WEIGHT), BENCH_PEER, 0, NULL, textbook_open, textbook_run, NULL, textbook_close },
                            { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL } };
