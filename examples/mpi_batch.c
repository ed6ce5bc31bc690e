/* mpi_batch.c - a batch over several processes with MPI, for those who outgrow one machine. Are the bits the same as on one?
 *
 * Rank 0 makes the inputs (a program of yours would read them), scatters them, and gathers values and Jacobians; every
 * rank has the weights compiled in and one net. The problem is that of threads.c: H = dh/dq [9 x 5] at many poses.
 * Rank 0 then computes all of it alone and compares.
 *
 *     mpicc -O2 -I. examples/mpi_batch.c -o mpi_batch -lm && mpirun -n 2 ./mpi_batch [poses [results.bin]]
 *
 * prints
 *     100003 Jacobians of 9 x 5 on 2 processes: .... ms; on one .... ms; the bits are the same
 *
 * SPDX-License-Identifier: MIT */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "ekf_net.h"

enum { N = EKF_IN, O = EKF_OUT, CHUNK = 4096 };
static jac_net net;
static unsigned char memory[JAC_NET_SIZE_BOUND(EKF_IN, EKF_WIDEST, EKF_LAYERS)];

static void stop(const char *why)
{
    fprintf(stderr, "mpi_batch: %s\n", why);
    MPI_Abort(MPI_COMM_WORLD, 2);
}

static double *array(size_t n, size_t width)
{
    double *a = malloc((n ? n : 1) * width * sizeof *a);
    if (!a) stop("not enough memory");
    return a;
}

/* The batch, chunk by chunk; a line of progress on stderr every second, for the one who speaks. */
static void batch(int n, const double *X, double *Y, double *J, int speaks)
{
    double told = MPI_Wtime();
    for (int k = 0; k < n; k += CHUNK) {
        const size_t first = (size_t)k, part = (size_t)(n - k < CHUNK ? n - k : CHUNK);
        const jac_status status = jac_forward_backward_batch(&net, part, X + first * N, Y + first * O, J + first * O * N);
        if (status != JAC_OK) stop(jac_status_string(status));
        if (speaks && MPI_Wtime() - told > 1) {
            told = MPI_Wtime();
            fprintf(stderr, "%3.0f %%\n", 100.0 * (k + (double)part) / n);
        }
    }
}

int main(int argc, char **argv)
{
    int rank, ranks, failed = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    const int n = argc > 1 ? atoi(argv[1]) : 100003;
    if (n < 1) stop("the number of poses must be positive");
    const jac_status status = jac_net_init(&net, N, ekf_layers, EKF_LAYERS, memory, sizeof memory);
    if (status != JAC_OK) stop(jac_status_string(status));

    /* who gets what: counted in samples, so that the int counts of MPI last longer */
    int *count = malloc((size_t)ranks * sizeof *count), *first = malloc((size_t)ranks * sizeof *first);
    if (!count || !first) { stop("not enough memory"); return 2; }
    for (int r = 0; r < ranks; r++) {
        first[r] = (int)((long long)n * r / ranks);
        count[r] = (int)((long long)n * (r + 1) / ranks) - first[r];
    }
    MPI_Datatype x_type, y_type, J_type;
    MPI_Type_contiguous(N, MPI_DOUBLE, &x_type);
    MPI_Type_contiguous(O, MPI_DOUBLE, &y_type);
    MPI_Type_contiguous(O * N, MPI_DOUBLE, &J_type);
    MPI_Type_commit(&x_type);
    MPI_Type_commit(&y_type);
    MPI_Type_commit(&J_type);

    const int mine = count[rank];
    const size_t all = rank == 0 ? (size_t)n : 0;
    double *X = array(all, N), *Y = array(all, O), *J = array(all, O * N);
    double *x = array((size_t)mine, N), *y = array((size_t)mine, O), *j = array((size_t)mine, O * N);
    const double low[N] = { -3, -3, 4.8, -0.4, -0.4 }, high[N] = { 3, 3, 7.2, 0.4, 0.4 };
    unsigned long seed = 1;
    for (size_t k = 0; k < all * N; k++) {
        seed = (1664525UL * seed + 1013904223UL) & 0xffffffffUL;
        X[k] = low[k % N] + (high[k % N] - low[k % N]) * (double)seed / 4294967296.0;
    }
    const double start = MPI_Wtime();
    MPI_Scatterv(X, count, first, x_type, x, mine, x_type, 0, MPI_COMM_WORLD);
    batch(mine, x, y, j, rank == 0);
    MPI_Gatherv(y, mine, y_type, Y, count, first, y_type, 0, MPI_COMM_WORLD);
    MPI_Gatherv(j, mine, J_type, J, count, first, J_type, 0, MPI_COMM_WORLD);
    const double seconds = MPI_Wtime() - start;

    if (rank == 0) {
        double *Y1 = array(all, O), *J1 = array(all, O * N);
        const double alone = MPI_Wtime();
        batch(n, X, Y1, J1, 1);
        const double seconds1 = MPI_Wtime() - alone;
        failed = memcmp(Y, Y1, all * O * sizeof *Y) || memcmp(J, J1, all * O * N * sizeof *J);
        printf("%d Jacobians of 9 x 5 on %d processes: %.1f ms; on one %.1f ms; the bits are %s\n", n, ranks, 1e3 * seconds,
               1e3 * seconds1, failed ? "DIFFERENT" : "the same");
        FILE *file = argc > 2 ? fopen(argv[2], "wb") : NULL;
        if (argc > 2 && (!file || fwrite(J, sizeof *J * O * N, all, file) != all || fclose(file))) stop("cannot write the results");
        free(Y1);
        free(J1);
    }
    free(X); free(Y); free(J); free(x); free(y); free(j); free(count); free(first);
    MPI_Finalize();
    return failed;
}
