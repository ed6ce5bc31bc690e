/* planted.h - faults to be found. A test built with -DPLANT takes the number of a fault as its argument and puts it into
 * J after the library has calculated it; it must fail then. tests/planted.sh sees to it. SPDX-License-Identifier: MIT */
#ifndef PLANTED_H
#define PLANTED_H

#include <stdlib.h>
#include <string.h>

enum { PLANT_NONE, PLANT_ZERO, PLANT_NEGATED, PLANT_TRANSPOSED, PLANT_COLUMN_HALVED, PLANT_MASK_BIT, PLANT_SOFTMAX_DIAGONAL };
static int planted;

#ifdef PLANT
static void plant_relu(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)     /* bit 0 of the mask inverted */
{
    (void)user;
    for (size_t j = 0; j < n; j++) {
        a[j] = z[j] > 0 ? z[j] : 0;
        da[j] = (z[j] > 0) != (j == 0);
    }
}

static void plant_softmax(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)  /* without what couples the outputs */
{
    jac_real top = z[0], sum = 0;
    (void)user;
    for (size_t j = 1; j < n; j++) top = z[j] > top ? z[j] : top;
    for (size_t j = 0; j < n; j++) sum += a[j] = (jac_real)exp((double)(z[j] - top));
    for (size_t j = 0; j < n; j++) {
        a[j] /= sum;
        da[j] = a[j] * (1 - a[j]);
    }
}

/* J as it would be with the planted fault, at x. */
static void plant(const jac_net *net, const jac_layer *layers, size_t n_layers, const jac_real *x, jac_real *J)
{
    const size_t N = net->n_in, O = net->n_out;
    const jac_layer faulty_relu = JAC_ACTIVATION(plant_relu, NULL), faulty_softmax = JAC_ACTIVATION(plant_softmax, NULL);
    const size_t bytes = jac_net_size(N, layers, n_layers);
    jac_layer *changed = (jac_layer *)malloc(n_layers * sizeof *changed);
    jac_real *copy = (jac_real *)malloc(O * N * sizeof *copy);
    void *memory = malloc(bytes);
    jac_net other;
    if (changed == NULL || copy == NULL || memory == NULL) abort();
    memcpy(copy, J, O * N * sizeof *copy);
    memcpy(changed, layers, n_layers * sizeof *changed);
    if (planted == PLANT_MASK_BIT || planted == PLANT_SOFTMAX_DIAGONAL) {
        for (size_t l = 0; l < n_layers; l++) {
            if (planted == PLANT_MASK_BIT && layers[l].kind == JAC_KIND_RELU) changed[l] = faulty_relu;
            if (planted == PLANT_SOFTMAX_DIAGONAL && layers[l].kind == JAC_KIND_SOFTMAX) changed[l] = faulty_softmax;
        }
        if (jac_net_init(&other, N, changed, n_layers, memory, bytes) || jac_forward_backward(&other, x, NULL, J)) abort();
    }
    for (size_t o = 0; o < O; o++) {
        for (size_t i = 0; i < N; i++) {
            if (planted == PLANT_ZERO) J[o * N + i] = 0;
            if (planted == PLANT_NEGATED) J[o * N + i] = -J[o * N + i];
            if (planted == PLANT_TRANSPOSED) J[i * O + o] = copy[o * N + i];
            if (planted == PLANT_COLUMN_HALVED && i == N / 3) J[o * N + i] /= 2;
        }
    }
    free(changed);
    free(copy);
    free(memory);
}

static void plant_from(int argc, char **argv) { planted = argc > 1 ? atoi(argv[1]) : PLANT_NONE; }
#else
#define plant(net, layers, n_layers, x, J) ((void)0)
#define plant_from(argc, argv) ((void)(argc), (void)(argv))
#endif

#endif
