/* test_memory.c - every array exactly as long as the header says: guard bytes, exact heap blocks, unmapped pages right before
 * and right after, inputs in read-only pages, memory of every misalignment; and everywhere the same bits.
 * SPDX-License-Identifier: MIT */
#if defined(__unix__) || defined(__APPLE__)
#define _DEFAULT_SOURCE 1           /* MAP_ANONYMOUS under -std=c99 */
#define _DARWIN_C_SOURCE 1
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif
#define PAGES 1
#endif

#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#include "sets.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { WIDEST = 67, BATCH = 7, VECTORS = 11, MARGIN = 256, STEP = CHECK_TRIALS(20) == 20 ? 1 : 8, GUARD = 0xa7, REGION = 1 << 19 };

/* ---- where the arrays lie ---- */

enum { LAYERS, W1, W2, W3, B1, B2, B3, X, V, U, OPTIONS, INPUTS, MEMORY = INPUTS, Y, J, VJ, JU, REPORT, SLOTS };
typedef enum { GUARD_BYTES, HEAP, BEFORE_A_PAGE, AFTER_A_PAGE } place;

static unsigned char *block[SLOTS], *item[SLOTS];   /* what was allocated, and the array inside it */
static size_t size_of[SLOTS];

#ifdef PAGES
static unsigned char *region[SLOTS];                /* REGION bytes of memory between two pages that are not mapped */
static size_t page;

static void map_regions(void)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    for (int s = 0; s < SLOTS; s++) {
        void *p = mmap(NULL, 2 * page + REGION, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p != MAP_FAILED);
        region[s] = (unsigned char *)p + page;
    }
}
#endif

/* An array of `size` bytes. `shift` moves the memory off its alignment, where it is not pushed against a page. */
static void *put(int slot, size_t size, place where, size_t shift)
{
    block[slot] = NULL;
    size_of[slot] = size;
    switch (where) {
#ifdef PAGES
    case BEFORE_A_PAGE:
    case AFTER_A_PAGE:
        CHECK(size <= REGION && mprotect(region[slot], REGION, PROT_READ | PROT_WRITE) == 0);
        item[slot] = where == BEFORE_A_PAGE ? region[slot] + REGION - size : region[slot];
        break;
#endif
    case HEAP:
        item[slot] = block[slot] = (unsigned char *)malloc(size);
        break;
    default:
        block[slot] = (unsigned char *)malloc(size + 2 * MARGIN + 128);
        item[slot] = block[slot] + MARGIN + (64 - (size_t)block[slot] % 64) % 64 + (slot == MEMORY ? shift : 0);
        memset(item[slot] - MARGIN, GUARD, size + 2 * MARGIN);
    }
    return item[slot];
}

/* The inputs are filled: from now on nothing may write there. */
static void protect_inputs(place where)
{
#ifdef PAGES
    for (int s = 0; s < INPUTS; s++) if (where >= BEFORE_A_PAGE) CHECK(mprotect(region[s], REGION, PROT_READ) == 0);
#else
    (void)where;
#endif
}

static void release(int slot, place where)
{
    size_t broken = 0;
    for (size_t i = 0; where == GUARD_BYTES && i < MARGIN; i++)
        broken += (item[slot] - MARGIN)[i] != GUARD || item[slot][size_of[slot] + i] != GUARD;
    CHECK_MSG(broken == 0, "%d bytes beside array %d were written", (int)broken, slot);
    free(block[slot]);
}

/* ---- one net, all functions ---- */

typedef struct {
    size_t N, H, O;
    unsigned layouts;               /* a bit a dense layer: rows of W are inputs */
    int bias, softmax;              /* with bias; ends in a softmax */
} shape;

static void fill(void *array, size_t n)
{
    jac_real *v = (jac_real *)array;
    for (size_t i = 0; i < n; i++) v[i] = (jac_real)(2 * draw_uniform() - 1);
}

static void a_function(const jac_real *x, jac_real *y, void *user)
{
    const shape *s = (const shape *)user;
    for (size_t o = 0; o < s->O; o++) y[o] = 2 * x[o % s->N];
}

static jac_real results[2][4 * BATCH * WIDEST * WIDEST + 4 * BATCH * WIDEST];
static size_t n_results;
static void keep(jac_real *to, const void *array, size_t n)
{
    memcpy(to + n_results, array, n * sizeof(jac_real));
    n_results += n;
}

/* Lay out everything for the shape, call every function, and append what they wrote to `to`. */
static void run(const shape *s, place where, size_t shift, const kernel_set *kernels, jac_real *to)
{
    const size_t N = s->N, H = s->H, O = s->O, R = sizeof(jac_real);
    const jac_real *w1 = (const jac_real *)put(W1, N * H * R, where, 0), *w2 = (const jac_real *)put(W2, H * H * R, where, 0);
    const jac_real *w3 = (const jac_real *)put(W3, H * O * R, where, 0), *b1 = (const jac_real *)put(B1, H * R, where, 0);
    const jac_real *b2 = (const jac_real *)put(B2, H * R, where, 0), *b3 = (const jac_real *)put(B3, O * R, where, 0);
    const int bias = s->bias;
    const jac_layer plain[3] = {
        JAC_DENSE(N, H, w1, bias ? b1 : NULL), JAC_DENSE(H, H, w2, bias ? b2 : NULL), JAC_DENSE(H, O, w3, bias ? b3 : NULL)
    };
    const jac_layer turned[3] = { JAC_DENSE_T(N, H, w1, b1), JAC_DENSE_T(H, H, w2, b2), JAC_DENSE_T(H, O, w3, b3) };
    const jac_layer relu = JAC_RELU, tanh_layer = JAC_TANH, softmax = JAC_SOFTMAX;
    const size_t n_layers = s->softmax ? 6 : 5;
    jac_layer *layers = (jac_layer *)put(LAYERS, n_layers * sizeof *layers, where, 0);
    jac_real *x = (jac_real *)put(X, BATCH * N * R, where, 0), *v = (jac_real *)put(V, VECTORS * O * R, where, 0);
    jac_real *u = (jac_real *)put(U, VECTORS * N * R, where, 0), *y = (jac_real *)put(Y, BATCH * O * R, where, 0);
    jac_real *j = (jac_real *)put(J, BATCH * O * N * R, where, 0), *vj = (jac_real *)put(VJ, VECTORS * N * R, where, 0);
    jac_real *ju = (jac_real *)put(JU, VECTORS * O * R, where, 0);
    jac_check_options *options = (jac_check_options *)put(OPTIONS, sizeof *options, where, 0);
    jac_check_report *report = (jac_check_report *)put(REPORT, sizeof *report, where, 0);
    void *memory;
    size_t size;
    jac_net net;
    shape user = *s;

    draw_seed(N * 10007 + H * 101 + O);
    for (int slot = W1; slot <= U; slot++) fill(item[slot], size_of[slot] / R);
    memset(options, 0, sizeof *options);
    for (int l = 0; l < 3; l++) layers[2 * l] = s->layouts >> l & 1 ? turned[l] : plain[l];
    layers[1] = relu;
    layers[3] = tanh_layer;
    if (s->softmax) layers[5] = softmax;
    protect_inputs(where);

    size = jac_net_size(N, layers, n_layers);
    memory = put(MEMORY, size, where, shift);
    if (where != HEAP) memset(memory, shift % 2 ? 0xff : 0, size);         /* NaNs: what it held must not matter */
    CHECK(jac_net_init(&net, N, layers, n_layers, memory, size) == JAC_OK);
    net.kernels = kernels;
    n_results = 0;
    CHECK(jac_forward_backward_batch(&net, BATCH, x, y, j) == JAC_OK);
    keep(to, y, BATCH * O);
    keep(to, j, BATCH * O * N);
    CHECK(jac_vjp(&net, VECTORS, v, vj) == JAC_OK && jac_jvp(&net, VECTORS, u, ju) == JAC_OK);
    keep(to, vj, VECTORS * N);
    keep(to, ju, VECTORS * O);
    release(X, where);                              /* one sample is shorter than a batch */
    release(Y, where);
    release(J, where);
    x = (jac_real *)put(X, N * R, where, 0);
    y = (jac_real *)put(Y, O * R, where, 0);
    j = (jac_real *)put(J, O * N * R, where, 0);
    fill(x, N);
    protect_inputs(where);
    CHECK(jac_forward_backward(&net, x, y, j) == JAC_OK);
    keep(to, y, O);
    keep(to, j, O * N);
    CHECK(jac_forward(&net, x, y) == JAC_OK && jac_backward(&net, j) == JAC_OK);
    keep(to, y, O);
    keep(to, j, O * N);
    CHECK(jac_forward(&net, x, NULL) == JAC_OK && jac_backward(&net, j) == JAC_OK);
    keep(to, j, O * N);
    if (N * H * O <= 1000) {                        /* the checkers are slow */
        CHECK(jac_check(&net, x, j, options, report) == JAC_OK && report->verdict != JAC_CHECK_FAIL && report->evaluations > 0);
        release(MEMORY, where);
        size = jac_check_size(N, O);
        memory = put(MEMORY, size, where, shift);
        CHECK(jac_check_function(a_function, &user, N, O, x, j, options, report, memory, size) == JAC_OK && report->evaluations > 0);
    }
    for (int slot = 0; slot < SLOTS; slot++) release(slot, where);
}

#ifdef PAGES
static const shape *running;
static void fault(int number)       /* the program cannot go on, but it can say where it was */
{
    printf("signal %d: an array was left, net %d-%d-%d, layouts %u\n", number, (int)running->N, (int)running->H, (int)running->O,
           running->layouts);
    check_failed++;
    check_report();
    fflush(stdout);
    _exit(1);
}
#endif

static void compare(const shape *s, place where, size_t shift, const kernel_set *kernels)
{
    run(s, where, shift, kernels, results[1]);
    CHECK_MSG(memcmp(results[0], results[1], n_results * sizeof(jac_real)) == 0, "%d-%d-%d, layouts %u, place %d, shift %d, %s: other bits",
              (int)s->N, (int)s->H, (int)s->O, s->layouts, (int)where, (int)shift, kernel_name(kernels));
}

/* One unit, and its sum is no number: which one is nearest to its kink? Not one beside the arrays. */
static void no_unit_is_near(place where)
{
    static unsigned char memory[JAC_NET_SIZE_BOUND(1, 1, 2)];
    jac_real *w = (jac_real *)put(W1, sizeof *w, where, 0), *b = (jac_real *)put(B1, sizeof *b, where, 0), x = (jac_real)HUGE_VAL, y;
    const jac_layer layers[2] = { JAC_DENSE(1, 1, w, b), JAC_RELU };
    jac_net net;
    *w = *b = 1;
    x = x - x;
    CHECK(jac_net_init(&net, 1, layers, 2, memory, sizeof memory) == JAC_OK && jac_forward(&net, &x, &y) == JAC_OK && y != y);
    release(W1, where);
    release(B1, where);
}

#ifdef PAGES
/* jac_net_init reads no weights: they may be written later, and are not even readable here. */
static void weights_unread(void)
{
    static unsigned char memory[JAC_NET_SIZE_BOUND(1, 1, 2)];
    jac_real *const w = (jac_real *)put(W1, sizeof *w, AFTER_A_PAGE, 0), *const b = (jac_real *)put(B1, sizeof *b, AFTER_A_PAGE, 0);
    const jac_layer layers[2] = { JAC_DENSE(1, 1, w, b), JAC_RELU };
    const jac_real x = 3;
    jac_real y;
    jac_net net;
    CHECK(mprotect(region[W1], REGION, PROT_NONE) == 0 && mprotect(region[B1], REGION, PROT_NONE) == 0);
    CHECK(jac_net_init(&net, 1, layers, 2, memory, sizeof memory) == JAC_OK);
    (void)put(W1, sizeof *w, AFTER_A_PAGE, 0);
    (void)put(B1, sizeof *b, AFTER_A_PAGE, 0);
    *w = 2;
    *b = 1;
    CHECK(jac_forward(&net, &x, &y) == JAC_OK && y == 7);
}
#endif

int main(void)
{
    const kernel_set *sets[4];
    size_t n = kernel_sets(sets);
    if (n > 1) n--;                 /* scalar has its own variant */
#ifdef PAGES
    map_regions();
    signal(SIGSEGV, fault);
    signal(SIGBUS, fault);
#endif
    no_unit_is_near(HEAP);
#ifdef PAGES
    static const shape one = { 1, 1, 1, 0, 1, 0 };
    running = &one;
    no_unit_is_near(BEFORE_A_PAGE);
    weights_unread();
#endif
    for (size_t k = 0; k < n; k++) {
        for (size_t w = 1; w <= WIDEST; w += STEP) {
            const shape shapes[] = {
                { w, 5, 3, 0, 1, 1 }, { 3, w, 6, 0, 1, 0 }, { 5, 3, w, 0, 0, 1 }, { w, 9, w, 0, 1, 1 }, { 9, w, 7, 0, 0, 1 },
                { w, 5, 3, 7, 1, 1 }, { 3, w, 6, 7, 1, 0 }, { 5, 3, w, 7, 1, 1 }, { w, 9, w, 7, 1, 1 }, { 9, w, 7, 7, 1, 1 },
                { w, w, w, 2, 1, 0 }, { 7, w, 9, 5, 1, 0 },
            };
            for (size_t i = 0; i < COUNT(shapes); i++) {
                run(&shapes[i], GUARD_BYTES, 0, sets[k], results[0]);
                compare(&shapes[i], HEAP, 0, sets[k]);
#ifdef PAGES
                running = &shapes[i];
                compare(&shapes[i], BEFORE_A_PAGE, 0, sets[k]);
                compare(&shapes[i], AFTER_A_PAGE, 0, sets[k]);
#endif
                compare(&shapes[i], GUARD_BYTES, w * 13 % 64, sets[k]);
                if (w % (16 * STEP) != 9) continue;
                for (size_t shift = 1; shift < 64; shift += STEP) compare(&shapes[i], GUARD_BYTES, shift, sets[k]);
            }
        }
    }
    return check_report();
}
