/* test_errors.c - bad input. Every call that must be refused is refused with its own code and changes no byte: not of an
 * output, not of the net (but jac_net_init's), not of its memory, not of anything beside them. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define BIT(i) (1u << (i))

/* ---- the world: everything a call can read or write, each item in the middle of a room of its own ---- */

enum { NET, LAYERS, W1, B1, W2, B2, MEMORY, X, Y, J, OPTIONS, REPORT, FUNCTION, ITEMS };
enum { N = 4, HIDDEN = 6, O = 2, LAYERS_OF_NET = 4, SAMPLES = 2, ROOM = 16384, MIDDLE = ROOM / 2, POISON = 0x5a };

typedef union {
    unsigned char byte[ROOM];
    jac_net net;
    jac_layer layer;
    jac_real real;
    jac_check_options options;
    jac_check_report report;
} room;
static room world[ITEMS], before[ITEMS];

static void *at(int item) { return world[item].byte + MIDDLE; }

/* ---- the functions under test, called through one list of arguments ---- */

enum { INIT, FORWARD, BACKWARD, BOTH, BATCH, VJP, JVP, CHECKER, CHECK_FUNCTION, FUNCTIONS };

typedef struct {
    void *p[ITEMS];                 /* X is V of jac_vjp and U of jac_jvp, J is VJ and JU */
    size_t n_in, n_out, n_layers, memory_size, n;
} arguments;

static void first_inputs(const jac_real *x, jac_real *y, void *user)
{
    (void)user;
    for (int o = 0; o < O; o++) y[o] = x[o];
}

static jac_status call(int function, const arguments *a)
{
    switch (function) {
    case INIT:     return jac_net_init(a->p[NET], a->n_in, a->p[LAYERS], a->n_layers, a->p[MEMORY], a->memory_size);
    case FORWARD:  return jac_forward(a->p[NET], a->p[X], a->p[Y]);
    case BACKWARD: return jac_backward(a->p[NET], a->p[J]);
    case BOTH:     return jac_forward_backward(a->p[NET], a->p[X], a->p[Y], a->p[J]);
    case BATCH:    return jac_forward_backward_batch(a->p[NET], a->n, a->p[X], a->p[Y], a->p[J]);
    case VJP:      return jac_vjp(a->p[NET], a->n, a->p[X], a->p[J]);
    case JVP:      return jac_jvp(a->p[NET], a->n, a->p[X], a->p[J]);
    case CHECKER:  return jac_check(a->p[NET], a->p[X], a->p[J], a->p[OPTIONS], a->p[REPORT]);
    default:       return jac_check_function(a->p[FUNCTION] ? first_inputs : NULL, NULL, a->n_in, a->n_out, a->p[X], a->p[J], a->p[OPTIONS],
                                             a->p[REPORT], a->p[MEMORY], a->memory_size);
    }
}

/* The faults a call can have, in the order in which they are looked for. */
enum { F_NULL, F_NOT_READY, F_NO_FORWARD, F_DESCRIPTION, F_OVERFLOW, F_NO_MEMORY, F_MEMORY, F_OPTION, F_OVERLAP, FAULTS };

#define OWN (BIT(NET) | BIT(LAYERS) | BIT(W1) | BIT(B1) | BIT(W2) | BIT(B2) | BIT(MEMORY))      /* what a net consists of */

static const struct {
    const char *name;
    unsigned needs;                 /* pointers that may not be NULL */
    unsigned writes;                /* items that a call may change */
    unsigned faults;                /* what it can be refused for */
    int null, moved, over;          /* examples: of a NULL, and of an item moved over another */
    jac_status description;         /* and what F_DESCRIPTION is */
} functions[FUNCTIONS] = {
    { "jac_net_init", BIT(NET) | BIT(LAYERS) | BIT(MEMORY), BIT(NET),
      BIT(F_NULL) | BIT(F_DESCRIPTION) | BIT(F_NO_MEMORY) | BIT(F_MEMORY) | BIT(F_OVERLAP), LAYERS, MEMORY, W1, JAC_ERROR_CHAIN },
    { "jac_forward", BIT(NET) | BIT(X), BIT(NET) | BIT(MEMORY) | BIT(Y),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_OVERLAP), X, Y, X, JAC_OK },
    { "jac_backward", BIT(NET) | BIT(J), BIT(MEMORY) | BIT(J),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_NO_FORWARD) | BIT(F_OVERLAP), J, J, W2, JAC_OK },
    { "jac_forward_backward", BIT(NET) | BIT(X) | BIT(J), BIT(NET) | BIT(MEMORY) | BIT(Y) | BIT(J),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_OVERLAP), J, J, Y, JAC_OK },
    { "jac_forward_backward_batch", BIT(NET) | BIT(X) | BIT(J), BIT(NET) | BIT(MEMORY) | BIT(Y) | BIT(J),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_OVERFLOW) | BIT(F_OVERLAP), X, J, X, JAC_OK },
    { "jac_vjp", BIT(NET) | BIT(X) | BIT(J), BIT(MEMORY) | BIT(J),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_NO_FORWARD) | BIT(F_OVERFLOW) | BIT(F_OVERLAP), X, J, X, JAC_OK },
    { "jac_jvp", BIT(NET) | BIT(X) | BIT(J), BIT(MEMORY) | BIT(J),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_NO_FORWARD) | BIT(F_OVERFLOW) | BIT(F_OVERLAP), J, J, X, JAC_OK },
    { "jac_check", BIT(NET) | BIT(X) | BIT(J) | BIT(REPORT), BIT(MEMORY) | BIT(REPORT),
      BIT(F_NULL) | BIT(F_NOT_READY) | BIT(F_OPTION) | BIT(F_OVERLAP), J, X, MEMORY, JAC_OK },
    { "jac_check_function", BIT(FUNCTION) | BIT(X) | BIT(J) | BIT(REPORT) | BIT(MEMORY), BIT(MEMORY) | BIT(REPORT),
      BIT(F_NULL) | BIT(F_DESCRIPTION) | BIT(F_OVERFLOW) | BIT(F_NO_MEMORY) | BIT(F_MEMORY) | BIT(F_OPTION) | BIT(F_OVERLAP),
      FUNCTION, REPORT, X, JAC_ERROR_SIZE },
};

static size_t bytes_of(int function, int item)
{
    const size_t n = function == BATCH || function == VJP || function == JVP ? SAMPLES : 1;
    switch (item) {
    case NET:     return sizeof(jac_net);
    case LAYERS:  return LAYERS_OF_NET * sizeof(jac_layer);
    case W1:      return HIDDEN * N * sizeof(jac_real);
    case B1:      return HIDDEN * sizeof(jac_real);
    case W2:      return O * HIDDEN * sizeof(jac_real);
    case B2:      return O * sizeof(jac_real);
    case MEMORY:  return function == CHECK_FUNCTION ? jac_check_size(N, O) : jac_net_size(N, at(LAYERS), LAYERS_OF_NET);
    case X:       return n * (function == VJP ? O : N) * sizeof(jac_real);
    case Y:       return n * O * sizeof(jac_real);
    case J:       return n * (function == VJP ? N : function == JVP ? O : O * N) * sizeof(jac_real);
    case OPTIONS: return sizeof(jac_check_options);
    case REPORT:  return sizeof(jac_check_report);
    default:      return 1;
    }
}

/* Field by field, so that what lies between the fields stays as it was and can be compared. */
static void put_layers(const jac_layer *layers, size_t n)
{
    jac_layer *to = at(LAYERS);
    for (size_t l = 0; l < n; l++) {
        to[l].kind = layers[l].kind;
        to[l].in = layers[l].in;
        to[l].out = layers[l].out;
        to[l].W = layers[l].W;
        to[l].b = layers[l].b;
        to[l].alpha = layers[l].alpha;
        to[l].f = layers[l].f;
        to[l].user = layers[l].user;
    }
}

/* A world in order, with a net that has a forward point, and arguments that every function accepts. */
static arguments good(int function)
{
    static const jac_check_options options = { 0, 7, 0, 0 };
    const jac_layer layers[LAYERS_OF_NET] = {
        JAC_DENSE(N, HIDDEN, at(W1), at(B1)), JAC_RELU, JAC_DENSE_T(HIDDEN, O, at(W2), at(B2)), JAC_SOFTMAX
    };
    const int numbers[] = { W1, B1, W2, B2, X, J };
    arguments a;
    memset(world, POISON, sizeof world);
    put_layers(layers, LAYERS_OF_NET);
    memcpy(at(OPTIONS), &options, sizeof options);
    for (size_t k = 0; k < COUNT(numbers); k++) {
        jac_real *v = at(numbers[k]);
        for (size_t i = 0; i < bytes_of(BATCH, numbers[k]) / sizeof *v; i++) v[i] = (jac_real)((i * 37 + k * 11) % 17) / 8 - 1;
    }
    for (int item = 0; item < ITEMS; item++) a.p[item] = at(item);
    a.n_in = N;
    a.n_out = O;
    a.n_layers = LAYERS_OF_NET;
    a.n = SAMPLES;
    a.memory_size = bytes_of(INIT, MEMORY);
    if (call(INIT, &a) != JAC_OK || call(FORWARD, &a) != JAC_OK) CHECK_MSG(0, "a good net is refused");
    a.memory_size = bytes_of(function, MEMORY);
    return a;
}

/* ---- the two judges ---- */

static jac_net refused;             /* what the last failed jac_net_init left */
static int bad_calls;

/* The call returns `expected` and changes nothing; but jac_net_init leaves a net that refuses every call. */
static void refuse(jac_status expected, int function, const arguments *a, const char *what)
{
    const int leaves_net = function == INIT && a->p[NET] == at(NET);
    jac_status status;
    bad_calls++;
    memcpy(before, world, sizeof world);
    status = call(function, a);
    if (leaves_net) {
        refused = *(const jac_net *)at(NET);
        memcpy(at(NET), before[NET].byte + MIDDLE, sizeof(jac_net));
    }
    CHECK_MSG(status == expected && memcmp(before, world, sizeof world) == 0, "%s, %s: %s%s", functions[function].name, what,
              jac_status_string(status), memcmp(before, world, sizeof world) == 0 ? "" : " (and something was written)");
    if (!leaves_net) return;
    CHECK_MSG(refused.n_in == 0 && refused.n_out == 0, "%s: the net kept its sizes", what);
    if (expected == JAC_ERROR_NO_LAYERS || expected == JAC_ERROR_MEMORY || expected == JAC_ERROR_OVERLAP || !a->p[LAYERS] ||
        (expected == JAC_ERROR_NULL && !a->p[MEMORY]))
        CHECK_MSG(refused.bad_layer == JAC_NO_LAYER, "%s: bad_layer is %d, but no layer is at fault", what, (int)refused.bad_layer);
    for (int f = FORWARD; f <= CHECKER; f++) {
        arguments b = good(f);
        *(jac_net *)b.p[NET] = refused;
        CHECK_MSG(call(f, &b) == JAC_ERROR_NOT_READY, "%s after a failed jac_net_init (%s)", functions[f].name, what);
    }
}

/* The call is accepted and writes nothing but what it should. */
static void accept(int function, const arguments *a, const char *what)
{
    jac_status status;
    memcpy(before, world, sizeof world);
    status = call(function, a);
    for (int item = 0; item < ITEMS; item++) {
        if (!(functions[function].writes & BIT(item)) || a->p[item] == NULL) continue;
        memcpy((unsigned char *)before + ((unsigned char *)a->p[item] - (unsigned char *)world), a->p[item], bytes_of(function, item));
    }
    CHECK_MSG(status == JAC_OK, "%s, %s: %s", functions[function].name, what, jac_status_string(status));
    CHECK_MSG(memcmp(before, world, sizeof world) == 0, "%s, %s: wrote beside its outputs", functions[function].name, what);
}

/* ---- tests ---- */

/* Every set of NULL pointers; and what may be NULL. */
static void test_null(void)
{
    for (int f = 0; f < FUNCTIONS; f++) {
        for (unsigned set = 1; set < BIT(ITEMS); set++) {
            arguments a;
            if (set & ~functions[f].needs) continue;
            a = good(f);
            for (int item = 0; item < ITEMS; item++) if (set & BIT(item)) a.p[item] = NULL;
            refuse(JAC_ERROR_NULL, f, &a, "NULL");
            if (f != BATCH && f != VJP && f != JVP) continue;
            a.n = 0;
            refuse(JAC_ERROR_NULL, f, &a, "NULL and nothing to do");
        }
        {
            arguments a = good(f);
            a.p[Y] = a.p[OPTIONS] = NULL;
            accept(f, &a, "NULL for y and the options");
        }
    }
}

static void commit(int fault, int f, arguments *a)
{
    switch (fault) {
    case F_NULL:        a->p[functions[f].null] = NULL; break;
    case F_NOT_READY:   memset(at(NET), 0, sizeof(jac_net)); break;
    case F_NO_FORWARD:  (void)jac_net_init(at(NET), N, at(LAYERS), LAYERS_OF_NET, at(MEMORY), bytes_of(INIT, MEMORY)); break;
    case F_DESCRIPTION: a->n_in = f == INIT ? N + 1 : 0; break;
    case F_OVERFLOW:    a->n = a->n_out = SIZE_MAX; break;
    case F_NO_MEMORY:   a->p[MEMORY] = NULL; break;
    case F_MEMORY:      a->memory_size = bytes_of(f, MEMORY) - 1; break;
    case F_OPTION:      ((jac_check_options *)at(OPTIONS))->step = -1; break;
    case F_OVERLAP:     a->p[functions[f].moved] = at(functions[f].over); break;
    }
}

/* Every set of faults: the first in order names the status. */
static void test_order(void)
{
    static const jac_status status[FAULTS] = { JAC_ERROR_NULL, JAC_ERROR_NOT_READY, JAC_ERROR_NO_FORWARD, JAC_OK, JAC_ERROR_OVERFLOW,
                                               JAC_ERROR_NULL, JAC_ERROR_MEMORY, JAC_ERROR_OPTION, JAC_ERROR_OVERLAP };
    for (int f = 0; f < FUNCTIONS; f++) {
        arguments a = good(f);
        accept(f, &a, "all in order");
        for (unsigned set = 1; set < BIT(FAULTS); set++) {
            int first = 0;
            if (set & ~functions[f].faults) continue;
            a = good(f);
            while (!(set & BIT(first))) first++;
            for (int fault = FAULTS - 1; fault >= 0; fault--) if (set & BIT(fault)) commit(fault, f, &a);
            refuse(first == F_DESCRIPTION ? functions[f].description : status[first], f, &a, "several faults");
        }
    }
}

/* A net that was only zeroed, not even made once. */
static void test_zeroed(void)
{
    static const jac_net zero;
    for (int f = FORWARD; f <= CHECKER; f++) {
        arguments a = good(f);
        *(jac_net *)at(NET) = zero;
        refuse(JAC_ERROR_NOT_READY, f, &a, "zeroed net");
        a.n = 0;                                    /* no samples and no rows: the checks are the same */
        refuse(JAC_ERROR_NOT_READY, f, &a, "zeroed net, n = 0");
        if (!(functions[f].faults & BIT(F_NO_FORWARD))) continue;
        a = good(f);
        a.n = 0;
        commit(F_NO_FORWARD, f, &a);
        refuse(JAC_ERROR_NO_FORWARD, f, &a, "no forward point, n = 0");
    }
}

/* jac_net_init and jac_net_size agree about a description; the layers are copied into the world. */
static void describe(jac_status expected, size_t n_in, const jac_layer *layers, size_t n_layers, size_t bad_layer, const char *what)
{
    arguments a = good(INIT);
    put_layers(layers, n_layers < LAYERS_OF_NET ? n_layers : LAYERS_OF_NET);
    a.n_in = n_in;
    a.n_layers = n_layers;
    if (expected == JAC_OK) a.memory_size = ROOM / 2;
    else a.memory_size = 1;
    CHECK_MSG((jac_net_size(n_in, a.p[LAYERS], n_layers) > 0) == (expected == JAC_OK || expected == JAC_ERROR_MEMORY), "size: %s", what);
    if (expected == JAC_OK) {
        accept(INIT, &a, what);
        CHECK_MSG(((jac_net *)at(NET))->bad_layer == JAC_NO_LAYER, "no layer is at fault: %s", what);
    } else {
        refuse(expected, INIT, &a, what);
        CHECK_MSG(refused.bad_layer == bad_layer, "bad_layer is not %d: %s", (int)bad_layer, what);
    }
}

/* What can be wrong with a layer, at each place of a chain. */
static void test_each_layer(void)
{
    static const struct { const char *what; jac_status status; int dense; } spoilt[] = {
        { "kind 0", JAC_ERROR_LAYER, 0 },        { "first unknown kind", JAC_ERROR_LAYER, 0 }, { "kind -1", JAC_ERROR_LAYER, 0 },
        { "kind INT_MAX", JAC_ERROR_LAYER, 0 },  { "no function", JAC_ERROR_NULL, 0 },         { "no weights", JAC_ERROR_NULL, 1 },
        { "0 inputs", JAC_ERROR_SIZE, 1 },       { "0 outputs", JAC_ERROR_SIZE, 1 },           { "-1 inputs", JAC_ERROR_SIZE, 1 },
        { "-1 outputs", JAC_ERROR_SIZE, 1 },     { "UINT_MAX inputs", JAC_ERROR_SIZE, 1 },     { "UINT_MAX outputs", JAC_ERROR_SIZE, 1 },
        { "in x out", JAC_ERROR_OVERFLOW, 1 },   { "one input more", JAC_ERROR_CHAIN, 1 },     { "one input less", JAC_ERROR_CHAIN, 1 },
        { "last kind before", JAC_ERROR_LAYER, 0 },
    };
    const jac_real *W = at(W1);
    const jac_layer chains[][LAYERS_OF_NET] = {
        { JAC_DENSE(N, HIDDEN, W, NULL), JAC_RELU, JAC_DENSE_T(HIDDEN, O, W, NULL), JAC_SOFTMAX },
        { JAC_TANH, JAC_DENSE_T(N, HIDDEN, W, NULL), JAC_LOG_SOFTMAX, JAC_DENSE(HIDDEN, O, W, NULL) },
    };
    for (size_t c = 0; c < COUNT(chains); c++) {
        describe(JAC_OK, N, chains[c], LAYERS_OF_NET, JAC_NO_LAYER, "a good chain");
        for (size_t l = 0; l < LAYERS_OF_NET; l++) {
            for (size_t s = 0; s < COUNT(spoilt); s++) {
                jac_layer layers[LAYERS_OF_NET], *bad = &layers[l];
                memcpy(layers, chains[c], sizeof layers);
                if (spoilt[s].dense && bad->W == NULL) continue;
                switch (s) {
                case 0:  bad->kind = 0; break;
                case 1:  bad->kind = JAC_KIND_COUNT; break;
                case 2:  bad->kind = UINT_MAX; break;
                case 3:  bad->kind = INT_MAX; break;
                case 4:  bad->kind = JAC_KIND_ACTIVATION; break;
                case 5:  bad->W = NULL; break;
                case 6:  bad->in = 0; break;
                case 7:  bad->out = 0; break;
                case 8:  bad->in = SIZE_MAX; break;
                case 9:  bad->out = SIZE_MAX; break;
                case 10: bad->in = UINT_MAX; break;
                case 11: bad->out = UINT_MAX; break;
                case 12: bad->in = bad->out = UINT_MAX - 1; break;
                case 13: bad->in++; break;
                case 14: bad->in--; break;
                case 15: bad->kind = JAC_KIND_DENSE - 1; break;
                }
                describe(spoilt[s].status, N, layers, LAYERS_OF_NET, l, spoilt[s].what);
                for (size_t k = l + 1; k < LAYERS_OF_NET; k++) layers[k].kind = 0;
                describe(spoilt[s].status, N, layers, LAYERS_OF_NET, l, "the first of several bad layers");
            }
        }
    }
}

/* Sizes just below, at and above what an object can have, whatever the width of size_t. */
static void test_sizes(void)
{
    static const jac_real W[1] = { 1 };
    const size_t limit = PTRDIFF_MAX / sizeof(jac_real);            /* 2^odd - 1 or 2^even - 1 numbers */
    const size_t a = (size_t)1 << (sizeof(size_t) * CHAR_BIT - 4) / 2, huge = UINT_MAX - 1, most_layers = PTRDIFF_MAX / sizeof(jac_layer);
    const struct {
        jac_status status;
        size_t n_in;
        jac_layer layers[LAYERS_OF_NET];
        size_t n_layers, bad_layer;
        const char *what;
    } cases[] = {
        { JAC_ERROR_SIZE, 0, { JAC_DENSE(1, 1, W, NULL), JAC_RELU }, 2, JAC_NO_LAYER, "N = 0" },
        { JAC_ERROR_SIZE, 0, { JAC_RELU, JAC_RELU }, 2, JAC_NO_LAYER, "N = 0, no dense layer" },
        { JAC_ERROR_SIZE, SIZE_MAX, { JAC_DENSE(1, 1, W, NULL), JAC_RELU }, 2, JAC_NO_LAYER, "N = -1" },
        { JAC_ERROR_SIZE, UINT_MAX, { JAC_RELU, JAC_RELU }, 2, JAC_NO_LAYER, "N = UINT_MAX" },
        { JAC_ERROR_OVERFLOW, huge, { JAC_SOFTMAX, JAC_RELU }, 2, sizeof(size_t) > sizeof(unsigned), "N = UINT_MAX - 1, J of N x N" },
        { sizeof(size_t) > sizeof(unsigned) ? JAC_ERROR_MEMORY : JAC_ERROR_OVERFLOW, huge, { JAC_DENSE(huge, 1, W, NULL), JAC_RELU }, 2,
          sizeof(size_t) > sizeof(unsigned) ? JAC_NO_LAYER : 0, "N = UINT_MAX - 1, O = 1" },
        { JAC_ERROR_NO_LAYERS, N, { JAC_RELU, JAC_RELU }, 0, JAC_NO_LAYER, "no layers" },
        { JAC_ERROR_NO_LAYERS, 0, { JAC_RELU, JAC_RELU }, 0, JAC_NO_LAYER, "no layers and no inputs: NO_LAYERS comes first" },
        { JAC_ERROR_NULL, 1, { JAC_DENSE(0, 1, NULL, NULL), JAC_RELU }, 2, 0, "no weights and no inputs: NULL comes first" },
        { JAC_ERROR_OVERFLOW, N, { JAC_RELU, JAC_RELU }, SIZE_MAX, JAC_NO_LAYER, "-1 layers" },
        { JAC_ERROR_OVERFLOW, N, { JAC_RELU, JAC_RELU }, SIZE_MAX / sizeof(jac_layer) + 2, JAC_NO_LAYER, "layers that wrap around" },
        { JAC_ERROR_OVERFLOW, N, { JAC_RELU, JAC_RELU }, most_layers + 1, JAC_NO_LAYER, "one layer too many" },
        { JAC_ERROR_LAYER, N, { { 0, 0, 0, NULL, NULL, 0, NULL, NULL }, JAC_RELU }, most_layers, 0, "the last number of layers that fits" },
        { JAC_ERROR_MEMORY, a - 1, { JAC_DENSE(a - 1, a + 1, W, NULL), JAC_DENSE_T(a + 1, 1, W, NULL) }, 2, JAC_NO_LAYER, "W at limit" },
        { JAC_ERROR_MEMORY, a, { JAC_DENSE(a, limit / a, W, NULL), JAC_DENSE_T(limit / a, 1, W, NULL) }, 2, JAC_NO_LAYER, "W below" },
        { JAC_ERROR_OVERFLOW, a, { JAC_DENSE(a, limit / a + 1, W, NULL), JAC_RELU }, 2, 0, "W above" },
        { JAC_ERROR_OVERFLOW, 1, { JAC_DENSE(1, a, W, NULL), JAC_DENSE_T(a, limit / a + 1, W, NULL) }, 2, 1, "second W above" },
        { JAC_ERROR_MEMORY, a, { JAC_DENSE(a, 1, W, NULL), JAC_DENSE(1, limit / a, W, NULL) }, 2, JAC_NO_LAYER, "J below the limit" },
        { JAC_ERROR_OVERFLOW, a, { JAC_DENSE(a, 1, W, NULL), JAC_DENSE(1, limit / a + 1, W, NULL) }, 2, 1, "J above the limit" },
        { JAC_OK, 1, { JAC_DENSE(1, 1, W, NULL), JAC_SOFTMAX }, 2, 0, "all of width 1" },
        { JAC_OK, 3, { JAC_SOFTMAX, JAC_SOFTMAX }, 2, 0, "nothing but softmax" },
        { JAC_OK, 3, { JAC_GELU, JAC_RELU }, 1, 0, "one layer" },
    };
    for (size_t k = 0; k < COUNT(cases); k++)
        describe(cases[k].status, cases[k].n_in, cases[k].layers, cases[k].n_layers, cases[k].bad_layer, cases[k].what);
    CHECK(jac_net_size(N, NULL, LAYERS_OF_NET) == 0);

    for (int f = BATCH; f <= JVP; f++) {            /* n times the larger of its matrices */
        const size_t most = limit / (f == BATCH ? N * O : N);
        const struct { size_t n; jac_status status; } batches[] = {
            { most + 1, JAC_ERROR_OVERFLOW }, { SIZE_MAX, JAC_ERROR_OVERFLOW }, { PTRDIFF_MAX, JAC_ERROR_OVERFLOW },
            { SIZE_MAX / sizeof(jac_real) + 1, JAC_ERROR_OVERFLOW }, { SIZE_MAX / (N * sizeof(jac_real)) + 2, JAC_ERROR_OVERFLOW },
            { most, JAC_ERROR_OVERLAP }, { most - 1, JAC_ERROR_OVERLAP },   /* as large as an object can be: over everything here */
        };
        for (size_t k = 0; k < COUNT(batches); k++) {
            arguments b = good(f);
            b.n = batches[k].n;
            refuse(batches[k].status, f, &b, "n at the limit");
        }
        for (int over = 0; over < 2; over++) {      /* nothing to do is no error, wherever the nothing lies */
            arguments b = good(f);
            b.n = 0;
            if (over) b.p[J] = b.p[Y] = b.p[MEMORY];
            memcpy(before, world, sizeof world);
            CHECK(call(f, &b) == JAC_OK && memcmp(before, world, sizeof world) == 0);
        }
    }
    {
        arguments b = good(BATCH);                  /* nor is it a forward point */
        commit(F_NO_FORWARD, BATCH, &b);
        b.n = 0;
        CHECK(call(BATCH, &b) == JAC_OK);
        refuse(JAC_ERROR_NO_FORWARD, BACKWARD, &b, "after a batch of none");
    }
    {
        const struct { size_t n_in, n_out; jac_status status; } shapes[] = {
            { 0, 1, JAC_ERROR_SIZE }, { 1, 0, JAC_ERROR_SIZE }, { 0, 0, JAC_ERROR_SIZE }, { SIZE_MAX, 2, JAC_ERROR_OVERFLOW },
            { 2, SIZE_MAX, JAC_ERROR_OVERFLOW }, { SIZE_MAX, SIZE_MAX, JAC_ERROR_OVERFLOW }, { PTRDIFF_MAX, 1, JAC_ERROR_OVERFLOW },
            { 1, PTRDIFF_MAX, JAC_ERROR_OVERFLOW }, { limit + 1, 1, JAC_ERROR_OVERFLOW }, { 1, limit + 1, JAC_ERROR_OVERFLOW },
            { a, limit / a + 1, JAC_ERROR_OVERFLOW }, { a, limit / a, JAC_ERROR_MEMORY }, { a - 1, a + 1, JAC_ERROR_MEMORY },
        };
        for (size_t k = 0; k < COUNT(shapes); k++) {
            arguments b = good(CHECK_FUNCTION);
            b.n_in = shapes[k].n_in;
            b.n_out = shapes[k].n_out;
            refuse(shapes[k].status, CHECK_FUNCTION, &b, "size of a function");
            CHECK_MSG((jac_check_size(b.n_in, b.n_out) > 0) == (shapes[k].status == JAC_ERROR_MEMORY), "jac_check_size, shape %d", (int)k);
        }
    }
}

/* Memory one byte too small, exact, larger; exact memory that ends at something else is not exceeded. */
static void test_memory_size(void)
{
    static const int which[] = { INIT, CHECK_FUNCTION };
    for (size_t k = 0; k < COUNT(which); k++) {
        const size_t size = bytes_of(which[k], MEMORY), sizes[] = { 0, 1, size / 2, size - 1, size, size + 1, SIZE_MAX };
        for (size_t s = 0; s < COUNT(sizes); s++) {
            arguments a = good(which[k]);
            a.memory_size = sizes[s];
            if (sizes[s] < size) refuse(JAC_ERROR_MEMORY, which[k], &a, "memory too small");
            else accept(which[k], &a, "memory large enough");
            if (which[k] == INIT && sizes[s] < size) CHECK(refused.bad_layer == JAC_NO_LAYER);
        }
    }
    {
        arguments a = good(INIT);                   /* what is beyond jac_net_size bytes is not the net's: an output may lie there */
        a.memory_size = ROOM / 2;
        CHECK(call(INIT, &a) == JAC_OK);
        a.p[Y] = (unsigned char *)at(MEMORY) + (bytes_of(INIT, MEMORY) + 7) / 8 * 8;
        accept(FORWARD, &a, "y in memory that the net does not need");
    }
}

/* Sizes of J near the square root of the largest number of bytes, where the library need not divide to know that they fit. */
static void test_products(void)
{
    const size_t root = (size_t)1 << sizeof(size_t) * 4, s = root / sizeof(jac_real);
    const size_t ins[] = { 1, s / 2 - 1, s / 2, s / 2 + 1, s - 1, s, s + 1, s * 2 - 1 };
    const size_t outs[] = { 1, root / 2 - 1, root / 2, root / 2 + 1, root - 1, root, root + 1, root * 2 - 1 };
    for (size_t i = 0; i < COUNT(ins); i++) for (size_t j = 0; j < COUNT(outs); j++) {
        const int fits = ins[i] <= PTRDIFF_MAX / sizeof(jac_real) / outs[j];
        CHECK_MSG((jac_check_size(ins[i], outs[j]) != 0) == fits, "%lu to %lu", (unsigned long)ins[i], (unsigned long)outs[j]);
    }
}

/* ---- overlap ---- */

static const struct { int function, moved; unsigned over; } forbidden[] = {
    { INIT, MEMORY, OWN & ~BIT(MEMORY) }, { INIT, NET, OWN & ~BIT(NET) & ~BIT(MEMORY) },
    { FORWARD, Y, OWN | BIT(X) },         { FORWARD, X, BIT(NET) | BIT(MEMORY) },
    { BACKWARD, J, OWN },
    { BOTH, Y, OWN | BIT(X) | BIT(J) },   { BOTH, J, OWN | BIT(X) | BIT(Y) },   { BOTH, X, BIT(NET) | BIT(MEMORY) },
    { BATCH, Y, OWN | BIT(X) | BIT(J) },  { BATCH, J, OWN | BIT(X) | BIT(Y) },  { BATCH, X, BIT(NET) | BIT(MEMORY) },
    { VJP, J, OWN | BIT(X) },             { VJP, X, BIT(NET) | BIT(MEMORY) },
    { JVP, J, OWN | BIT(X) },             { JVP, X, BIT(NET) | BIT(MEMORY) },
    { CHECKER, REPORT, OWN | BIT(X) | BIT(J) | BIT(OPTIONS) },                  { CHECKER, X, BIT(MEMORY) },
    { CHECKER, J, BIT(MEMORY) },          { CHECKER, OPTIONS, BIT(MEMORY) },
    { CHECK_FUNCTION, MEMORY, BIT(X) | BIT(J) | BIT(OPTIONS) | BIT(REPORT) },   { CHECK_FUNCTION, REPORT, BIT(X) | BIT(J) | BIT(OPTIONS) },
};

/* Of y and J the one that is not moved goes near the other: below it and what it is moved over, or above both. */
static void put_near(int above, int moved, int over, ptrdiff_t n, arguments *a)
{
    const ptrdiff_t by = (unsigned char *)a->p[moved] - (unsigned char *)at(over), gap = 512;
    unsigned char *const p = (unsigned char *)at(over) + (above ? (by > 0 ? by : 0) + n + gap : (by < 0 ? by : 0) - gap);
    a->p[moved == J ? Y : J] = p - (uintptr_t)p % 8;
}

/* One item moved over another: by a byte from below, from above, onto it, into it; and beside it, touching. */
static void test_overlap(void)
{
    for (size_t k = 0; k < COUNT(forbidden); k++) {
        const int f = forbidden[k].function, moved = forbidden[k].moved;
        for (int over = 0; over < ITEMS; over++) {
            ptrdiff_t m, n;
            if (!(forbidden[k].over & BIT(over))) continue;
            (void)good(f);                          /* the sizes are known in a world in order */
            m = (ptrdiff_t)bytes_of(f, moved);
            n = (ptrdiff_t)bytes_of(f == CHECK_FUNCTION || over != MEMORY ? f : INIT, over);
            {
                const struct { ptrdiff_t by; int overlaps; } places[] = {
                    { 1 - m, 1 }, { -m / 2, 1 }, { 0, 1 }, { n / 2, 1 }, { n - 1, 1 }, { -m, 0 }, { n, 0 },
                };
                const unsigned y_and_J = BIT(Y) | BIT(J);
                const int pair = (functions[f].writes & y_and_J) == y_and_J && (y_and_J & BIT(moved)) && !(y_and_J & BIT(over));
                for (size_t p = 0; p < COUNT(places); p++) for (int where = 0; where < (pair ? 3 : 1); where++) {
                    arguments a = good(f);
                    ptrdiff_t by = places[p].by;
                    const ptrdiff_t off = (by % 8 + 8) % 8;
                    if (moved != MEMORY && (!places[p].overlaps || moved == OPTIONS || moved == NET))
                        by += places[p].overlaps == (by > 0) ? -off : (8 - off) % 8;    /* what is read or written must be aligned */
                    a.p[moved] = (unsigned char *)at(over) + by;
                    if (moved != MEMORY && !(functions[f].writes & BIT(moved)) && !(over == NET && places[p].overlaps))
                        memcpy(a.p[moved], at(moved), (size_t)m);
                    if (where > 0) put_near(where == 2, moved, over, n, &a);
                    if (places[p].overlaps) refuse(JAC_ERROR_OVERLAP, f, &a, "overlap");
                    else accept(f, &a, "touching");
                    if (f == INIT && !places[p].overlaps) accept(BOTH, &a, "with a memory that touches");
                }
            }
        }
    }
}

/* Nothing is written over a dense layer's numbers wherever it stands: behind a softmax, or last. */
static void test_overlap_places(void)
{
    static const int numbers[] = { W1, B1, W2, B2 };
    for (size_t k = 0; k < COUNT(numbers); k++) {
        const jac_layer layers[] = { JAC_SOFTMAX, JAC_DENSE(N, HIDDEN, at(W1), at(B1)), JAC_RELU, JAC_DENSE(HIDDEN, O, at(W2), at(B2)) };
        arguments a = good(FORWARD);
        put_layers(layers, LAYERS_OF_NET);
        a.memory_size = ROOM / 2;
        CHECK(call(INIT, &a) == JAC_OK);
        a.p[Y] = at(numbers[k]);
        refuse(JAC_ERROR_OVERLAP, FORWARD, &a, "y over weights or a bias");
    }
}

/* Inputs may lie over one another, and over what is only read. */
static void test_inputs_shared(void)
{
    for (int f = FORWARD; f < FUNCTIONS; f++) {
        static const int places[] = { W1, W2, LAYERS };
        for (size_t k = 0; k < COUNT(places); k++) {
            arguments a = good(f);
            a.p[X] = at(places[k]);
            accept(f, &a, "input over what is only read");
        }
        if (f < CHECKER) continue;
        {
            arguments a = good(f);
            a.p[J] = a.p[X];
            accept(f, &a, "J over x, both only read");
        }
    }
}

/* What an earlier call read and wrote is the caller's again: a later one may write there. */
static void test_outputs_reused(void)
{
    static const int places[] = { X, Y };
    for (size_t k = 0; k < COUNT(places); k++) {
        for (int f = BACKWARD; f <= JVP; f++) {
            arguments a = good(f);
            if (f == BOTH || f == BATCH) continue;
            a.p[J] = at(places[k]);
            if (f != BACKWARD) a.p[X] = at(J);
            accept(f, &a, "over x or y of the forward point");
        }
    }
}

/* ---- options of the checkers ---- */

static void test_options(void)
{
    const double zero = 0, infinity = HUGE_VAL, nan = infinity - infinity;
    const struct { double value; int refused; } values[] = {
        { -1, 1 }, { -DBL_MIN, 1 }, { -DBL_MAX, 1 }, { infinity, 1 }, { -infinity, 1 }, { nan, 1 }, { -nan, 1 },
        { zero, 0 }, { -zero, 0 }, { DBL_MIN, 0 }, { DBL_EPSILON, 0 }, { 1, 0 }, { DBL_MAX, 0 },
    };
    for (int f = CHECKER; f <= CHECK_FUNCTION; f++) {
        for (size_t k = 0; k < COUNT(values); k++) {
            for (int field = 0; field < 2; field++) {
                arguments a = good(f);
                jac_check_options *options = a.p[OPTIONS];
                *(field ? &options->step : &options->tolerance) = values[k].value;
                if (values[k].refused) refuse(JAC_ERROR_OPTION, f, &a, field ? "step" : "tolerance");
                else accept(f, &a, field ? "step" : "tolerance");
            }
        }
        for (size_t columns = 0; columns < 3; columns++) {
            static const size_t asked[] = { N, N + 1, SIZE_MAX };
            arguments a = good(f);
            jac_check_report *r = a.p[REPORT];
            ((jac_check_options *)a.p[OPTIONS])->columns = asked[columns];
            accept(f, &a, "more columns than there are");
            CHECK(r->checked + r->kinks == N);
        }
    }
}

/* ---- numbers that are not finite are no error, and are never hidden ---- */

static void test_not_finite(void)
{
    static const int places[] = { X, W1, B1, W2, B2 };
    for (size_t k = 0; k < COUNT(places); k++) {
        for (int f = FORWARD; f < FUNCTIONS; f++) {
            arguments a = good(f);
            jac_real *v = a.p[places[k]];
            const jac_real *y = a.p[Y];
            v[0] = (jac_real)(HUGE_VAL - HUGE_VAL);
            if (f == BACKWARD || f == VJP || f == JVP) {
                arguments b = a;
                accept(FORWARD, &b, "NaN");
            }
            accept(f, &a, "NaN");
            for (int o = 0; (f == FORWARD || f == BOTH) && o < O; o++)
                CHECK_MSG(y[o] != y[o], "a NaN in item %d is hidden from y[%d]", places[k], o);
        }
    }
}

/* ---- sizes ---- */

static void a_function(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) a[j] = z[j], da[j] = 1;
}

static void in_bound(size_t n_in, size_t widest, const jac_layer *layers, size_t n)
{
    const size_t size = jac_net_size(n_in, layers, n), bound = JAC_NET_SIZE_BOUND(n_in, widest, n);
    CHECK_MSG(size > 0 && size <= bound, "%d inputs, widest %d, %d layers, the first of kind %u: %lu bytes, bound %lu", (int)n_in,
              (int)widest, (int)n, layers->kind, (unsigned long)size, (unsigned long)bound);
}

/* The bound holds for every chain over these widths: two dense layers, another kind before, between and after them. The inputs are counted
 * whether the widest layer is told to be as wide or not. */
static void check_bound(size_t n_in, size_t n_hidden, size_t n_out)
{
    static const jac_real W[1] = { 1 };
    const size_t widest = n_hidden > n_out ? n_hidden : n_out;
    static const jac_activation f = a_function;
    const jac_layer kinds[] = { JAC_RELU, JAC_TANH, JAC_SOFTMAX, JAC_ACTIVATION(f, NULL), JAC_LEAKY_RELU(1), JAC_ELU(2) };
    jac_layer layers[] = {
        JAC_RELU, JAC_DENSE(n_in, n_hidden, W, NULL), JAC_RELU, JAC_DENSE_T(n_hidden, n_out, W, NULL), JAC_RELU, JAC_RELU
    };
    for (size_t k = 0; k < COUNT(kinds); k++) {
        layers[0] = layers[2] = layers[4] = layers[5] = kinds[k];
        for (size_t from = 0; from < 2; from++) {
            for (size_t n = 4 - from; n <= COUNT(layers) - from; n++) in_bound(n_in, widest, layers + from, n);
        }
    }
}

static void test_bound(void)
{
    static const jac_real W[1] = { 1 };
    static const size_t widths[] = { 1, 2, 5, 8, 17, 31, 32, 33, 100, 4096, 16000 }, padded[] = { 508, 512, 1020, 1024 };
    static const jac_layer all_tanh[] = { JAC_TANH, JAC_TANH, JAC_TANH, JAC_TANH, JAC_TANH, JAC_TANH };
    static unsigned char constant[JAC_NET_SIZE_BOUND(N, HIDDEN, LAYERS_OF_NET)];   /* the bound is a constant expression */
    enum { WIDTHS = COUNT(widths) };
    arguments a = good(INIT);
    a.p[MEMORY] = constant;
    a.memory_size = sizeof constant;
    CHECK(call(INIT, &a) == JAC_OK);
    for (size_t k = 0; k < WIDTHS * WIDTHS * WIDTHS; k++)
        check_bound(widths[k % WIDTHS], widths[k / WIDTHS % WIDTHS], widths[k / WIDTHS / WIDTHS]);
    for (size_t k = 0; k < COUNT(padded); k++)      /* every layer keeps all it can, and rows get the most padding: little is spare */
        for (size_t n = 1; n <= COUNT(all_tanh); n++) in_bound(padded[k], padded[k], all_tanh, n);
    {                                               /* a bit a unit for the checker: of so many it is most of what small blocks need */
        static jac_layer deep[1000];
        const jac_layer relu = JAC_RELU;
        for (size_t l = 0; l < COUNT(deep); l++) deep[l] = relu;
        in_bound(4096, 4096, deep, COUNT(deep));
    }
    for (size_t w = JAC_ROWS > 100 ? JAC_ROWS : 100; w <= 6400; w *= 2) { /* twice the widths, four times N O: about twice the memory */
        const jac_layer once[] = { JAC_DENSE(w, w, W, NULL), JAC_RELU }, twice[] = { JAC_DENSE(2 * w, 2 * w, W, NULL), JAC_RELU };
        CHECK(10 * jac_net_size(2 * w, twice, 2) <= 21 * jac_net_size(w, once, 2));
    }
#if JAC_ROWS == 1 && JAC_SAMPLES == 1 && defined(JAC_FLOAT)
    {
        const jac_layer layers[] = {
            JAC_DENSE(4, 32, W, W), JAC_RELU, JAC_DENSE(32, 32, W, W), JAC_RELU, JAC_DENSE(32, 4, W, W), JAC_SOFTMAX
        };
        CHECK_MSG(jac_net_size(4, layers, 6) < 1024, "4-32-32-4 in float needs %d bytes", (int)jac_net_size(4, layers, 6));
    }
#endif
}

/* ---- words ---- */

static void test_strings(void)
{
    static const int unknown[] = { -1, JAC_STATUS_COUNT, JAC_STATUS_COUNT + 1, INT_MAX, INT_MIN };
    static const char *const words[JAC_STATUS_COUNT] = {        /* what each text speaks of */
        "no error", "NULL", "no layers", "width", "sizes multiply", "bad_layer", "kind", "too small", "overlaps", "jac_net_init", "forward",
        "option"
    };
    const char *nobody = jac_status_string((jac_status)-1);
    for (int s = 0; s < JAC_STATUS_COUNT; s++) {
        const char *text = jac_status_string((jac_status)s);
        CHECK(text != NULL && strlen(text) > 5 && strcmp(text, nobody) != 0);
        CHECK_MSG(strstr(text, words[s]) != NULL, "status %d: %s", s, text);
        for (int t = 0; t < s; t++) CHECK(strcmp(text, jac_status_string((jac_status)t)) != 0);
    }
    for (size_t k = 0; k < COUNT(unknown); k++) {
        const int status = (int)(jac_status)unknown[k];
        const char *text = jac_status_string((jac_status)status);
        if (status >= 0 && status < JAC_STATUS_COUNT) continue;                 /* an enum of one byte cuts INT_MIN to 0 */
        CHECK(text != NULL && strcmp(text, nobody) == 0);
    }
    CHECK(JAC_OK == 0);
}

int main(void)
{
    test_null();
    test_order();
    test_zeroed();
    test_each_layer();
    test_sizes();
    test_memory_size();
    test_products();
    test_overlap();
    test_overlap_places();
    test_inputs_shared();
    test_outputs_reused();
    test_options();
    test_not_finite();
    test_bound();
    test_strings();
    printf("%d bad calls\n", bad_calls);
    CHECK(bad_calls >= 1500);
    return check_report();
}
