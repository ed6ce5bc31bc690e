/* fuzz_face.c - random calls against the whole face of jacobian.h, for libFuzzer. An input is read as a description of a net, valid
 * or not, and a list of calls, good or bad. Every array is a heap block of exactly its size, so that the address sanitizer sees
 * one byte too many. What a call must return is worked out here, from the rules in the header, and compared:
 *   a refused call  has the status of its first fault and changes no byte of any block;
 *   a batch         has the bits of single calls;
 *   y and J         agree with the scalar build (fuzz_scalar.c): to the bit where all sums are exact, else within a bound on
 *                   rounding; not-a-number where it has not-a-number;
 *   V J and J U     are J for V = I and U = I, within that bound;
 *   jac_check       never fails the J of this library.
 * SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../../jacobian.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t scalar_size(size_t n_in, const jac_layer *layers, size_t n_layers);
jac_status scalar_jacobian(size_t n_in, const jac_layer *layers, size_t n_layers, void *memory, size_t size, const jac_real *x, jac_real *y,
                           jac_real *J);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { WIDE = 20, DEEP = 6, MOST_SAMPLES = 5, MOST_CALLS = 6, BLOCKS = 96 };
static const jac_real u = (jac_real)(sizeof(jac_real) == sizeof(float) ? FLT_EPSILON / 2 : DBL_EPSILON / 2);

#define DEMAND(condition, ...) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "fuzz_face.c:%d: %s: ", __LINE__, #condition); \
            fprintf(stderr, __VA_ARGS__); \
            fputc('\n', stderr); \
            abort(); \
        } \
    } while (0)

/* ---- the input ---- */

static const uint8_t *data;
static size_t left;
static unsigned byte(void)
{
    if (left == 0) return 0;
    left--;
    return *data++;
}
static int chance(unsigned one_in) { return byte() % one_in == one_in - 1; }

/* ---- heap blocks of exact size ---- */

static struct { unsigned char *base, *p, *copy; size_t size; } blocks[BLOCKS];
static size_t n_blocks;

static void *block(size_t size, size_t shift)
{
    unsigned char *base = malloc(shift + size);
    DEMAND(base != NULL && n_blocks < BLOCKS, "no room for %zu bytes", size);
    blocks[n_blocks].base = base;
    blocks[n_blocks].p = base + shift;
    blocks[n_blocks].size = size;
    return blocks[n_blocks++].p;
}

static void keep_copies(void)
{
    for (size_t k = 0; k < n_blocks; k++) {
        blocks[k].copy = malloc(blocks[k].size + 1);
        memcpy(blocks[k].copy, blocks[k].p, blocks[k].size);
    }
}
static int drop_copies(void)        /* were all blocks as before? */
{
    int same = 1;
    for (size_t k = 0; k < n_blocks; k++) {
        same &= memcmp(blocks[k].copy, blocks[k].p, blocks[k].size) == 0;
        free(blocks[k].copy);
    }
    return same;
}

/* ---- numbers ---- */

/* small whole numbers; the same with NaN and infinities among them; fractions; any pattern of bits */
typedef enum { WHOLE, SPECIAL, SMOOTH, WILD, MODES } number_mode;
static number_mode mode;

static void fill(jac_real *v, size_t n)
{
    uint32_t state = byte() * 2654435761u + 12345;
    for (size_t i = 0; i < n; i++) {
        state = (uint32_t)((uint64_t)state * 1664525u + 1013904223u);
        const unsigned r = state >> 8;
        if (mode == WILD && r % 4) {
            const uint64_t bits = (uint64_t)state << 32 ^ (uint64_t)state * 0x9e3779b9u;
            memcpy(&v[i], &bits, sizeof v[i]);
        } else if ((mode == SPECIAL && r % 64 == 0) || (mode == WILD && r % 8 == 0)) {
            v[i] = (jac_real)(r & 64 ? NAN : r & 128 ? HUGE_VAL : -HUGE_VAL);
        } else v[i] = mode == SMOOTH ? (jac_real)(r % 4096) / 1024 - 2 : (jac_real)(r % 9) - 4;
    }
}

static int same(jac_real a, jac_real b) { return a == b ? signbit(a) == signbit(b) : a != a && b != b; }
/* Within the bound; alike where not finite: the same when all is exact, else rounding may have made 0 x infinity of tiny x infinity. */
static int near(jac_real a, jac_real b, double bound)
{
    return a == b || (a != a && b != b) || (bound > 0 && !isfinite(a) && !isfinite(b)) || fabs((double)a - (double)b) <= bound;
}

/* ---- the net and what the rules say of it ---- */

static jac_net *net;
static jac_layer *layers;
static unsigned char *memory;
static size_t n_in, n_layers, size, n_out;
static int ready, forwarded;

static void user_function(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    for (size_t j = 0; j < n; j++) {
        a[j] = z[j] / 2 + *(const jac_real *)user;
        da[j] = (jac_real)0.5;
    }
}

static int is_dense(const jac_layer *layer) { return layer->kind == JAC_KIND_DENSE || layer->kind == JAC_KIND_DENSE_T; }
static int too_large(size_t a, size_t b) { return (unsigned __int128)a * b > PTRDIFF_MAX / sizeof(jac_real); }

/* What jac_net_init must say of the description alone. */
static jac_status judge_description(size_t *bad_layer)
{
    size_t n = n_in;
    *bad_layer = JAC_NO_LAYER;
    if (n_layers == 0) return JAC_ERROR_NO_LAYERS;
    if (n_in == 0 || n_in >= UINT_MAX) return JAC_ERROR_SIZE;
    if (n_layers > PTRDIFF_MAX / sizeof(jac_layer)) return JAC_ERROR_OVERFLOW;
    for (size_t l = 0; l < n_layers; l++) {
        const jac_layer *layer = &layers[l];
        *bad_layer = l;
        if (layer->kind < JAC_KIND_DENSE || layer->kind >= JAC_KIND_COUNT) return JAC_ERROR_LAYER;
        if (layer->kind == JAC_KIND_ACTIVATION && layer->f == NULL) return JAC_ERROR_NULL;
        if (!is_dense(layer)) continue;
        if (layer->W == NULL) return JAC_ERROR_NULL;
        if (layer->in == 0 || layer->in >= UINT_MAX || layer->out == 0 || layer->out >= UINT_MAX) return JAC_ERROR_SIZE;
        if (too_large(layer->in, layer->out)) return JAC_ERROR_OVERFLOW;
        if (layer->in != n) return JAC_ERROR_CHAIN;
        n = layer->out;
    }
    if (too_large(n_in, n)) return JAC_ERROR_OVERFLOW;
    *bad_layer = JAC_NO_LAYER;
    n_out = n;
    return JAC_OK;
}

static size_t odd_size(size_t usual)
{
    static const size_t odd[] = { 0, SIZE_MAX, UINT_MAX, UINT_MAX - 1, PTRDIFF_MAX, SIZE_MAX / 8 + 1, 1u << 31, 1u << 20 };
    return chance(32) ? odd[byte() % COUNT(odd)] : usual;
}

static void describe(void)
{
    static const jac_layer others[] = {
        JAC_RELU,     JAC_LEAKY_RELU(2), JAC_SOFTMAX, JAC_TANH,        JAC_SIGMOID,         JAC_ELU(1.5),
        JAC_SOFTPLUS, JAC_SILU,          JAC_GELU,    JAC_LOG_SOFTMAX, JAC_LEAKY_RELU(0.3),
    };
    static const jac_real shift = 1;
    const size_t count = byte() % (DEEP + 1);
    size_t n = 1 + byte() % WIDE;
    n_in = odd_size(n);
    n_layers = chance(64) ? (size_t)PTRDIFF_MAX / sizeof(jac_layer) + 1 : count;
    layers = block(count * sizeof *layers, 0);
    for (size_t l = 0; l < count; l++) {
        const unsigned choice = byte();
        if (choice % 2) {
            const jac_layer user = JAC_ACTIVATION(user_function, (void *)(uintptr_t)&shift);
            layers[l] = choice / 2 % 12 < COUNT(others) ? others[choice / 2 % 12] : user;
        } else {
            const size_t out = 1 + byte() % WIDE, bias = choice & 8;
            jac_real *W = block(n * out * sizeof *W, 0), *b = bias ? block(out * sizeof *b, 0) : NULL;
            fill(W, n * out);
            if (bias) fill(b, out);
            const jac_layer dense = JAC_DENSE(n, out, W, b), dense_t = JAC_DENSE_T(n, out, W, b);
            layers[l] = choice & 4 ? dense : dense_t;
            n = out;
        }
        if (!chance(48)) continue;
        switch (byte() % 6) {       /* one thing wrong */
        case 0: layers[l].kind = JAC_KIND_DENSE - 8 + byte() % 32; break;
        case 1: layers[l].kind = UINT_MAX - byte(); break;
        case 2: layers[l].W = NULL; break;
        case 3: layers[l].f = NULL; break;
        case 4: layers[l].in = odd_size(layers[l].in + 1); break;
        case 5: layers[l].out = odd_size(layers[l].out); break;
        }
    }
}

static int overlap(const void *p, size_t n, const void *q, size_t m)
{
    return n > 0 && m > 0 && (uintptr_t)p < (uintptr_t)q + m && (uintptr_t)q < (uintptr_t)p + n;
}
static int over_layers(const void *p, size_t n)
{
    if (overlap(p, n, layers, n_layers * sizeof *layers)) return 1;
    for (size_t l = 0; l < n_layers; l++)
        if (is_dense(&layers[l]) && (overlap(p, n, layers[l].W, layers[l].in * layers[l].out * sizeof(jac_real)) ||
                                     (layers[l].b && overlap(p, n, layers[l].b, layers[l].out * sizeof(jac_real))))) return 1;
    return 0;
}
static int over_net(const void *p, size_t n) { return overlap(p, n, net, sizeof *net) || overlap(p, n, memory, size) || over_layers(p, n); }

/* An array of a call. Now and then it is NULL, or lies where something else is. */
typedef struct {
    void *p;
    size_t bytes;
    int odd;                        /* not a block of its own: a call that would be accepted must not get it */
} array;

static array give(size_t bytes)
{
    array a = { NULL, bytes, 1 };
    if (chance(32)) return a;
    if (chance(bytes == 0 ? 3 : 24)) {
        const size_t k = byte() % n_blocks, words = blocks[k].size / 8 + 1;
        a.p = blocks[k].p + byte() % words * 8;
        if ((uintptr_t)a.p % 8 != 0) a.p = (void *)((uintptr_t)a.p / 8 * 8);
        return a;
    }
    a.p = block(bytes, 0);
    a.odd = 0;
    return a;
}
static array give_numbers(size_t n)
{
    array a = give(n * sizeof(jac_real));
    if (!a.odd) fill(a.p, n);
    return a;
}
static void make_even(array *a)
{
    if (a->p == NULL || !a->odd) return;
    a->p = block(a->bytes, 0);
    memset(a->p, 0, a->bytes);
}

/* Around a call: its status is the expected one, and when that is a refusal all blocks are as they were. */
static int refusing;
static void before(jac_status expected)
{
    refusing = expected != JAC_OK;
    if (refusing) keep_copies();
}
static void after(const char *function, jac_status expected, jac_status status)
{
    DEMAND(status == expected, "%s says \"%s\", not \"%s\"", function, jac_status_string(status), jac_status_string(expected));
    if (refusing) DEMAND(drop_copies(), "%s was refused, but has written", function);
}

static void init(void)
{
    size_t bad_layer, need, claimed;
    jac_status expected = judge_description(&bad_layer);
    void *at, *own;
    need = jac_net_size(n_in, layers, n_layers);
    DEMAND((need > 0) == (expected == JAC_OK), "jac_net_size is %zu", need);
    claimed = need > 1 << 20 ? 1 : chance(16) ? need - (need > 0) : chance(16) ? need + 3 : need;
    at = own = block(claimed, byte() % 64);
    if (chance(32)) at = NULL;
    else if (chance(32)) at = blocks[byte() % n_blocks].p;
    if (expected == JAC_OK && at == NULL) expected = JAC_ERROR_NULL;
    if (expected == JAC_OK && claimed < need) expected = JAC_ERROR_MEMORY;
    if (expected == JAC_OK && (over_layers(at, need) || overlap(at, need, net, sizeof *net))) expected = JAC_ERROR_OVERLAP;
    if (expected == JAC_OK) at = own;
    const jac_net old = *net;
    before(expected);
    const jac_status status = jac_net_init(net, n_in, layers, n_layers, at, claimed);
    const jac_net made = *net;
    if (refusing) memcpy(net, &old, sizeof old);
    after("jac_net_init", expected, status);
    *net = made;
    DEMAND(net->bad_layer == bad_layer || at == (void *)net, "bad_layer is %zu, not %zu", net->bad_layer, bad_layer);
    DEMAND(status != JAC_OK || (net->n_in == n_in && net->n_out == n_out), "other sizes");
    ready = status == JAC_OK;
    forwarded = 0;
    memory = at;
    size = need;
#ifdef JAC_IMPL_X86
    static const jac_impl_kernels *const sets[] = { &jac_impl_kernels_sse2, &jac_impl_kernels_avx2, &jac_impl_kernels_avx512 };
    const unsigned choice = byte() % 8;             /* every set up to this machine's */
    for (unsigned k = 0; ready && k <= choice && k < COUNT(sets); k++) {
        const int best = sets[k] == made.kernels;
        net->kernels = sets[k];
        if (best) break;
    }
#endif
}

/* ---- how far two builds may differ ---- */

/* Bounds for y and J at x, in the maximum norm, from |z| <= |W| |a| + |b| and the error of every step; 0 while all sums are of whole
 * numbers that fit. Not finite: no comparison. Returns a bound on J. */
static double bounds(const jac_real *x, double *bound_y, double *bound_J)
{
    const double most = 1 / (4 * (double)u);
    double a = 0, e = 0, P = 1, D = 0;              /* |a|, its error; product of the |W|, sum of the relative errors of J's factors */
    size_t n = n_in;
    int exact = mode == WHOLE || mode == SPECIAL, fits = 1, kink = 0, finite = 1;
    for (size_t i = 0; i < n; i++) if (isfinite(x[i]) && fabs((double)x[i]) > a) a = fabs((double)x[i]);
    for (size_t l = 0; l < n_layers; l++) {
        const jac_layer *layer = &layers[l];
        if (is_dense(layer)) {
            double w = 0, b = 0;
            for (size_t o = 0; o < layer->out; o++) {
                double row = 0;
                for (size_t i = 0; i < layer->in; i++) {
                    const double Woi = fabs((double)layer->W[layer->kind == JAC_KIND_DENSE ? o * layer->in + i : i * layer->out + o]);
                    if (isfinite(Woi)) row += Woi;
                    else finite = 0;        /* shows through a unit that is off, or not, as the product is made */
                }
                if (row > w) w = row;
                if (layer->b && isfinite(layer->b[o]) && fabs((double)layer->b[o]) > b) b = fabs((double)layer->b[o]);
            }
            a = w * a + b;
            P *= w > 1 ? w : 1;
            e = w * e + (exact ? 0 : 2 * ((double)n + 4) * (double)u * a);
            D += 2 * ((double)n + 4) * (double)u;
            n = layer->out;
        } else if (layer->kind == JAC_KIND_RELU || (layer->kind == JAC_KIND_LEAKY_RELU && layer->alpha == 2)) {
            if (!exact) kink = 1;
            if (layer->kind == JAC_KIND_LEAKY_RELU) a *= 2, P *= 2, e *= 2;
        } else {
            const double L = layer->kind == JAC_KIND_LOG_SOFTMAX ? 2 : layer->kind == JAC_KIND_ELU ? 1.5 : 1.2;
            if (!exact && (layer->kind == JAC_KIND_ELU || layer->kind == JAC_KIND_LEAKY_RELU)) kink = 1;
            exact = 0;
            D += 4 * e + 16 * ((double)n + 4) * (double)u;
            a = L * a + 4;
            e = L * e + 8 * ((double)n + 4) * (double)u * a;
            P *= L;
        }
        if (a > most || P > most) fits = 0;
    }
    *bound_y = exact ? 0 : 4 * e;
    *bound_J = !finite ? HUGE_VAL : exact ? 0 : 4 * P * D;
    if (mode == WILD || kink || !fits || (!finite && !exact)) *bound_y = *bound_J = HUGE_VAL;
    return P;
}

static void against_scalar(const jac_real *x, const jac_real *y, const jac_real *J)
{
    static jac_real y2[WIDE], J2[WIDE * WIDE];
    static unsigned char memory2[1 << 17];
    double bound_y, bound_J;
    bounds(x, &bound_y, &bound_J);
    if (!isfinite(bound_y)) return;
    DEMAND(scalar_size(n_in, layers, n_layers) <= sizeof memory2, "memory2");
    DEMAND(scalar_jacobian(n_in, layers, n_layers, memory2, sizeof memory2, x, y2, J2) == JAC_OK, "the scalar build");
    for (size_t o = 0; y && o < n_out; o++)
        DEMAND(near(y[o], y2[o], bound_y), "y[%zu] = %g, scalar %g, bound %g", o, (double)y[o], (double)y2[o], bound_y);
    for (size_t k = 0; J && isfinite(bound_J) && k < n_out * n_in; k++)
        DEMAND(near(J[k], J2[k], bound_J), "J[%zu] = %g, scalar %g, bound %g", k, (double)J[k], (double)J2[k], bound_J);
}

/* ---- the calls ---- */

enum { INIT, FORWARD, BACKWARD, BOTH, BATCH, VJP, JVP, CHECKER, CHECK_FUNCTION, FUNCTIONS };

static jac_status judge_call(int function, size_t n, const array *x, const array *y, const array *J)
{
    if (x->p == NULL || J->p == NULL) return JAC_ERROR_NULL;
    if (!ready) return JAC_ERROR_NOT_READY;
    if (!forwarded && (function == BACKWARD || function == VJP || function == JVP)) return JAC_ERROR_NO_FORWARD;
    if (too_large(n, function == BATCH || function == BOTH ? n_in * n_out : n_in) || too_large(n, n_out)) return JAC_ERROR_OVERFLOW;
    if (overlap(x->p, x->bytes, memory, size)) return JAC_ERROR_OVERLAP;
    if (y->p && (over_net(y->p, y->bytes) || overlap(y->p, y->bytes, x->p, x->bytes))) return JAC_ERROR_OVERLAP;
    if (over_net(J->p, J->bytes) || overlap(J->p, J->bytes, x->p, x->bytes)) return JAC_ERROR_OVERLAP;
    if (y->p && overlap(J->p, J->bytes, y->p, y->bytes)) return JAC_ERROR_OVERLAP;
    return JAC_OK;
}

/* What came out of n samples: the bits of single calls, and what the scalar build says. */
static void check_samples(size_t n, const jac_real *x, const jac_real *y, const jac_real *J)
{
    static jac_real y1[WIDE], J1[WIDE * WIDE];
    for (size_t k = 0; k < n; k++) {
        DEMAND(jac_forward_backward(net, x + k * n_in, y1, J1) == JAC_OK, "a single call");
        const jac_real *yk = y + (y ? k * n_out : 0), *Jk = J + k * n_out * n_in;
        for (size_t o = 0; y && o < n_out; o++)
            DEMAND(same(y1[o], yk[o]), "sample %zu, y[%zu] = %g, alone %g", k, o, (double)yk[o], (double)y1[o]);
        for (size_t i = 0; i < n_out * n_in; i++)
            DEMAND(same(J1[i], Jk[i]), "sample %zu, J[%zu] = %g, alone %g", k, i, (double)Jk[i], (double)J1[i]);
        against_scalar(x + k * n_in, y1, J1);
    }
}

static jac_real point[WIDE];        /* the last forward point */

static void check_product(int function, size_t n, const jac_real *V, const jac_real *VJ)
{
    static jac_real J[WIDE * WIDE];
    double bound_y, bound_J;
    bounds(point, &bound_y, &bound_J);
    DEMAND(jac_backward(net, J) == JAC_OK, "jac_backward");
    if (mode == SPECIAL || mode == WILD || !isfinite(bound_J)) return;     /* 0 times infinity is in the product, but not in J */
    for (size_t r = 0; r < n; r++) {
        const size_t in = function == VJP ? n_in : n_out;
        for (size_t j = 0; j < in; j++) {
            double sum = 0, V_size = 0;
            for (size_t k = 0; k < (function == VJP ? n_out : n_in); k++) {
                const double v = (double)V[r * (function == VJP ? n_out : n_in) + k];
                sum += v * (double)(function == VJP ? J[k * n_in + j] : J[j * n_in + k]);
                V_size += fabs(v) * (1 + fabs((double)(function == VJP ? J[k * n_in + j] : J[j * n_in + k])));
            }
            const double bound = 32 * (bound_J * V_size + 64 * (double)u * V_size);
            DEMAND(fabs((double)VJ[r * in + j] - sum) <= bound, "row %zu, %zu: %g, from J %g, bound %g", r, j, (double)VJ[r * in + j], sum,
                   bound);
        }
    }
}

static void call_net(int function)
{
    static jac_real none[1];
    const size_t N = ready ? n_in : 3, O = ready ? n_out : 2;
    size_t n = function == BATCH || function == VJP || function == JVP ? odd_size(byte() % (MOST_SAMPLES + 1)) : 1;
    const size_t there = n > MOST_SAMPLES ? 1 : n;
    array x = { none, 0, 0 }, y = { NULL, 0, 0 }, J = { none, 0, 0 };
    jac_net *used = chance(64) ? NULL : net;
    jac_status expected, status;
    if (function != BACKWARD) x = give_numbers(there * (function == VJP ? O : N));
    if (function == FORWARD || function == BOTH || function == BATCH) y = give(there * O * sizeof(jac_real));
    if (function != FORWARD) J = give(there * (function == VJP ? N : function == JVP ? O : N * O) * sizeof(jac_real));
    expected = used == NULL ? JAC_ERROR_NULL : judge_call(function, n, &x, &y, &J);
    if (n > MOST_SAMPLES && (expected == JAC_OK || expected == JAC_ERROR_OVERLAP)) return;    /* more than there is */
    if (expected == JAC_OK) {
        make_even(&x);
        make_even(&y);
        make_even(&J);
    }
    before(expected);
    switch (function) {
    case FORWARD:  status = jac_forward(used, x.p, y.p); break;
    case BACKWARD: status = jac_backward(used, J.p); break;
    case BOTH:     status = jac_forward_backward(used, x.p, y.p, J.p); break;
    case BATCH:    status = jac_forward_backward_batch(used, n, x.p, y.p, J.p); break;
    case VJP:      status = jac_vjp(used, n, x.p, J.p); break;
    default:       status = jac_jvp(used, n, x.p, J.p); break;
    }
    after("a call", expected, status);
    if (status != JAC_OK) return;
    if (function == VJP || function == JVP) check_product(function, n, x.p, J.p);
    if (function == VJP || function == JVP || function == BACKWARD || n == 0) return;
    forwarded = 1;
    memcpy(point, (jac_real *)x.p + (n - 1) * N, N * sizeof *point);
    if (function == FORWARD) against_scalar(x.p, y.p, NULL);
    else check_samples(n, x.p, y.p, J.p);
}

static void checked_function(const jac_real *x, jac_real *y, void *user)
{
    const size_t *shape = user;
    for (size_t o = 0; o < shape[1]; o++) {
        y[o] = (jac_real)o;
        for (size_t i = 0; i < shape[0]; i++) y[o] += x[i] * x[(i + o) % shape[0]];
    }
}

/* Is the net so flat that nothing of it can leap within the smallest step of jac_check, 6e-6 / 4^8? */
static int is_flat(void)
{
    double bound_y, bound_J;
    return bounds(point, &bound_y, &bound_J) < 1e9;
}

static void call_checker(int function)
{
    size_t shape[2] = { ready ? n_in : 3, ready ? n_out : 2 }, need = 0, claimed = 0;
    const int own = ready && forwarded && chance(2);
    array x, J, options, report, scratch = { NULL, 0, 0 };
    jac_status expected = JAC_OK, status;
    if (function == CHECK_FUNCTION) {
        shape[0] = odd_size(byte() % 8);
        shape[1] = odd_size(byte() % 8);
    } else if (ready && n_in * n_layers > 40) return;       /* too slow */
    const int small = shape[0] < 32 && shape[1] < 32;
    x = give_numbers(small ? shape[0] : 1);
    J = give_numbers(small ? shape[0] * shape[1] : 1);
    report = give(sizeof(jac_check_report));
    options = give(sizeof(jac_check_options));
    if (!options.odd) {
        static const double values[] = { 0, 1e-6, 0.5, -1, NAN, HUGE_VAL, -0.0, 1e300 };
        jac_check_options *o = options.p;
        o->columns = byte() % 4;
        o->seed = byte();
        o->step = values[byte() % 16 < 14 ? 0 : byte() % COUNT(values)];
        o->tolerance = values[byte() % 16 < 14 ? 0 : byte() % COUNT(values)];
    } else options.p = NULL;
    const jac_check_options *o = options.p;
    const int bad_options = o && !(o->step >= 0 && o->step <= DBL_MAX && o->tolerance >= 0 && o->tolerance <= DBL_MAX);
    if (function == CHECK_FUNCTION) {
        need = jac_check_size(shape[0], shape[1]);
        claimed = need > 1 << 20 ? 1 : need - (need > 0 && chance(16));
        scratch = give(claimed);
        if (!scratch.odd) claimed = scratch.bytes;
    }
    if (x.p == NULL || J.p == NULL || report.p == NULL) expected = JAC_ERROR_NULL;
    else if (function == CHECKER && !ready) expected = JAC_ERROR_NOT_READY;
    else if (function == CHECK_FUNCTION && (shape[0] == 0 || shape[1] == 0)) expected = JAC_ERROR_SIZE;
    else if (function == CHECK_FUNCTION && need == 0) expected = JAC_ERROR_OVERFLOW;
    else if (function == CHECK_FUNCTION && scratch.p == NULL) expected = JAC_ERROR_NULL;
    else if (function == CHECK_FUNCTION && claimed < need) expected = JAC_ERROR_MEMORY;
    else if (bad_options) expected = JAC_ERROR_OPTION;
    else {
        void *room = function == CHECKER ? memory : scratch.p;
        const size_t room_size = function == CHECKER ? size : need;
        if ((function == CHECKER && over_net(report.p, report.bytes)) || overlap(report.p, report.bytes, x.p, x.bytes) ||
            overlap(report.p, report.bytes, J.p, J.bytes) || (o && overlap(report.p, report.bytes, o, sizeof *o)) ||
            overlap(room, room_size, report.p, report.bytes) || overlap(room, room_size, x.p, x.bytes) ||
            overlap(room, room_size, J.p, J.bytes) || (o && overlap(room, room_size, o, sizeof *o))) expected = JAC_ERROR_OVERLAP;
    }
    if (expected == JAC_OK) {
        make_even(&x);
        make_even(&J);
        make_even(&report);
        make_even(&scratch);
        if (function == CHECKER && own) {
            memcpy(x.p, point, n_in * sizeof *point);
            DEMAND(jac_backward(net, J.p) == JAC_OK, "jac_backward");
        }
    }
    before(expected);
    if (function == CHECKER) status = jac_check(net, x.p, J.p, o, report.p);
    else status = jac_check_function(checked_function, shape, shape[0], shape[1], x.p, J.p, o, report.p, scratch.p, claimed);
    after("a checker", expected, status);
    if (status != JAC_OK) return;
    const jac_check_report *r = report.p;
    DEMAND(r->verdict > JAC_CHECK_NONE && r->verdict <= JAC_CHECK_KINK, "the verdict is %d", (int)r->verdict);
    DEMAND(r->checked + r->kinks <= shape[0] && r->row < shape[1] && r->column < shape[0], "the report counts wrong");
    const int plain = o == NULL || (o->step <= 0 && o->tolerance <= 0);
    if (function == CHECKER && own && (mode == WHOLE || mode == SMOOTH) && plain && is_flat())
        DEMAND(r->verdict != JAC_CHECK_FAIL, "the checker fails J[%zu][%zu] = %g, measured %g", r->row, r->column, r->given, r->measured);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    data = bytes;
    left = n;
    n_blocks = 0;
    ready = forwarded = 0;
    mode = byte() % MODES;
    net = block(sizeof *net, 0);
    memset(net, (int)byte(), sizeof *net);
    memory = NULL;
    size = n_out = 0;
    describe();
    if (!chance(16)) init();
    for (int calls = 0; left > 0 && calls < MOST_CALLS; calls++) {
        const int function = byte() % FUNCTIONS;
        if (function == INIT) init();
        else if (function >= CHECKER) call_checker(function);
        else call_net(function);
    }
    while (n_blocks > 0) free(blocks[--n_blocks].base);
    return 0;
}
