/* threads.c - one large batch over all cores: one net a thread, the weights shared. How much faster, and are the bits the same?
 *
 * The Jacobians H = dh/dq [9 x 5] of the magnet sensor of ekf.c at many poses, as one would want them to see where the
 * sensor is blind. Each thread has its own jac_net and memory and a slice of the batch; nothing is locked.
 *
 *     cc -O2 -I. examples/threads.c -o threads -lm -pthread && ./threads [threads [poses]]
 *
 * prints, on a machine with two cores,
 *     20000 Jacobians of 9 x 5
 *      1 thread   .... ms
 *      2 threads  .... ms: .... times as fast, the bits are the same
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200112L
#define _DARWIN_C_SOURCE                                        /* for _SC_NPROCESSORS_ONLN */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "ekf_net.h"

enum { N = EKF_IN, O = EKF_OUT, MOST = 256 };

typedef struct slice { size_t n; const double *X; double *Y, *J; jac_status status; } slice;

static void *work(void *argument)
{
    slice *s = argument;
    const size_t size = jac_net_size(N, ekf_layers, EKF_LAYERS);
    void *const memory = malloc(size);                          /* each thread has its own, and its own net */
    jac_net net;
    s->status = memory == NULL ? JAC_ERROR_MEMORY : jac_net_init(&net, N, ekf_layers, EKF_LAYERS, memory, size);
    if (s->status == JAC_OK) s->status = jac_forward_backward_batch(&net, s->n, s->X, s->Y, s->J);
    free(memory);
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The whole batch on so many threads, in seconds; negative when something failed. */
static double batch(size_t threads, size_t n, const double *X, double *Y, double *J)
{
    pthread_t thread[MOST];
    slice slices[MOST];
    size_t started = 0;
    int good = 1;
    const double start = now();
    for (; started < threads && good; started += (size_t)good) {
        const size_t first = n * started / threads, end = n * (started + 1) / threads;
        slices[started] = (slice){ end - first, X + first * N, Y + first * O, J + first * O * N, JAC_OK };
        good = pthread_create(&thread[started], NULL, work, &slices[started]) == 0;
    }
    for (size_t t = 0; t < started; t++) {
        pthread_join(thread[t], NULL);
        if (slices[t].status != JAC_OK) { puts(jac_status_string(slices[t].status)); good = 0; }
    }
    return good ? now() - start : -1;
}

int main(int argc, char **argv)
{
    long cores = argc > 1 ? atol(argv[1]) : sysconf(_SC_NPROCESSORS_ONLN);
    const long poses = argc > 2 ? atol(argv[2]) : 20000;
    if (cores > MOST) cores = MOST;
    if (cores < 1 || poses < 1 || poses > 10000000) { fputs("threads: at least 1 thread, 1 to 10000000 poses\n", stderr); return 2; }
    const size_t n = (size_t)poses;
    double *X = malloc(n * N * sizeof *X), *Y = malloc(2 * n * O * sizeof *Y);
    double *J = malloc(2 * n * O * N * sizeof *J), best[2] = { 1e9, 1e9 };
    if (!X || !Y || !J) { fputs("threads: not enough memory\n", stderr); return 2; }
    const double low[N] = { -3, -3, 4.8, -0.4, -0.4 }, high[N] = { 3, 3, 7.2, 0.4, 0.4 };
    unsigned long seed = 1;
    for (size_t k = 0; k < n * N; k++) {
        seed = (1664525UL * seed + 1013904223UL) & 0xffffffffUL;
        X[k] = low[k % N] + (high[k % N] - low[k % N]) * (double)seed / 4294967296.0;
    }
    for (int repeat = 0; repeat < 3; repeat++)
        for (size_t all = 0; all < 2; all++) {
            const double seconds = batch(all ? (size_t)cores : 1, n, X, Y + all * n * O, J + all * n * O * N);
            if (seconds < 0) return 1;
            if (seconds < best[all]) best[all] = seconds;
        }
    const int same = !memcmp(Y, Y + n * O, n * O * sizeof *Y) && !memcmp(J, J + n * O * N, n * O * N * sizeof *J);
    printf("%lu Jacobians of 9 x 5\n 1 thread  %6.1f ms\n%2ld threads %6.1f ms: %.2f times as fast, the bits are %s\n", (unsigned long)n,
           1e3 * best[0], cores, 1e3 * best[1], best[0] / best[1], same ? "the same" : "DIFFERENT");
    free(X);
    free(Y);
    free(J);
    return !same;
}
