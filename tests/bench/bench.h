/* bench.h - what the parts of the benchmark share: a net, a peer that takes its Jacobian, a limit of the machine. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

#define BENCH_DEPTH 20                          /* most dense layers of a net */

/* A net of dense layers with ReLU between them and, if wanted, a softmax at the end. The weights stand in both layouts. */
typedef struct bench_net {
    const char *name;
    size_t L, n[BENCH_DEPTH + 1];               /* dense layers, widths: n[0] inputs, n[L] outputs */
    int softmax;
    size_t real;                                /* bytes of a number: 8 in double, 4 in float */
    size_t samples;                             /* inputs in X */
    void *W[BENCH_DEPTH], *WT[BENCH_DEPTH], *b[BENCH_DEPTH], *X;    /* [out][in], [in][out], [out], [samples][n[0]] */
} bench_net;

/* One way to compute y and J. A peer that cannot do a net returns NULL from open. */
enum { BENCH_PEER = 1, BENCH_MAIN = 2, BENCH_ORDER = 4 };       /* roles: any; the library as a user builds it; an order forced */
typedef struct bench_peer bench_peer;
struct bench_peer {
    const char *name;
    size_t real;
    int role, how;                              /* how: which of its ways, the peer's own affair */
    const char *set;                            /* the vector set it is held to, or NULL */
    void *(*open)(const bench_peer *peer, const bench_net *net, size_t batch);
    int (*run)(void *state, const void *X, void *Y, void *J);       /* one call: `batch` inputs, 0 when all is well */
    double (*seconds)(void *state, size_t calls);                   /* NULL, or times itself: seconds a call, walking over X */
    void (*close)(void *state);
};

/* A vector set that this processor has, and loops that keep it as busy as it gets. */
typedef struct bench_limit {
    const char *name;
    double (*flops)(size_t real);               /* operations a second, a multiply-add counted as two; runs about 0.3 ms */
    double (*read)(const void *p, size_t bytes, size_t passes);     /* bytes a second */
} bench_limit;

size_t bench_limits(const bench_limit **sets);  /* how many; the last is the widest */
double bench_now(void);                         /* seconds of a clock that only goes forward */

extern void *bench_blas;                        /* OpenBLAS, loaded, or NULL */
const char *bench_numpy_start(void);            /* starts the child; what it runs on, or NULL when there is none */
void bench_numpy_stop(void);

#endif
