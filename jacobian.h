/* jacobian.h - the exact Jacobian of a neural network, in one C header. Version 1.0.0
 *
 * Describe the net as an array of layers over the weights you already have; one call returns its output y and
 * the O x N matrix J = dy/dx: one forward pass that keeps the derivatives, one reverse pass seeded with the identity.
 * No packages, no heap, no code generator. C99 and later, C++11 and later.
 *
 * SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the jacobian.h authors. The licence stands at the end of the file.
 *
 * ============================================================================================== >>quickstart
 *
 *     #include <stdio.h>
 *     #define JACOBIAN_IMPLEMENTATION                               // in exactly one .c or .cpp file
 *     #include "jacobian.h"
 *
 *     static const double W1[] = { 1, -2,  0.5, 1,  -1, 3 };       // [3][2]: 2 inputs -> 3 units
 *     static const double b1[] = { 0, 0.5, -1 };
 *     static const double W2[] = { 1, 0, 2,  -1, 1, 0,  0, 2, 1 }; // [3][3]: 3 units -> 3 outputs
 *     static const jac_layer layers[] = { JAC_DENSE(2, 3, W1, b1), JAC_RELU, JAC_DENSE(3, 3, W2, NULL), JAC_SOFTMAX };
 *     static unsigned char memory[JAC_NET_SIZE_BOUND(2, 3, 4)];    // 2 inputs, no layer wider than 3, 4 layers
 *
 *     int main(void)
 *     {
 *         jac_net net;
 *         double x[2] = { 1, 0.25 }, y[3], J[3 * 2];
 *         jac_status status = jac_net_init(&net, 2, layers, 4, memory, sizeof memory);
 *         if (status == JAC_OK) status = jac_forward_backward(&net, x, y, J);
 *         if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }
 *         for (int o = 0; o < 3; o++)
 *             printf("y[%d] = %.6f   dy/dx = [% .6f % .6f]\n", o, y[o], J[o * 2], J[o * 2 + 1]);
 *         return 0;
 *     }
 *
 * cc -O2 quickstart.c -o quickstart -lm && ./quickstart prints
 *
 *     y[0] = 0.103380   dy/dx = [ 0.020584 -0.384492]
 *     y[1] = 0.132742   dy/dx = [-0.172682  0.170013]
 *     y[2] = 0.763878   dy/dx = [ 0.152098  0.214479]
 *
 * ================================================================================================ >>contents
 *
 *   Search for a tag to reach its room.
 *     >>quickstart   a complete program            >>platform     compiler, precision, vector sets
 *     >>math         letters, equations, layouts   >>tools        checked sizes, overlap, sums
 *     >>rules        memory, errors, threads       >>kernels      the one product, once per vector set
 *     >>config       switches                      >>layers       one layer's function; softmax
 *     >>types        structs and macros            >>validation   every check on what a caller passes
 *     >>api          functions, in order of use    >>pass         the forward and the backward sweep
 *                                                  >>check        the finite-difference checker
 *                                                  >>public       bodies of >>api, same order
 *                                                  >>history      revisions, licence
 *
 * ==================================================================================================== >>math
 *
 *   N inputs, O outputs, L layers. Capital = matrix, small = vector; all matrices are row-major.
 *     x [N]   input                     W [out x in]  weights, b [out] bias: one dense layer
 *     z       sums of a dense layer     a             activations: what a layer hands to the next
 *     d       act'(z), kept by the forward pass       s             softmax of the logits z
 *     y [O]   output                    J [O x N]     J[o*N + i] = dy_o / dx_i
 *     G       rows of the sensitivity of the output to a layer's values, from G = I back to the input, where it is J
 *
 *   Forward, layer by layer
 *     dense       z_o = b_o + sum_i W_oi a_i                                                                  (M1)
 *     elementwise a_j = act(z_j),  d_j = act'(z_j) is kept                                                    (M2)
 *     softmax     s_o = exp(z_o - z_m) / sum_k exp(z_k - z_m),  z_m the first of the largest, s is kept       (M3)
 *   Backward, from G = I, in the opposite order
 *     dense       G <- G W          G_ri = sum_o G_ro W_oi       (row r of I makes this a copy of W)            (M4)
 *     elementwise G <- G diag(d)    units with d_j = 0 drop out: their rows of W need not be read again       (M5)
 *     softmax     G <- G S,         S_oj = -s_o s_j (j != o),  S_oo = s_o sum_{k != o} s_k                    (M6)
 *   What remains at the input is J. A vector-Jacobian product V J is the same sweep from G = V; a Jacobian-vector
 *   product J u pushes u forward through the same matrices (transposed roles of in and out).
 *
 *   Conventions where mathematics leaves a choice
 *     ReLU'(0) = 0, at -0 too. NaN stays NaN, in value and derivative. The first of equal maxima is "the" maximum.
 *     A unit with d_j = 0 drops out of the products; a weight, or a number of V or U, behind it that is not finite may go unseen.
 *     S_oo is written as a sum, not as s_o (1 - s_o): in a saturated softmax s_o rounds to 1 and the difference to 0,
 *     the sum keeps all its digits. Only the largest s can exceed 1/2, so only it needs the sum.
 *
 * =================================================================================================== >>rules
 *
 *   Memory    The library never allocates, frees, prints, exits, recurses or keeps state outside the net and its memory. It keeps
 *             pointers to the layers, weights and memory it was given and owns none; they must live as long as the net. The weights may
 *             change between calls, but not between a forward call and the backward call that belongs to it.
 *   Errors    Every function says what it may return. All checks come before the first write: on an error every output
 *             and the net's memory are byte for byte as they were, but for the jac_net that jac_net_init was given. Checks run in
 *             this order: NULL, net ready, forward done, the description layer by layer (kind, NULL, size, overflow, chain),
 *             memory (NULL, too small), options, overlap. Numbers that are not finite are no error; they flow through as
 *             IEEE 754 says, but for what units with d = 0 leave out, see >>math.
 *   Threads   One net and one memory a thread; layers and weights may be shared. Nothing else is shared.
 *   Order     Every sum has one order, fixed by the layers, the vector set, which units are off, whether the d of the others are
 *             1, and which class of a softmax is the largest: same input, same build, same machine, same bits, alone or in a batch;
 *             of a NaN only that it is one. See >>kernels. With JAC_NO_SIMD the same bits on every IEEE machine, but for what its
 *             exp, log1p ... return. The file forbids contraction itself; clang's explicit -ffp-contract=fast overrides that, and
 *             so does the x87 without -fexcess-precision=standard (-std=c99 implies it).
 *   Names     The header uses the letters of the mathematics: include it before you define macros such as W, N or x.
 *   Limits    Widths below UINT_MAX. No object above PTRDIFF_MAX bytes. Round to nearest gives the accuracy stated in >>kernels;
 *             other rounding modes are left as they are set, and at most double what is proven. Roundings of one sign do not
 *             cancel there: a sum of 4096 positive products is off by 22 u, not by 4. What leaves the normal range on the
 *             way, such as the d of a sigmoid at -740 (float -95) or the difference of two weights of 1e308, is lost there.
 *   jacobian.h does not: train, read files, convolve, branch, quantise, or start threads.
 *
 * ================================================================================================== >>config
 *
 *   macro                     default  effect; which files must agree
 *   JACOBIAN_IMPLEMENTATION   off      compile the bodies here; define it in exactly one file of a program
 *   JAC_FLOAT                 off      jac_real is float; every file that shares a net. A mix-up fails at link time:
 *                                      float builds carry their own names (jac_forward is jac_forward_f32 to the linker),
 *                                      so a float and a double build can live in one program. A file that calls nothing
 *                                      has nothing to link: layers and nets of the other build are refused when they are used
 *   JAC_STATIC                off      all functions static: with JACOBIAN_IMPLEMENTATION, in each file that has a copy of its own
 *   JAC_API                   extern   linkage of the functions, e.g. __declspec(dllexport); every file
 *   JAC_NO_SIMD               off      portable scalar code only; the implementation file
 *   JAC_ALLOW_FAST_MATH       off      compile under -ffast-math or parts of it: no promise on NaN and accuracy is left; the
 *                                      implementation file. Refused without, but that clang does not tell of -fno-honor-nans
 *                                      and -fno-honor-infinities: do not use them. -fsingle-precision-constant is always refused
 *   JAC_ASSERT(condition)     nothing  checks of the library's own invariants; the implementation file
 *   JAC_ROWS                  64       rows of J in flight: memory grows with it, J is swept in blocks of it; every file
 *   JAC_SAMPLES               8        samples of a batch that share one reading of the weights; every file
 *   JAC_FILE                  "jacobian.h"  this file's own name, if you rename it (it includes itself once a vector set)
 */
#ifndef JACOBIAN_H
#define JACOBIAN_H

#include <limits.h>
#include <stddef.h>

#define JAC_VERSION_MAJOR 1
#define JAC_VERSION_MINOR 0
#define JAC_VERSION_PATCH 0
#define JAC_VERSION "1.0.0"

#ifndef JAC_ROWS
#define JAC_ROWS 64
#endif
#ifndef JAC_SAMPLES
#define JAC_SAMPLES 8
#endif
#if JAC_ROWS < 1 || JAC_SAMPLES < 1
#error "jacobian.h: JAC_ROWS and JAC_SAMPLES are numbers, 1 or more"
#endif

#ifdef __cplusplus
#define JAC_IMPL_CAST(type, value) static_cast<type>(value)
#define JAC_IMPL_POINTER(type, value) reinterpret_cast<type>(value)
#define JAC_IMPL_NULL nullptr
#else
#define JAC_IMPL_CAST(type, value) ((type)(value))
#define JAC_IMPL_POINTER(type, value) ((type)(value))
#define JAC_IMPL_NULL NULL
#endif

/* Linkage. A float build renames every function, and each type that depends on jac_real: it cannot be linked to a double one. */
#ifdef JAC_FLOAT
#define jac_real jac_real_f32
#define jac_activation jac_activation_f32
#define jac_layer jac_layer_f32
#define jac_net jac_net_f32
#define jac_function jac_function_f32
#define jac_net_size jac_net_size_f32
#define jac_net_init jac_net_init_f32
#define jac_forward jac_forward_f32
#define jac_backward jac_backward_f32
#define jac_forward_backward jac_forward_backward_f32
#define jac_forward_backward_batch jac_forward_backward_batch_f32
#define jac_vjp jac_vjp_f32
#define jac_jvp jac_jvp_f32
#define jac_check jac_check_f32
#define jac_check_function jac_check_function_f32
#define jac_check_size jac_check_size_f32
#define jac_status_string jac_status_string_f32
#define jac_impl_kernels jac_impl_kernels_f32           /* C++ has one definition of a type for all files, private ones too */
#define jac_impl_product jac_impl_product_f32
#define jac_impl_tile jac_impl_tile_f32
#define jac_impl_walk jac_impl_walk_f32
#define jac_impl_block jac_impl_block_f32
#define jac_impl_checker jac_impl_checker_f32
#endif

#ifndef JAC_API
#if !defined(JAC_STATIC)
#define JAC_API extern
#elif defined(__GNUC__)
#define JAC_API static __attribute__((unused))
#else
#define JAC_API static
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* =================================================================================================== >>types */

#ifdef JAC_FLOAT
typedef float jac_real;
#else
typedef double jac_real;
#endif

/* What a call returns: code, and what to do about it (jac_status_string). */
#define JAC_STATUSES(X)                                                                                                  \
    X(JAC_OK, "no error")                                                                                                \
    X(JAC_ERROR_NULL, "a required pointer is NULL: pass it (NULL may be: a bias, y, Y, options, user)")                  \
    X(JAC_ERROR_NO_LAYERS, "the net has no layers: pass at least one")                                                   \
    X(JAC_ERROR_SIZE, "a width is zero or too large: every layer needs 1 to UINT_MAX - 1 inputs and outputs")            \
    X(JAC_ERROR_OVERFLOW, "the sizes multiply to more bytes than an object can have: use a smaller net or batch")        \
    X(JAC_ERROR_CHAIN, "a dense layer's inputs differ from what comes before it: compare layer bad_layer with the width before it") \
    X(JAC_ERROR_LAYER, "a layer of unknown kind: fill layers with the JAC_... macros, JAC_FLOAT in every file or in none")   \
    X(JAC_ERROR_MEMORY, "the memory is too small: pass at least jac_net_size() or jac_check_size() bytes")               \
    X(JAC_ERROR_OVERLAP, "an output overlaps an input, another output, the weights or the net's memory: give it its own array") \
    X(JAC_ERROR_NOT_READY, "the net is not ready: call jac_net_init() first and look at what it returns")                \
    X(JAC_ERROR_NO_FORWARD, "there is no forward point yet: call jac_forward() first")                                   \
    X(JAC_ERROR_OPTION, "a checker option is negative or not finite: use 0 for its default")

#define JAC_IMPL_CODE(code, text) code,
#define JAC_IMPL_ONE(code, text) + 1
typedef enum jac_status { JAC_STATUSES(JAC_IMPL_CODE) } jac_status;
enum { JAC_STATUS_COUNT = 0 JAC_STATUSES(JAC_IMPL_ONE) };                  /* how many there are */
#undef JAC_IMPL_CODE
#undef JAC_IMPL_ONE

/* The user's own elementwise function: reads z [n], writes a_j = act(z_j) and da_j = act'(z_j). No overlap. It may leave by longjmp, or
 * by an exception where the bodies are compiled as C++: outputs are in part written then, and the net has no forward point. */
typedef void (*jac_activation)(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user);

/* One layer: plain data, filled by the macros below, which are brace initialisers fit for static const objects. */
typedef struct jac_layer {
    unsigned kind;                  /* JAC_KIND_... */
    size_t in, out;                 /* widths of a dense layer; 0 in all others, which keep the width they meet */
    const jac_real *W, *b;          /* dense: borrowed weights [out x in] or [in x out], bias [out] or NULL */
    jac_real alpha;                 /* slope or scale of leaky ReLU and ELU */
    jac_activation f;               /* JAC_ACTIVATION: the function and what is handed to it */
    void *user;
} jac_layer;

/* 0 is no layer, so that a zeroed one is refused; nor is a layer of a float build one in a double build, or the other way round. */
enum {
    JAC_KIND_DENSE = 16 * sizeof(jac_real), JAC_KIND_DENSE_T, JAC_KIND_SOFTMAX, JAC_KIND_LOG_SOFTMAX, JAC_KIND_RELU,
    JAC_KIND_LEAKY_RELU, JAC_KIND_ELU, JAC_KIND_TANH, JAC_KIND_SIGMOID, JAC_KIND_SOFTPLUS, JAC_KIND_SILU, JAC_KIND_GELU,
    JAC_KIND_ACTIVATION, JAC_KIND_COUNT
};

#define JAC_IMPL_LAYER(kind, in, out, W, b, alpha, f, user) \
    { kind, JAC_IMPL_CAST(size_t, in), JAC_IMPL_CAST(size_t, out), W, b, JAC_IMPL_CAST(jac_real, alpha), f, user }
#define JAC_IMPL_PLAIN(kind, alpha) JAC_IMPL_LAYER(kind, 0, 0, JAC_IMPL_NULL, JAC_IMPL_NULL, alpha, JAC_IMPL_NULL, JAC_IMPL_NULL)

/* Dense: z_o = b_o + sum_i W_oi x_i; b may be NULL. Rows of W are outputs, W[o*in + i], as PyTorch's Linear;
 * of JAC_DENSE_T they are inputs, W[i*out + o], as x @ W + b in NumPy and Keras.                                    */
#define JAC_DENSE(in, out, W, b)   JAC_IMPL_LAYER(JAC_KIND_DENSE, in, out, W, b, 0, JAC_IMPL_NULL, JAC_IMPL_NULL)
#define JAC_DENSE_T(in, out, W, b) JAC_IMPL_LAYER(JAC_KIND_DENSE_T, in, out, W, b, 0, JAC_IMPL_NULL, JAC_IMPL_NULL)
/*      macro                                                               forward                        derivative d                   */
#define JAC_RELU              JAC_IMPL_PLAIN(JAC_KIND_RELU, 0)           /* max(0, z)                      1 if z > 0, 0 if z <= 0        */
#define JAC_LEAKY_RELU(alpha) JAC_IMPL_PLAIN(JAC_KIND_LEAKY_RELU, alpha) /* z if z > 0, else alpha z       1 if z > 0, else alpha         */
#define JAC_ELU(alpha)        JAC_IMPL_PLAIN(JAC_KIND_ELU, alpha)        /* z if z > 0, else alpha (e^z-1) 1 if z > 0, else alpha e^z     */
#define JAC_TANH              JAC_IMPL_PLAIN(JAC_KIND_TANH, 0)           /* tanh z                         4 e/(1 + e)^2, e = exp(-2 |z|) */
#define JAC_SIGMOID           JAC_IMPL_PLAIN(JAC_KIND_SIGMOID, 0)        /* 1 / (1 + exp(-z))              e/(1 + e)^2, e = exp(-|z|)     */
#define JAC_SOFTPLUS          JAC_IMPL_PLAIN(JAC_KIND_SOFTPLUS, 0)       /* log(1 + exp z)                 sigmoid z                      */
#define JAC_SILU              JAC_IMPL_PLAIN(JAC_KIND_SILU, 0)           /* z sigmoid z                    sigmoid z (1 + z sigmoid(-z))  */
#define JAC_GELU              JAC_IMPL_PLAIN(JAC_KIND_GELU, 0)           /* z Phi z (the erf form)         Phi z + z phi z                */
#define JAC_SOFTMAX           JAC_IMPL_PLAIN(JAC_KIND_SOFTMAX, 0)        /* (M3); anywhere in the chain    (M6)                           */
#define JAC_LOG_SOFTMAX       JAC_IMPL_PLAIN(JAC_KIND_LOG_SOFTMAX, 0)    /* z_o - log sum_k exp z_k        delta_oj - s_j                 */
/* a = f(z) and da, both written by f */
#define JAC_ACTIVATION(f, user)    JAC_IMPL_LAYER(JAC_KIND_ACTIVATION, 0, 0, JAC_IMPL_NULL, JAC_IMPL_NULL, 0, f, user)

/* A net ready to run: plain data over the caller's layers, weights and memory. Zero it or not: jac_net_init fills it. A copy shares
 * the memory, and with it the forward point: for a second net call jac_net_init again, with memory of its own. */
typedef struct jac_net {
    size_t n_in, n_out;             /* N and O; 0 in a net that is not ready */
    size_t bad_layer;               /* after a failed jac_net_init the index of the layer at fault; JAC_NO_LAYER when none is */
    double kink_margin;             /* after a forward pass: how near x is to a kink, see jac_forward */
    /* private */
    const jac_layer *layers;
    size_t n_layers;
    const struct jac_impl_kernels *kernels;
    unsigned char *memory;
    size_t memory_size;
    jac_real *scratch, *cache;      /* scratch of one sweep; per sample the d and s of (M2) and (M3) */
    size_t n_cache;                 /* length of one sample's cache */
    size_t widest;                  /* of all widths, N among them, made up to the length of a row of scratch */
    size_t rows;                    /* rows of J, or columns, in one block */
    size_t sample;                  /* whose cache holds the last forward point */
    int forward_order;              /* 1: J is pushed forward, by columns; 0: pulled back, by rows */
    int beyond;                     /* 1: all weights together are larger than the second cache, 2: than the third */
    unsigned state;
} jac_net;

#define JAC_NO_LAYER JAC_IMPL_CAST(size_t, -1)

/* Bytes that are enough for any net of n_in inputs whose layers are no wider than `widest`: a constant expression for
 * static buffers. jac_net_size() says what a given net needs, which is less. */
#define JAC_NET_SIZE_BOUND(n_in, widest, n_layers) \
    JAC_IMPL_BOUND((JAC_IMPL_MAX(JAC_IMPL_CAST(size_t, n_in), JAC_IMPL_CAST(size_t, widest)) + 31) / 16 * 16, \
                   JAC_IMPL_CAST(size_t, n_layers))
#define JAC_IMPL_MAX(a, b) ((a) > (b) ? (a) : (b))
/* w: a row of scratch, padded. Alignment; a bit a unit and 10 doubles a row for jac_check; the cache of a batch; three blocks of rows and
 * two lists, or two layers of a batch and two rows */
#define JAC_IMPL_BOUND(w, L) (80 + (L) * ((w) / 8 + 1) + sizeof(jac_real) * JAC_SAMPLES * (L) * (w) + \
    (w) * JAC_IMPL_MAX(10 * sizeof(double), \
                       sizeof(jac_real) * 3 * JAC_IMPL_MAX(JAC_SAMPLES, (w) < JAC_ROWS ? (w) : JAC_ROWS) + 2 * sizeof(unsigned)))

/* Any function to be checked: reads x, writes y. */
typedef void (*jac_function)(const jac_real *x, jac_real *y, void *user);

typedef enum jac_check_verdict {
    JAC_CHECK_PASS = 1,             /* the differences agree, and they could have shown a fault */
    JAC_CHECK_FAIL,                 /* they disagree beyond tolerance and noise */
    JAC_CHECK_INCONCLUSIVE,         /* they are drowned in rounding noise: nothing was proved */
    JAC_CHECK_KINK                  /* nothing could be judged: every column looked at is among the kinks */
} jac_check_verdict;
#define JAC_CHECK_NONE JAC_IMPL_CAST(jac_check_verdict, 0)                 /* nothing was checked: a zeroed report */

/* Zero in a field, or NULL for the whole struct, means the default. */
typedef struct jac_check_options {
    size_t columns;                 /* how many columns of J, chosen at random; default all N */
    unsigned long seed;             /* of that choice and of the random directions */
    double step;                    /* h = step max(1, |x_i|), large enough to change x; default cbrt(eps) of the evaluation */
    double tolerance;               /* of the scale, below 1: an error within it and the noise passes; default 1e-5 (float build 5e-3) */
} jac_check_options;

typedef struct jac_check_report {
    jac_check_verdict verdict;
    size_t row, column;             /* the worst entry judged, as it stands out of its own noise ... */
    double given, measured;         /* ... in J, and from the differences */
    double error;                   /* |given - measured| / scale there */
    double scale;                   /* the largest entry, measured or given: what error is relative to */
    double noise;                   /* what rounding can add to |J - F|: the largest */
    size_t checked;                 /* columns judged */
    size_t kinks;                   /* columns left out: no step was clear of a kink, settled, and above the noise */
    size_t evaluations;             /* of the function */
    jac_check_verdict before_softmax; /* the verdict from the logits of a softmax or log-softmax at the end, see jac_check; NONE without */
    jac_check_verdict direction;    /* of one random J v, when fewer than all columns were asked for; else NONE */
    size_t underflows;              /* rows that before_softmax leaves out: they are 0 or nearly so in jac_real */
} jac_check_report;

/* ===================================================================================================== >>api
 * N = net.n_in, O = net.n_out. A call that fails writes nothing, see >>rules. */

/* jac_net_size -- bytes of memory the net needs; 0 when the description is invalid (jac_net_init says why).
 *   n_in      N, the width of the input
 *   layers    in  [n_layers]
 * Memory: grows with the widths, the depth, JAC_ROWS and JAC_SAMPLES, never with N O.
 * Errors: none. Cost: one look at every layer.                                                                     */
JAC_API size_t jac_net_size(size_t n_in, const jac_layer *layers, size_t n_layers);

/* jac_net_init -- check the whole description once and make the net ready.
 *   net          out  ready on JAC_OK; else it refuses every call, and net->bad_layer names the layer at fault. When all that is
 *                     wrong is that net lies over the layers or weights, it is not written
 *   layers       in   [n_layers]; kept by pointer, as are the weights
 *   memory       at least jac_net_size() bytes of any alignment; kept, and written by every later call, not by this one
 * Errors: NULL, NO_LAYERS, SIZE, OVERFLOW, CHAIN, LAYER, MEMORY, OVERLAP (net or memory over one another, layers or weights).
 * Cost:   one look at every layer; the weights are not read.                                                       */
JAC_API jac_status jac_net_init(jac_net *net, size_t n_in, const jac_layer *layers, size_t n_layers, void *memory, size_t memory_size);

/* jac_forward -- y = net(x), (M1) to (M3); keeps the d and s that the other calls need.
 *   x   in   [N]
 *   y   out  [O], or NULL
 * Afterwards net->kink_margin says how near x is to a kink. Of each ReLU, leaky ReLU or ELU (alpha not 1) directly behind a
 * dense layer the unit with the smallest |z_o| is judged, in units of the rounding of its own sum, u (|b_o| + sum_i |W_oi a_i|),
 * u = 2^-53 (float 2^-24); the margin is the smallest of these, INFINITY when there is no such layer. Below about the number of
 * terms the unit may be on either side of its kink. A large margin says nothing of units with a larger |z| of much larger terms, nor of
 * what the layers before have rounded; NaN is no unit.
 * Errors: NULL, NOT_READY, OVERLAP.   Cost: sum over dense layers of in x out multiplications.                     */
JAC_API jac_status jac_forward(jac_net *net, const jac_real *x, jac_real *y);

/* jac_backward -- J = dy/dx at the last forward point, (M4) to (M6).
 *   J   out  [O x N], J[o*N + i] = dy_o/dx_i
 * Errors: NULL, NOT_READY, NO_FORWARD, OVERLAP.
 * Cost:   O x (sum of in x out over all dense layers but the last), less what the units with d = 0 save; a softmax behind the
 *         last adds O times its in x out, beyond 7 to 10 outputs (by vector set and depth) only about 1 + O / JAC_ROWS times, rounded up.
 *         When N x (the sum over all but the first) is less than 2/3 of O x (the sum over all but the last), columns are pushed
 *         forward instead: the choice depends on shapes alone, the results agree to rounding.             */
JAC_API jac_status jac_backward(jac_net *net, jac_real *J);

/* jac_forward_backward -- both of the above: x [N] -> y [O] (may be NULL), J [O x N].
 * Errors: as jac_forward, y over J among the overlaps.                                                             */
JAC_API jac_status jac_forward_backward(jac_net *net, const jac_real *x, jac_real *y, jac_real *J);

/* jac_forward_backward_batch -- the same for n inputs; each sample's result has the bits of a single call.
 *   X   in   [n x N]
 *   Y   out  [n x O], or NULL
 *   J   out  [n x O x N]
 * Afterwards the forward point is the last sample. n = 0 writes nothing, but the pointers are looked at.  Errors: as above, OVERFLOW. */
JAC_API jac_status jac_forward_backward_batch(jac_net *net, size_t n, const jac_real *X, jac_real *Y, jac_real *J);

/* jac_vjp -- VJ = V J at the last forward point, without forming J: n sweeps backward from the rows of V.
 *   V   in   [n x O]
 *   VJ  out  [n x N]
 * The last bits of a row may depend on how many there are. n = 0 writes nothing, as in a batch.
 * Errors: NULL, NOT_READY, NO_FORWARD, OVERFLOW, OVERLAP.   Cost: n x (sum of in x out), less the dead units.      */
JAC_API jac_status jac_vjp(jac_net *net, size_t n, const jac_real *V, jac_real *VJ);

/* jac_jvp -- JU[r] = J U[r], r < n: n sweeps forward from the rows of U.
 *   U   in   [n x N]
 *   JU  out  [n x O]
 * Last bits, n = 0, errors and cost: as jac_vjp.                                                                   */
JAC_API jac_status jac_jvp(jac_net *net, size_t n, const jac_real *U, jac_real *JU);

/* jac_check -- hold a Jacobian against central differences of the net's output at x.
 *   x        in   [N]
 *   J        in   [O x N], from this library or from anywhere
 *   options  in   or NULL
 *   report   out  the verdict and what led to it; the status speaks of the call only
 * The net is evaluated in double, by plain loops that share nothing with the fast kernels. Column i is judged from
 *     F_oi = (y_o(x + h e_i) - y_o(x - h e_i)) / ((x_i + h) - (x_i - h)),   h = step max(1, |x_i|)                 (C1)
 * if the units of ReLU, leaky ReLU and ELU are on the same side of 0 at x - h, x and x + h; else h shrinks by 4, up to 8
 * times; a column that never gets clear is counted as a kink and not judged. It is one, too, when x itself is as near a
 * kink as rounding in jac_real. What counts:
 *     scale = max |F|, |J|     noise = rounding of y / h + rounding of J     error = |J - F| / scale               (C2)
 *     of the entry that stands out of its own noise most: another, under more noise, may be further off
 * Both roundings are measured: how y and its differences stir when every number in the net is moved by some of its last
 * bits, as rounding does; for a function, how y stirs next to x.
 * FAIL when |J - F| exceeds tolerance x scale + noise, and F has settled as h shrinks. INCONCLUSIVE when noise exceeds
 * tolerance x scale or tolerance is 1 or more (an all-zero J never passes), or where y is not finite, or J is not and F has not
 * settled, or F never settles though no kink is near; a J that is not finite where F is finite fails. Where columns were left
 * out, PASS must hold on the scale of the others.
 * With fewer than all columns one random direction is measured as well: J v against the difference along v, row by row. If
 * report->direction is PASS, every entry of J was looked at, if less closely: one that is off by twice the tolerance may pass, by
 * four times it does not; else (x on a kink, say) only `checked` columns were. What it finds is
 * hunted down column by column (nothing is found, and the verdict may be PASS, where many entries are off, each within tolerance).
 * A saturated softmax at the end drowns its own differences: the verdict of a right J is INCONCLUSIVE then. before_softmax is the
 * verdict on the same J from differences of the logits, each row relative to its own size: look at it; when it fails, so does the other.
 * The forward point of the net stays as it was.
 * Errors: NULL, NOT_READY, OPTION, OVERLAP.
 * Cost:   2 N evaluations and a few more; a few more for each fault, and up to 16 for each column with a kink within h.   */
JAC_API jac_status jac_check(jac_net *net, const jac_real *x, const jac_real *J, const jac_check_options *options,
                             jac_check_report *report);

/* jac_check_function -- the same for any function f: R^n_in -> R^n_out, evaluated as it is, in jac_real.
 *   f, user  called as f(x, y, user)
 *   memory   scratch of at least jac_check_size(n_in, n_out) bytes, of any alignment
 * It cannot look inside f for kinks: where J differs from F, the two one-sided differences disagree by as much, and shrinking h does
 * not cure it, or where f is not finite next to x, the column counts as a kink. At a kink F, the mean of both slopes, passes.
 * At a jump of f, as where an angle wraps, nothing can be said of any column: INCONCLUSIVE. Check f before it is wrapped.
 * The scale is the largest entry: in x + dt f(x, u) it is the 1 of x, and behind it goes what is below tolerance / dt in df/dx. Check f.
 * An f that works in a lower precision than jac_real needs a larger step, the cube root of that precision, and a tolerance as large.
 * Errors: NULL, SIZE, OVERFLOW, MEMORY, OPTION, OVERLAP.  Cost: as jac_check, and some 40 more where an output never stirs.   */
JAC_API jac_status jac_check_function(jac_function f, void *user, size_t n_in, size_t n_out, const jac_real *x, const jac_real *J,
                                      const jac_check_options *options, jac_check_report *report, void *memory, size_t memory_size);

/* jac_check_size -- bytes of memory jac_check_function needs; 0 when a size is 0 or the product overflows.         */
JAC_API size_t jac_check_size(size_t n_in, size_t n_out);

/* jac_status_string -- one English sentence a code, with what to do about it; never NULL, never freed.             */
JAC_API const char *jac_status_string(jac_status status);

#ifdef __cplusplus
}
#endif
#endif /* JACOBIAN_H */

/* You can stop reading here. Below is the implementation. */

#if defined(JACOBIAN_IMPLEMENTATION) && !defined(JACOBIAN_IMPLEMENTATION_ONCE)
#define JACOBIAN_IMPLEMENTATION_ONCE

/* ================================================================================================ >>platform
 * Precision, compiler, vector sets: decided here, once. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if !defined(JAC_ALLOW_FAST_MATH) && !defined(__TINYC__) && (defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || \
    (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || defined(_M_FP_FAST))
#error "jacobian.h: -ffast-math removes NaN, infinities and accuracy. Compile without it, or define JAC_ALLOW_FAST_MATH: memory safety only"
#endif
/* gcc's flag makes a float of 1.0, and with it of the constants of silu and gelu: half of their digits */
enum { jac_impl_compile_without_fsingle_precision_constant = 1 / (sizeof 1.0 == sizeof(double)) };

#ifdef JAC_FLOAT
#define JAC_IMPL_MATH(name) name##f                     /* expf, log1pf ... */
#define JAC_IMPL_EPSILON FLT_EPSILON
#else
#define JAC_IMPL_MATH(name) name
#define JAC_IMPL_EPSILON DBL_EPSILON
#endif
#define JAC_IMPL_REAL(value) JAC_IMPL_CAST(jac_real, value)

#ifndef JAC_ASSERT
#define JAC_ASSERT(condition) JAC_IMPL_CAST(void, 0)
#endif

#ifdef __cplusplus
#define JAC_IMPL_ZERO {}
#else
#define JAC_IMPL_ZERO { 0 }
#endif

/* Which sets of vector instructions are compiled: with GCC from 5 on, or clang from 8. x86-64 takes the best of three while the program
 * runs; with GCC before 8, or on Windows, there is only SSE2: it lacks options, or does not align the stack for wider vectors
 * (gcc.gnu.org/bugzilla, 54412). */
#if !defined(JAC_NO_SIMD) && !defined(__TINYC__) && (defined(__clang__) ? __clang_major__ > 7 : defined(__GNUC__) && __GNUC__ > 4)
#if defined(__x86_64__) && defined(__SSE2__)
#define JAC_IMPL_X86
#if defined(__clang__) || (__GNUC__ > 7 && !defined(_WIN32) && !defined(__CYGWIN__))
#define JAC_IMPL_AVX
#endif
#include <immintrin.h>
#elif defined(__aarch64__)
#define JAC_IMPL_NEON
#include <arm_neon.h>
#endif
#endif
#if defined(JAC_IMPL_X86) || defined(JAC_IMPL_NEON)
#define JAC_IMPL_VECTORS 1                          /* is there a set of more than one number? */
#else
#define JAC_IMPL_VECTORS 0
#endif

#if defined(__clang__)
#define JAC_IMPL_INLINE static inline __attribute__((always_inline))
#ifdef __OPTIMIZE_SIZE__                            /* clang warns of loops that -Os leaves rolled */
#define JAC_IMPL_UNROLL
#else
#define JAC_IMPL_UNROLL _Pragma("clang loop unroll(full)")
#endif
/* tuned for a large processor it writes loops out until registers are short */
#define JAC_IMPL_ROLLED _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__) && !defined(__TINYC__)
#define JAC_IMPL_INLINE static inline __attribute__((always_inline))
#define JAC_IMPL_UNROLL _Pragma("GCC unroll 32")
#else
#define JAC_IMPL_INLINE static inline
#define JAC_IMPL_UNROLL
#endif
#ifndef JAC_IMPL_ROLLED
#define JAC_IMPL_ROLLED
#endif
#if defined(__GNUC__) && !defined(__TINYC__)
#ifdef JAC_IMPL_X86                                 /* where a loop comes to lie makes a difference of 5 % */
#define JAC_IMPL_OUTLINE static __attribute__((noinline, aligned(64)))
#else
#define JAC_IMPL_OUTLINE static __attribute__((noinline))
#endif
#define JAC_IMPL_UNUSED __attribute__((unused))
#define JAC_IMPL_PREFETCH(p, cache) __builtin_prefetch(p, 0, 4 - (cache))      /* 1, the nearest, or 2; there may be nothing at p */
#else
#define JAC_IMPL_OUTLINE static
#define JAC_IMPL_UNUSED
#define JAC_IMPL_PREFETCH(p, cache) JAC_IMPL_CAST(void, p)
#endif
#ifdef JAC_IMPL_X86                                 /* keep a number in its register: gcc 12 would read it again for every use */
#define JAC_IMPL_KEEP(v) __asm__("" : "+v"(v))
#elif defined(JAC_IMPL_NEON)
#define JAC_IMPL_KEEP(v) __asm__("" : "+w"(v))
#else
#define JAC_IMPL_KEEP(v) JAC_IMPL_CAST(void, v)
#endif
#if JAC_IMPL_VECTORS
#define JAC_IMPL_KEEP_POINTER(p) __asm__("" : "+r"(p))                          /* and not a base and an offset */
#else
#define JAC_IMPL_KEEP_POINTER(p) JAC_IMPL_CAST(void, p)
#endif
#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define JAC_IMPL_SHUFFLE
#endif
#endif

#define JAC_IMPL_ALIGN (JAC_IMPL_VECTORS ? 64 : 8)  /* of the scratch inside the net's memory */

/* The compiler must not contract a*b + c on its own: it would do so in some places and not in others, and on some
 * machines and not on others. Where the set has a fused operation it is asked for by name. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#if __clang_major__ > 13
#pragma clang fp reassociate(off)                   /* -fassociative-math, of which clang tells by no macro */
#endif
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfloat-equal"    /* zeros are looked for, and numbers that are the same */
#pragma clang diagnostic ignored "-Wcast-align"     /* the memory is aligned by hand */
#ifdef __cplusplus
#pragma clang diagnostic ignored "-Wzero-as-null-pointer-constant"     /* NULL, in older ones */
#endif
#elif defined(__GNUC__) && !defined(__TINYC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wfloat-equal"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off", "no-tree-slp-vectorize")        /* gcc 12 pairs the scalar tile badly: twice the time */
#pragma GCC optimize("no-tree-loop-distribute-patterns")                /* and would call memset for the few zeros beside a row */
#ifdef JAC_IMPL_X86
#pragma GCC optimize("no-schedule-insns2")          /* a second time costs a tenth of compiling, and small nets are slower */
#endif
#if __GNUC__ > 8
#pragma GCC optimize("no-version-loops-for-strides")                    /* -O3 does, and has no registers left for the tile */
#endif
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* =================================================================================================== >>tools
 * Comments that begin with an @ are contracts in ACSL: make prove proves them for all sizes, in the scalar set. */

static size_t jac_impl_least(size_t a, size_t b) { return a < b ? a : b; }

/* at[k - from] <- where term k starts, from <= k < to: at k apart, or with a list at list_k apart. */
JAC_IMPL_INLINE void jac_impl_places(const unsigned *list, size_t apart, size_t from, size_t to, size_t *at)
{
    if (list != NULL) for (size_t k = from; k < to; k++) *at++ = list[k] * apart;
    else for (size_t k = from; k < to; k++) *at++ = k * apart;
}

/* *a <- a b, returns 1; or 0, *a as it was, when the product is more than an object can have. */
/*@ requires \valid(a);
  @ assigns *a;
  @ ensures \result == 1 && *a == \old(*a) * b <= PTRDIFF_MAX || \result == 0 && *a == \old(*a) && *a * b > PTRDIFF_MAX; */
static int jac_impl_times(size_t *a, size_t b)
{
    const size_t root = JAC_IMPL_CAST(size_t, 1) << (sizeof(size_t) * CHAR_BIT / 2 - 1);  /* smaller factors need no division */
    if ((*a >= root || b >= root) && b != 0 && *a > JAC_IMPL_CAST(size_t, PTRDIFF_MAX) / b) return 0;
    *a *= b;
    return 1;
}

/* *bytes <- sizeof(jac_real) a b, returns 1; or 0 when that is more than an object can have. */
/*@ requires \valid(bytes);
  @ assigns *bytes;
  @ ensures \result == 1 && *bytes == sizeof(jac_real) * a * b <= PTRDIFF_MAX ||
  @         \result == 0 && (sizeof(jac_real) * a > PTRDIFF_MAX || sizeof(jac_real) * a * b > PTRDIFF_MAX); */
static int jac_impl_bytes(size_t *bytes, size_t a, size_t b)
{
    *bytes = sizeof(jac_real);
    return jac_impl_times(bytes, a) && jac_impl_times(bytes, b);
}

/* Do p [n bytes] and q [m bytes] share a byte? Touching is not sharing. */
static int jac_impl_overlap(const void *p, size_t n, const void *q, size_t m)
{
    const uintptr_t a = JAC_IMPL_POINTER(uintptr_t, p), b = JAC_IMPL_POINTER(uintptr_t, q);
    return n > 0 && m > 0 && (a < b ? b - a < n : a - b < m);
}

/* The first of the largest. */
static size_t jac_impl_argmax(const jac_real *v, size_t n)
{
    size_t m = 0;
    for (size_t j = 1; j < n; j++) if (v[j] > v[m]) m = j;
    return m;
}

/* sum_j v_j, pairwise: eights, of these pairs, pairs of pairs ... part[] holds the sums that wait for their other half. No more than
 * log2 n + 7 roundings reach any term. */
static jac_real jac_impl_sum(const jac_real *v, size_t n)
{
    jac_real part[sizeof(size_t) * CHAR_BIT], sum = 0;
    size_t j = 0, top = 0;
    for (; n - j >= 8; j += 8) {
        part[top++] = ((v[j] + v[j + 4]) + (v[j + 2] + v[j + 6])) + ((v[j + 1] + v[j + 5]) + (v[j + 3] + v[j + 7]));
        for (size_t pairs = j / 8; pairs % 2 == 1; pairs /= 2) { top--; part[top - 1] += part[top]; }
    }
    for (; j < n; j++) sum += v[j];
    while (top > 0) sum = part[--top] + sum;
    return sum;
}

/* ================================================================================================= >>kernels
 *
 * One product is the heart of every pass. In letters of its own:
 *
 *     C(m, n) = sum_{k < K} A(m, k) B(k, n),      m < M, n < N                                                  (K1)
 *
 * Forward A is the samples and B the weights; backward A is G and B is W, or both transposed where W lies the other way. It
 * is written three times, for what lies side by side and what is worth keeping in registers:
 *     tiles   along n: M numbers of A, one by one, against V vectors of B; M x V sums stay in registers while the live
 *             terms go by, so that each number that is read serves V or M times. Heights 1 to 10 from the same lines.
 *             One row against a B that is far: the same sums in memory (single), so that B is read from end to end.
 *     bands   along n, where C is narrow and A is W by rows: up to 8 terms of B stay while all of C goes by, whose sums are in
 *             the nearest cache. W, whose numbers serve once each, is read from end to end, as memory likes it.
 *     dots    along k: rows of A against rows of B, vectors of partial sums, folded at the end
 * Beside it stands what goes over units one by one: activations (act), scaling, centring, lists of live units, the unit nearest to a kink.
 * The same lines are compiled for each vector set: the file includes itself with JAC_IMPL_SET set, and only this room is
 * read. The scalar set, whose vector is one number, comes first and is the reference that the others are tested against.
 * What is narrower than a vector (N of tiles; K of dots, and N of short ones; units of act; rows of centre) goes to the next
 * narrower set; of products a set with masks hands over only what just fits there.
 *
 * Order of the sums (the contract, fixed by the shapes, the set and which units are off):
 *     tiles   the live terms in order, in chunks of 16, the last of up to 24; the chunk sums in order, in blocks of 256
 *             terms, the last of up to 272; the block sums in order
 *     bands   the same with chunks of 8, then 2, then 1; 6 in place of 8 for two vectors of AVX2 or SSE2
 *     dots    every lane of every stream on its own, in chunks of 16; the streams pairwise; the chunk sums in order; the
 *             lanes by halves. One stream for K of up to 16 vectors, else 4 (AVX-512: 2, scalar: 8).
 * On random data no sum of up to 4096 terms is off by more than 8 u sum |a||b|. What is proven is how many roundings a term
 * meets at most: 16 + 17 + K/256 in tiles, 8 + 48 + K/256 in bands, and in dots 16 in its lane, 8 on the way together and
 * K/128 (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 4). Test: test_accuracy.c.
 */
enum { JAC_IMPL_CHUNK = 16, JAC_IMPL_BLOCK = 256, JAC_IMPL_BAND = 8 };          /* terms */
enum { JAC_IMPL_STEPS = 16 };                       /* vectors of a stream */
enum { JAC_IMPL_PANEL = 128 };                      /* units, see jac_impl_panels and jac_impl_pull */
/* beyond so many outputs jac_impl_softmax_dense costs less than S W; the second, where tiles want its rows side by side, or they are J */
enum { JAC_IMPL_CLASSES = 7, JAC_IMPL_CLASSES_MOST = 10 };
enum { JAC_IMPL_CLOSE = 1 << 15, JAC_IMPL_NEAR = 1 << 20, JAC_IMPL_FAR = 1 << 24 };       /* bytes of weights that each cache holds */
enum { JAC_IMPL_LINE = 64 / sizeof(jac_real) };     /* of the cache */
enum { JAC_IMPL_AHEAD = 32 * JAC_IMPL_LINE, JAC_IMPL_ROWS_AHEAD = 8 };          /* how far ahead weights are fetched */

typedef struct jac_impl_product {
    size_t M, K, N;
    const jac_real *A;                              /* A(m, k) = A[m_list_m*a_m + a_list_k*a_k]; no list: the index itself */
    size_t a_m, a_k;
    const unsigned *m_list, *a_list;
    const jac_real *B;                              /* B(k, n) = B[b_list_k*b_k + n*b_n] */
    size_t b_k, b_n;
    const unsigned *b_list;
    const jac_real *bias;                           /* C(m, n) = bias_n + sum; or NULL */
    jac_real *C;                                    /* C(m, n) = C[m*c_m + n*c_n] */
    size_t c_m, c_n;                                /* one of them is 1 */
    int beyond;                                     /* the net's: 1, fetch later rows of B; 2, its next tile, in dots farther on */
    int b_padded, c_padded;                         /* rows of B, and of C, go on to a whole number of vectors */
    jac_real *spare;                                /* for another C (bands), two of its rows for each of A (single), panels of W */
    size_t room;                                    /* rows that it takes, if beyond is set */
} jac_impl_product;

typedef struct jac_impl_kernels {
    const char *name;
    size_t lanes, half;                             /* half: lanes of the next narrower set, if it multiplies as fast */
    size_t high;                                    /* rows of the highest tile */
    size_t few, few_far;                            /* rows of G that read W as it is, not panels of it; far: where the second cache does
                                                     * not hold W */
    void (*tiles)(const jac_impl_product *p);       /* b_n = 1; no m_list where a_m = 1; with a bias c_n = 1 */
    void (*bands)(const jac_impl_product *p);       /* a_m = b_n = c_n = 1, an m_list, padded, no bias */
    void (*dots)(const jac_impl_product *p);        /* a_k = b_k = 1, no lists */
    /* a = act z, d = act' z; nothing overlaps */
    void (*act)(unsigned kind, jac_real alpha, size_t n, const jac_real *z, jac_real *a, jac_real *d);
    /* C <- G diag(d), 0 where d is */
    void (*scale)(size_t R, size_t n, const jac_real *G, size_t ldg, const jac_real *d, jac_real *C, size_t ldc);
    /* C(r, j) <- f_r (W(r, j) - w_j), all R rows of n numbers; across, f_j (W(r, j) - w_r), R rows of a list or all, and zeros beside
     * them up to ldc. f = NULL: no factor */
    void (*centre)(int across, size_t R, const unsigned *list, size_t n, const jac_real *W, size_t ldw, const jac_real *w,
                   const jac_real *f, jac_real *C, size_t ldc);
    size_t (*live)(const jac_real *v, size_t n, unsigned *list, int *ones);       /* list <- the j with v_j != 0; how many? */
    double (*margin)(const jac_layer *dense, const jac_real *a, const jac_real *z);        /* to the nearest kink of z = W a + b */
} jac_impl_kernels;

enum { JAC_IMPL_MOST_M = 10, JAC_IMPL_MOST_V = 8, JAC_IMPL_MOST_MV = 20 };      /* of the tiles of any set, see JAC_IMPL_STRIP */
enum { JAC_IMPL_APART = 8 };                        /* rows of A that may lie anywhere, each with its pointer; higher tiles: side by side */
/* of the dots of any set: samples that share weights in registers, and in the nearest cache; rows side by side for one sample; sums in
 * registers */
enum { JAC_IMPL_SHARE = 2, JAC_IMPL_TOGETHER = 8, JAC_IMPL_MOST_T = 2, JAC_IMPL_MOST_TQS = 16 };

/* What a tile needs to know, see tiles. */
typedef struct jac_impl_tile {
    const jac_impl_product *p;
    size_t from, to;                                /* terms */
    size_t row[JAC_IMPL_MOST_M];                    /* where rows of A start */
    size_t col, edge;                               /* the first vector of B and of C, and the last one from there */
    size_t done, skip;                              /* vectors, and lanes of the last, that a neighbour has done */
    jac_real *C;                                    /* C(m, 0), m the first of its rows */
    int plain;                                      /* whole vectors, stored and not added */
    size_t *a_at, *b_at;                            /* where there are 16 registers: where each term is, in a row of A and in B, */
    jac_real *A;                                    /* and room for the rows of A, packed: [terms x M] */
} jac_impl_tile;
enum { JAC_IMPL_FULL, JAC_IMPL_PART, JAC_IMPL_PACKED };     /* kinds of tiles: whole vectors; part of one; whole, and A packed */

#ifdef JAC_FLOAT
typedef uint32_t jac_impl_bits;
#else
typedef uint64_t jac_impl_bits;
#endif
#if JAC_IMPL_VECTORS
/* zeros, then ones: read from the middle, it is the mask of the last lanes of a vector */
#define JAC_IMPL_ONES JAC_IMPL_CAST(jac_impl_bits, -1)
#define JAC_IMPL_ONES4 JAC_IMPL_ONES, JAC_IMPL_ONES, JAC_IMPL_ONES, JAC_IMPL_ONES
static const jac_impl_bits jac_impl_last[16] = { 0, 0, 0, 0, 0, 0, 0, 0, JAC_IMPL_ONES4, JAC_IMPL_ONES4 };
#endif

/* v - zero, where zero = high + tail is known to twice the precision: right to rounding however near v is to it. */
#define JAC_IMPL_FROM_ZERO(v, high, tail) (((v) - JAC_IMPL_REAL(high)) - \
    JAC_IMPL_REAL((JAC_IMPL_CAST(double, high) - JAC_IMPL_CAST(double, JAC_IMPL_REAL(high))) + tail))

#define JAC_IMPL_NOTHING JAC_IMPL_REAL(sizeof(jac_real) == sizeof(float) ? -110 : -750)         /* e^x is 0 below */

/* Of exp, see there: digits after the first; what makes n whole; log 2 in two parts, n times the first of which is
 * exact; the factors of r^2, r^3 ..., as many as rounding lets be seen. */
#if JAC_IMPL_VECTORS
#ifdef JAC_FLOAT
#define JAC_IMPL_DIGITS 23
#define JAC_IMPL_WHOLE 12582912.0f
#define JAC_IMPL_LOG_2 0.693145751953125f
#define JAC_IMPL_LOG_2_TAIL 1.4286068203094172e-6f
enum { JAC_IMPL_TERMS = 7 };
#else
#define JAC_IMPL_DIGITS 52
#define JAC_IMPL_WHOLE 6755399441055744.0
#define JAC_IMPL_LOG_2 0.6931471803691238
#define JAC_IMPL_LOG_2_TAIL 1.9082149292705878e-10
enum { JAC_IMPL_TERMS = 12 };
#endif
#define JAC_IMPL_1_BY(n) JAC_IMPL_REAL(1 / (n))
static const jac_real jac_impl_taylor[12] = {
    JAC_IMPL_1_BY(2.), JAC_IMPL_1_BY(6.), JAC_IMPL_1_BY(24.), JAC_IMPL_1_BY(120.), JAC_IMPL_1_BY(720.), JAC_IMPL_1_BY(5040.),
    JAC_IMPL_1_BY(40320.), JAC_IMPL_1_BY(362880.), JAC_IMPL_1_BY(3628800.), JAC_IMPL_1_BY(39916800.), JAC_IMPL_1_BY(479001600.),
    JAC_IMPL_1_BY(6227020800.) };
#endif

/* Of GELU, see act_1: the factors of y^i and x y^i in H / k, then of those in k S. tests/make_references.py --mills prints them. */
#define JAC_IMPL_ROW(a, b, c, d) { JAC_IMPL_REAL(a), JAC_IMPL_REAL(b), JAC_IMPL_REAL(c), JAC_IMPL_REAL(d) }
static const jac_real jac_impl_mills[13][4] = {
    JAC_IMPL_ROW(    0.85585268274307304,    -0.95707755217973273,     0.50221762561094859,    -0.11677251891305657),
    JAC_IMPL_ROW(    0.18750423924651577,   -0.016080578122837712,    0.031806706681018345,   -0.012386313410861949),
    JAC_IMPL_ROW(  -0.012801462304207895,   0.0051055996376541913,   0.0016991552879068315, -0.00022525123041668026),
    JAC_IMPL_ROW( 0.00076043585549033195, -0.00073308333710244087,  -1.9521824783077308e-5,   1.0477296754494259e-5),
    JAC_IMPL_ROW( -1.8450223291680258e-5,   8.8138864171124629e-5,   1.2742759111888885e-8,  -4.1838685290881665e-7),
    JAC_IMPL_ROW(  -4.634342006413265e-6,  -9.5973039279654474e-6,   1.1040926902660166e-8,   1.9572716065371074e-8),
    JAC_IMPL_ROW(  1.1628649687151981e-6,   9.6357813505184213e-7, -4.9360609313869971e-10,  -1.0760220692845963e-9),
    JAC_IMPL_ROW( -1.8721502113740295e-7,  -8.8744185828664403e-8, -4.0947407887049598e-12,  6.4097492336199628e-11),
    JAC_IMPL_ROW(  2.5340698040893495e-8,    7.267027500774032e-9,  3.6797881406559239e-12, -3.6735503815080333e-12),
    JAC_IMPL_ROW( -3.0801687246228659e-9,  -4.782225867816901e-10, -5.2525106898566444e-13,  1.6308469229939716e-13),
    JAC_IMPL_ROW(  3.444803754590832e-10,  1.3827462960198771e-11,  5.3972275838208735e-14,  -4.340020051839889e-16),
    JAC_IMPL_ROW(-3.6703243406134501e-11,  3.4002372696010625e-12, -4.2925064443084503e-15, -1.0836942361649425e-15),
    JAC_IMPL_ROW( 3.5071619318285507e-12, -8.7206191410153777e-13,  2.2001850039442428e-16,  1.5087596057538432e-16)
};
#undef JAC_IMPL_ROW

#define JAC_IMPL_SET scalar
#define JAC_IMPL_LANES 1
#define JAC_IMPL_TARGET
#define JAC_IMPL_SPLAT(x) (x)
#define JAC_IMPL_FMA(a, b, c) ((c) + (a) * (b))
#define JAC_IMPL_REGISTERS 16                       /* for vectors */
#define JAC_IMPL_FEW 12                             /* vectors of rows of G that need no panels of W */
#define JAC_IMPL_FEW_FAR 9                          /* and where the second cache does not hold W */
#define JAC_IMPL_HIGH 5                             /* rows of the highest tile; its width follows, see JAC_IMPL_STRIP */
#define JAC_IMPL_STREAMS 8                          /* of a long dot product */
#define JAC_IMPL_ALONE 1                            /* rows side by side for one sample: more where reading holds up multiplying */
#endif

#ifdef JAC_IMPL_SET                                 /* read once for each set */
#define JAC_IMPL_GLUE_(a, b) jac_impl_##a##_##b
#define JAC_IMPL_GLUE(a, b) JAC_IMPL_GLUE_(a, b)
#define JAC_IMPL_(name) JAC_IMPL_GLUE(name, JAC_IMPL_SET)
#define JAC_IMPL_QUOTE_(text) #text
#define JAC_IMPL_QUOTE(text) JAC_IMPL_QUOTE_(text)
#define jac_vec JAC_IMPL_(vec)

#if JAC_IMPL_LANES == 1
typedef jac_real jac_vec;
#else
typedef jac_real jac_vec __attribute__((vector_size(JAC_IMPL_LANES * sizeof(jac_real)), aligned(sizeof(jac_real)), may_alias));
typedef jac_impl_bits JAC_IMPL_(mask) __attribute__((vector_size(JAC_IMPL_LANES * sizeof(jac_real)), aligned(sizeof(jac_real)), may_alias));
#endif

JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(load)(const jac_real *p) { return *JAC_IMPL_POINTER(const jac_vec *, p); }
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(store)(jac_real *p, jac_vec v) { *JAC_IMPL_POINTER(jac_vec *, p) = v; }

/* t where `on`, else f */
#if JAC_IMPL_LANES == 1
#define JAC_IMPL_PICK(on, t, f) ((on) ? (t) : (f))
#else
#define JAC_IMPL_PICK(on, t, f) JAC_IMPL_(pick)(JAC_IMPL_POINTER(JAC_IMPL_(mask), on), t, f)
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(pick)(JAC_IMPL_(mask) on, jac_vec t, jac_vec f)
{
    const JAC_IMPL_(mask) tb = JAC_IMPL_POINTER(JAC_IMPL_(mask), t), fb = JAC_IMPL_POINTER(JAC_IMPL_(mask), f), b = fb ^ ((tb ^ fb) & on);
    return JAC_IMPL_POINTER(jac_vec, b);
}
#endif

#ifdef JAC_IMPL_MASK                                /* is it for the narrower set? With masks only what just fits there, and is as fast */
#define JAC_IMPL_HALF (JAC_IMPL_LANES / 2)
#define JAC_IMPL_NARROW(n) ((n) == JAC_IMPL_HALF)
#else
#define JAC_IMPL_HALF 0
#define JAC_IMPL_NARROW(n) ((n) < JAC_IMPL_LANES)
#define JAC_IMPL_LOAD_N(p, n) (JAC_IMPL_CAST(void, n), JAC_IMPL_(load)(p))                   /* nobody asks for less than whole vectors */
#define JAC_IMPL_STORE_N(p, v, n) JAC_IMPL_(store)(p, v)
#endif

#if JAC_IMPL_LANES > 1
/* The n < lanes numbers at p, zeros beside them. Without masks they are the last lanes, and there are numbers before them. */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(rest)(const jac_real *p, size_t n)
{
#ifdef JAC_IMPL_MASK
    return JAC_IMPL_LOAD_N(p, n);
#else
    const JAC_IMPL_(mask) keep = *JAC_IMPL_POINTER(const JAC_IMPL_(mask) *, jac_impl_last + 8 - JAC_IMPL_LANES + n);
    return JAC_IMPL_POINTER(jac_vec, *JAC_IMPL_POINTER(const JAC_IMPL_(mask) *, p + n - JAC_IMPL_LANES) & keep);
#endif
}

#ifdef JAC_IMPL_SHUFFLE
/* Of two vectors every second piece of g lanes, from lane o on: JAC_IMPL_PIECES, those of the first and then those of the second;
 * JAC_IMPL_TRADE, one of each in turn. JAC_IMPL_SWAP: of one vector, each piece of g lanes in its neighbour's place. JAC_IMPL_HALVES: a
 * step for g = half of the lanes, a quarter ... and 1. */
#define JAC_IMPL_EVEN(i, g, o) ((i) / (g) * 2 * (g) + (i) % (g) + (o))
#define JAC_IMPL_BOTH(i, g, o) (((i) & (g) ? (i) - (g) + JAC_IMPL_LANES : (i)) + (o))
#define JAC_IMPL_NEXT(i, g, o) ((i) ^ (g))
#define JAC_IMPL_LIST2(of, i, g, o) of(i, g, o), of((i) + 1, g, o)
#define JAC_IMPL_LIST4(of, i, g, o) JAC_IMPL_LIST2(of, i, g, o), JAC_IMPL_LIST2(of, (i) + 2, g, o)
#define JAC_IMPL_LIST8(of, i, g, o) JAC_IMPL_LIST4(of, i, g, o), JAC_IMPL_LIST4(of, (i) + 4, g, o)
#define JAC_IMPL_LIST16(of, i, g, o) JAC_IMPL_LIST8(of, i, g, o), JAC_IMPL_LIST8(of, (i) + 8, g, o)
#if JAC_IMPL_LANES == 2
#define JAC_IMPL_LIST JAC_IMPL_LIST2
#define JAC_IMPL_HALVES(step) step(1)
#elif JAC_IMPL_LANES == 4
#define JAC_IMPL_LIST JAC_IMPL_LIST4
#define JAC_IMPL_HALVES(step) step(2) step(1)
#elif JAC_IMPL_LANES == 8
#define JAC_IMPL_LIST JAC_IMPL_LIST8
#define JAC_IMPL_HALVES(step) step(4) step(2) step(1)
#else
#define JAC_IMPL_LIST JAC_IMPL_LIST16
#define JAC_IMPL_HALVES(step) step(8) step(4) step(2) step(1)
#endif
#define JAC_IMPL_PIECES(a, b, g, o) __builtin_shufflevector(a, b, JAC_IMPL_LIST(JAC_IMPL_EVEN, 0, g, o))
#define JAC_IMPL_TRADE(a, b, g, o) __builtin_shufflevector(a, b, JAC_IMPL_LIST(JAC_IMPL_BOTH, 0, g, o))
#define JAC_IMPL_SWAP(v, g) __builtin_shufflevector(v, v, JAC_IMPL_LIST(JAC_IMPL_NEXT, 0, g, 0))

#if JAC_IMPL_LANES > JAC_IMPL_HIGH                  /* a square is no higher than a strip */
#define JAC_IMPL_SQUARE (JAC_IMPL_LANES / 2)
#define JAC_IMPL_TRANSPOSE JAC_IMPL_GLUE(transpose, JAC_IMPL_NARROWER)
#else
#define JAC_IMPL_SQUARE JAC_IMPL_LANES
#define JAC_IMPL_TRANSPOSE JAC_IMPL_(transpose)
#endif
#if JAC_IMPL_LANES <= 8                             /* also for a wider set */
/* C(m, l) of lanes x lanes sums, to columns from .. to of C, where m lies side by side. Rows become columns: the square's quarters off the
 * diagonal change places, then those of each quarter, and so on. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(transpose)(const jac_real *s, size_t ld, jac_real *C, size_t c_n, size_t from, size_t to,
                                                          int add)
{
    enum { lanes = JAC_IMPL_LANES };
    jac_vec a[lanes];
    JAC_IMPL_UNROLL for (size_t m = 0; m < lanes; m++) a[m] = JAC_IMPL_(load)(s + m * ld);
#define JAC_IMPL_STEP(g) JAC_IMPL_UNROLL for (size_t m = 0; m < lanes; m++) { \
        if (m & (g)) continue; \
        const jac_vec b = JAC_IMPL_TRADE(a[m], a[m + (g)], g, 0); \
        a[m + (g)] = JAC_IMPL_TRADE(a[m], a[m + (g)], g, g); \
        a[m] = b; \
    }
    JAC_IMPL_HALVES(JAC_IMPL_STEP)
#undef JAC_IMPL_STEP
    JAC_IMPL_UNROLL for (size_t l = 0; l < lanes; l++) {
        if (l < from || l >= to) continue;
        if (add) a[l] = JAC_IMPL_(load)(C + l * c_n) + a[l];
        JAC_IMPL_(store)(C + l * c_n, a[l]);
    }
}
#endif
#endif
#endif

/* Vector v of a tile: its lanes from skip to `to` are columns of C that nobody has yet; lane 0 is column col. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(span)(const jac_impl_tile *t, size_t V, size_t v, size_t *col, size_t *skip, size_t *to)
{
    *col = t->col + (v + 1 < V ? v * JAC_IMPL_LANES : t->edge);
    *skip = v + 1 < V ? 0 : t->skip;
    *to = jac_impl_least(t->p->N - *col, JAC_IMPL_LANES);
}
/* The sums of a tile that are not just stored: added to what is there from the second block on, without the lanes that a neighbour
 * has done or that are none, and by columns. */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(settle)(const jac_impl_tile *t, size_t M, size_t V, const jac_vec *sum)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t c_m = t->p->c_m, c_n = t->p->c_n, ld = V * lanes;
    size_t rows = 0, col, skip, to;                 /* rows that are done */
#if JAC_IMPL_LANES > 1 && defined(JAC_IMPL_SHUFFLE)
    if (c_n > 1)
        for (; M - rows >= JAC_IMPL_SQUARE; rows += JAC_IMPL_SQUARE)
            for (size_t v = t->done; v < V; v++) {
                JAC_IMPL_(span)(t, V, v, &col, &skip, &to);
                for (size_t l = 0; l < to; l += JAC_IMPL_SQUARE)
                    JAC_IMPL_TRANSPOSE(JAC_IMPL_POINTER(const jac_real *, sum + rows * V + v) + l, ld, t->C + rows + (col + l) * c_n, c_n,
                                       skip > l ? skip - l : 0, jac_impl_least(to - l, JAC_IMPL_SQUARE), t->from > 0);
            }
#endif
    if (rows < M) for (size_t v = t->done; v < V; v++) {
        JAC_IMPL_(span)(t, V, v, &col, &skip, &to);
        const jac_real *s = JAC_IMPL_POINTER(const jac_real *, sum + v);
        jac_real *C = t->C + col * c_n;
        if (c_n == 1 && skip == 0 && (to == lanes || t->p->c_padded)) {
            for (size_t m = 0; m < M; m++, C += c_m, s += ld) {
                jac_vec c = JAC_IMPL_(load)(s);
                if (t->from > 0) c = JAC_IMPL_(load)(C) + c;
                JAC_IMPL_(store)(C, c);
            }
        } else for (size_t l = skip; l < to; l++) {
            for (size_t m = rows; m < M; m++) C[m * c_m + l * c_n] = t->from > 0 ? C[m * c_m + l * c_n] + s[m * ld + l] : s[m * ld + l];
        }
    }
}

/* With 16 registers a tile's loop has more instructions than the processor takes while it multiplies. The lists are then walked once, for
 * all tiles, and a strip of many tiles packs its rows of A. AT: where term k is in a row of A, or in B. */
#if JAC_IMPL_LANES > 1 && JAC_IMPL_REGISTERS == 16
#define JAC_IMPL_PACKS
#define JAC_IMPL_WALKED (M > 1)
#define JAC_IMPL_AT(k, places, list, step) JAC_IMPL_(at)(JAC_IMPL_WALKED, k, places, list, step)
JAC_IMPL_TARGET JAC_IMPL_INLINE size_t JAC_IMPL_(at)(int walked, size_t k, const size_t *places, const unsigned *list, size_t step)
{
    return walked ? places[k] : (list ? list[k] : k) * step;
}
#else
#define JAC_IMPL_WALKED 0
#define JAC_IMPL_AT(k, places, list, step) ((list ? list[k] : (k)) * step)
#endif
/* Fetch what follows term k, whose row of B begins at w: the same row for the next tile, or what this tile will want of a later row. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(fetch)(const size_t V, int beyond, const jac_real *w, const jac_real *later)
{
    enum { lanes = JAC_IMPL_LANES, step = JAC_IMPL_LINE > lanes ? JAC_IMPL_LINE / lanes : 1 };
    if (beyond > 1) { JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) JAC_IMPL_PREFETCH(w + (V + v) * lanes, 2); }
    else {                                          /* each line by its end: the tile before had its beginning */
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v += step) JAC_IMPL_PREFETCH(later + v * lanes + JAC_IMPL_LINE - 1, 1);
    }
}
/* c(m, v) <- c(m, v) + A(m, k) B(k, v): one term of a tile, or of part of one. A(m, k) is row[m][a], or all lie together at row[0] + a;
 * w is where B(k, 0) is. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(term)(const size_t M, const size_t V, const int part, const int together,
                                                     const jac_real *const *row, size_t a, const jac_real *w, size_t edge, size_t N,
                                                     jac_vec *c)
{
    enum { lanes = JAC_IMPL_LANES };
    jac_vec b[JAC_IMPL_MOST_V];                     /* [V] */
    if (part) b[0] = JAC_IMPL_LOAD_N(w, N);
    else JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) b[v] = JAC_IMPL_(load)(w + (v + 1 < V ? v * lanes : edge));
    JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) {
        const jac_real a_mk = together ? row[0][a + m] : row[m][a];
        const jac_vec am = JAC_IMPL_SPLAT(a_mk);
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) c[m * V + v] = JAC_IMPL_FMA(am, b[v], c[m * V + v]);
    }
}
/* (K1) for a tile of M rows and V vectors, or part of one:  c(m, v) = sum_k A(m, k) B(k, v). */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(tile)(const size_t M, const size_t V, const int kind, const jac_impl_tile *t)
{
    enum { lanes = JAC_IMPL_LANES };
    const int part = kind == JAC_IMPL_PART;
    const jac_real *const B = t->p->B + t->col, *row[JAC_IMPL_HIGH];
    const unsigned *const a_list = t->p->a_list, *const b_list = t->p->b_list;
    const size_t a_k = t->p->a_k, b_k = t->p->b_k, edge = t->edge, N = t->p->N, to = JAC_IMPL_WALKED ? t->to - t->from : t->to;
    jac_vec c[JAC_IMPL_MOST_MV], sum[JAC_IMPL_MOST_MV];                        /* [M x V]; sum: of the chunks so far */
#if JAC_IMPL_LANES > 1
    const int beyond = M > 1 && V > 1 ? t->p->beyond : 0;
#else
    enum { beyond = 0 };
#endif
    size_t k = JAC_IMPL_WALKED ? 0 : t->from;
#ifdef JAC_IMPL_PACKS
    const size_t *const a_at = t->a_at, *const b_at = t->b_at;
    const jac_real *A = t->A;
#endif
    JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) row[m] = t->p->A + t->row[m];
    JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) { JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) sum[m * V + v] = JAC_IMPL_SPLAT(0); }
    for (;;) {
        const size_t end = to - k > JAC_IMPL_CHUNK + JAC_IMPL_CHUNK / 2 ? k + JAC_IMPL_CHUNK : to;
        JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) { JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) c[m * V + v] = JAC_IMPL_SPLAT(0); }
#ifdef JAC_IMPL_PACKS
        if (kind == JAC_IMPL_PACKED) {              /* two terms a round */
            JAC_IMPL_ROLLED
            for (; end - k >= 2; k += 2, A += 2 * M) {
                JAC_IMPL_UNROLL for (size_t i = 0; i < 2; i++) {
                    const jac_real *const w = B + b_at[k + i];
                    if (beyond) JAC_IMPL_(fetch)(V, beyond, w, B + b_at[k + i + JAC_IMPL_ROWS_AHEAD]);
                    JAC_IMPL_(term)(M, V, 0, 1, &A, i * M, w, edge, N, c);
                }
            }
            JAC_IMPL_ROLLED
            for (; k < end; k++, A += M) {
                const jac_real *const w = B + b_at[k];
                if (beyond) JAC_IMPL_(fetch)(V, beyond, w, B + b_at[k + JAC_IMPL_ROWS_AHEAD]);
                JAC_IMPL_(term)(M, V, 0, 1, &A, 0, w, edge, N, c);
            }
        } else
#endif
        if (M == 1 && !a_list && !b_list) {         /* nothing to look up */
            JAC_IMPL_ROLLED
            for (; k < end; k++) JAC_IMPL_(term)(M, V, part, 0, row, k * a_k, B + k * b_k, edge, N, c);
        } else
        JAC_IMPL_ROLLED
        for (; k < end; k++) {
            const size_t a = JAC_IMPL_AT(k, a_at, a_list, a_k);
            const jac_real *const w = B + JAC_IMPL_AT(k, b_at, b_list, b_k);
            if (beyond) {
                const size_t later = jac_impl_least(k + JAC_IMPL_ROWS_AHEAD, to - 1);
                JAC_IMPL_(fetch)(V, beyond, w, B + JAC_IMPL_AT(later, b_at, b_list, b_k));
            }
            JAC_IMPL_(term)(M, V, part, M > JAC_IMPL_APART, row, a, w, edge, N, c);
        }
        JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) { JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) sum[m * V + v] += c[m * V + v]; }
        if (k == to) break;
    }
    if (t->plain) {
        const size_t c_m = t->p->c_m;
        jac_real *C = t->C + t->col;
        JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++, C += c_m) {
            if (part) { JAC_IMPL_STORE_N(C, sum[m], N); continue; }
            JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) JAC_IMPL_(store)(C + (v + 1 < V ? v * lanes : edge), sum[m * V + v]);
        }
    } else {
        jac_vec all[JAC_IMPL_MOST_MV];              /* a copy: the sums need no address then, and stay in registers */
        JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) { JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) all[m * V + v] = sum[m * V + v]; }
        JAC_IMPL_(settle)(t, M, V, all);
    }
}

/* A tile of M rows, vectors v .. v + V, of which the first `done` are there already; the very last is shifted back to end at the edge. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(place)(const size_t M, const size_t V, const int kind, jac_impl_tile *t, size_t v,
                                                      size_t done)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t N = t->p->N, over = (v + V) * lanes > N ? (v + V) * lanes - N : 0;
    t->done = done;
    t->skip = t->p->b_padded || kind == JAC_IMPL_PART ? 0 : over;
    t->col = v * lanes - (V == 1 ? t->skip : 0);
    t->edge = V == 1 ? 0 : (V - 1) * lanes - t->skip;
    t->plain = t->from == 0 && t->p->c_n == 1 && (over == 0 || !t->p->b_padded || t->p->c_padded);
    JAC_IMPL_(tile)(M, V, kind, t);
}
#ifdef JAC_IMPL_PACKS
/* A strip of many tiles: its rows of A are packed first. Two vectors at a time: three, which just fit, are slower here. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(packed_strip)(const size_t M, jac_impl_tile *t)
{
    enum { V = 2 };
    const size_t K = t->to - t->from, vectors = (t->p->N + JAC_IMPL_LANES - 1) / JAC_IMPL_LANES;
    const jac_real *row[JAC_IMPL_HIGH];
    jac_real *A = t->A;
    JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) row[m] = t->p->A + t->row[m];
    for (size_t k = 0; k < K; k++, A += M) {
        const size_t a = t->a_at[k];
        JAC_IMPL_UNROLL for (size_t m = 0; m < M; m++) A[m] = row[m][a];
    }
    for (size_t v = 0; v < vectors; v += V) {
        const size_t first = jac_impl_least(v, vectors - V);
        JAC_IMPL_(place)(M, V, JAC_IMPL_PACKED, t, first, v - first);
    }
}
#endif
/* A strip of M rows: tiles as wide as the registers hold. What is left is done by narrower ones where reading counts, by going back
 * over what is there where multiplying does. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(strip)(const size_t M, const size_t V, jac_impl_tile *t)
{
    const size_t vectors = (t->p->N + JAC_IMPL_LANES - 1) / JAC_IMPL_LANES;
    const size_t whole = M > 8 || (M > 3 && V != 3 && vectors > V) ? vectors
                         : V == 3 && vectors == 4 ? 0 : vectors / V * V;       /* four are two and two, rather than three and one */
    size_t v = 0;
#ifdef JAC_IMPL_MASK
    if (t->p->N < JAC_IMPL_LANES && !t->p->b_padded) { JAC_IMPL_(place)(M, 1, JAC_IMPL_PART, t, 0, 0); return; }
#endif
#ifdef JAC_IMPL_PACKS
    if (M > 3 && vectors >= 3 * V) { JAC_IMPL_(packed_strip)(M, t); return; }
#endif
    for (; v < whole; v += V) {
        const size_t first = jac_impl_least(v, vectors - V);
        JAC_IMPL_(place)(M, V, JAC_IMPL_FULL, t, first, v - first);
    }
    if (v >= vectors) return;
    if (V > 4 && vectors - v >= 4) { JAC_IMPL_(place)(M, 4, JAC_IMPL_FULL, t, v, 0); v += 4; }
    if (V > 2) for (; vectors - v >= 2; v += 2) JAC_IMPL_(place)(M, 2, JAC_IMPL_FULL, t, v, 0);
    for (; v < vectors; v++) JAC_IMPL_(place)(M, 1, JAC_IMPL_FULL, t, v, 0);
}
/* Tiles fit in the registers: M V sums, V vectors of B (none if M = 1: each serves once), and a number of A (SSE2: and a product, not yet
 * added); where there are 32, M numbers of A, all of which clang loads first. Wider ones are at most 2 % faster and take longer to
 * compile. */
#define JAC_IMPL_STRIP(M, V) JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(strip_##M)(jac_impl_tile *t) { JAC_IMPL_(strip)(M, V, t); }
#if JAC_IMPL_HIGH == 10
JAC_IMPL_STRIP(1, 8) JAC_IMPL_STRIP(2, 4) JAC_IMPL_STRIP(3, 4) JAC_IMPL_STRIP(4, 4) JAC_IMPL_STRIP(5, 4)
JAC_IMPL_STRIP(6, 2) JAC_IMPL_STRIP(7, 2) JAC_IMPL_STRIP(8, 2) JAC_IMPL_STRIP(9, 2) JAC_IMPL_STRIP(10, 2)
#elif JAC_IMPL_LANES == 1 && JAC_IMPL_VECTORS       /* it gets only what is narrower than a vector */
JAC_IMPL_STRIP(1, 1) JAC_IMPL_STRIP(2, 1) JAC_IMPL_STRIP(3, 1) JAC_IMPL_STRIP(4, 1) JAC_IMPL_STRIP(5, 1)
#else
JAC_IMPL_STRIP(1, 8) JAC_IMPL_STRIP(2, 4) JAC_IMPL_STRIP(3, 3) JAC_IMPL_STRIP(4, JAC_IMPL_HIGH == 6 ? 3 : 2) JAC_IMPL_STRIP(5, 2)
#endif
#if JAC_IMPL_HIGH == 6
JAC_IMPL_STRIP(6, 2)
#endif

/* C(m, n) <- bias_n + C(m, n) */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(add_bias)(const jac_impl_product *p)
{
    for (size_t m = 0; m < p->M; m++) {
        jac_real *C = p->C + m * p->c_m;
        size_t n = 0;
        for (; p->N - n >= JAC_IMPL_LANES; n += JAC_IMPL_LANES)
            JAC_IMPL_(store)(C + n, JAC_IMPL_(load)(p->bias + n) + JAC_IMPL_(load)(C + n));
#ifdef JAC_IMPL_MASK
        const size_t rest = p->N - n;               /* a masked store of none is slow where the next page is not there yet */
        if (rest > 0) JAC_IMPL_STORE_N(C + n, JAC_IMPL_LOAD_N(p->bias + n, rest) + JAC_IMPL_LOAD_N(C + n, rest), rest);
#else
        for (; n < p->N; n++) C[n] = p->bias[n] + C[n];
#endif
    }
}

#if JAC_IMPL_LANES > 1
/* c(n) <- c(n) + sum_t A(m, k + t) B(k + t, n), t < T, for all n; the last vector, shifted back to the edge, has a place of its own. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(single_of)(const size_t T, const jac_impl_product *p, size_t m, size_t k, jac_real *c)
{
    enum { lanes = JAC_IMPL_LANES, V = 4 };
    const size_t N = p->N;
    const jac_real *row[4];
    jac_vec a[4], sum[V];
    size_t n = 0;
    JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
        a[t] = JAC_IMPL_SPLAT(p->A[m * p->a_m + (p->a_list ? p->a_list[k + t] : k + t) * p->a_k]);
        row[t] = p->B + (p->b_list ? p->b_list[k + t] : k + t) * p->b_k;
        JAC_IMPL_KEEP_POINTER(row[t]);
    }
    JAC_IMPL_ROLLED
    for (; N - n >= V * lanes; n += V * lanes) {
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) sum[v] = JAC_IMPL_(load)(c + n + v * lanes);
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
            JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) sum[v] = JAC_IMPL_FMA(a[t], JAC_IMPL_(load)(row[t] + n + v * lanes), sum[v]);
        }
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) JAC_IMPL_(store)(c + n + v * lanes, sum[v]);
    }
    JAC_IMPL_ROLLED
    for (; n < N; n += lanes) {
        sum[0] = JAC_IMPL_(load)(c + n);
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++)
            sum[0] = JAC_IMPL_FMA(a[t], JAC_IMPL_(load)(row[t] + jac_impl_least(n, N - lanes)), sum[0]);
        JAC_IMPL_(store)(c + n, sum[0]);
    }
}
/* One to three rows, in the order of a tile, but B is read from end to end, four rows at a time; sums of chunk and block in `spare`. */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(single)(const jac_impl_product *p)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t M = p->M, N = p->N, K = p->K, up = (N + lanes - 1) / lanes * lanes;
    jac_real *const c = p->spare, *const sum = c + M * up;
    size_t k = 0;
    do {
        const size_t from = k, to = K - k > JAC_IMPL_BLOCK + JAC_IMPL_CHUNK ? k + JAC_IMPL_BLOCK : K;
        for (size_t n = 0; n < 2 * M * up; n += lanes) JAC_IMPL_(store)(c + n, JAC_IMPL_SPLAT(0));
        while (k < to) {
            const size_t end = to - k > JAC_IMPL_CHUNK + JAC_IMPL_CHUNK / 2 ? k + JAC_IMPL_CHUNK : to;
            for (; end - k >= 4; k += 4) for (size_t m = 0; m < M; m++) JAC_IMPL_(single_of)(4, p, m, k, c + m * up);
            for (; k < end; k++) for (size_t m = 0; m < M; m++) JAC_IMPL_(single_of)(1, p, m, k, c + m * up);
            for (size_t n = 0; n < M * up; n += lanes) {
                JAC_IMPL_(store)(sum + n, JAC_IMPL_(load)(sum + n) + JAC_IMPL_(load)(c + n));
                JAC_IMPL_(store)(c + n, JAC_IMPL_SPLAT(0));
            }
        }
        for (size_t m = 0; m < M; m++) {
            jac_real *const Cm = p->C + m * p->c_m, *const sm = sum + m * up;
            const jac_vec edge = JAC_IMPL_(load)(Cm + N - lanes);              /* before its lanes are written; nothing yet, at first */
            for (size_t n = 0; n < N; n += lanes) {
                jac_real *const C = Cm + jac_impl_least(n, N - lanes);
                jac_vec z = JAC_IMPL_(load)(sm + n);
                if (from > 0) z = (N - n >= lanes ? JAC_IMPL_(load)(C) : edge) + z;
                JAC_IMPL_(store)(C, z);
            }
        }
    } while (k < K);
}
#endif

/* (K1), and the bias, by tiles: block by block of terms, strip by strip of rows. */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(tiles)(const jac_impl_product *p)
{
    JAC_ASSERT(p->b_n == 1 && (p->c_n == 1 || (p->c_m == 1 && p->bias == NULL)) && (p->a_m != 1 || p->m_list == NULL));
#if JAC_IMPL_LANES > 1
    if (JAC_IMPL_NARROW(p->N) && !p->b_padded) { JAC_IMPL_GLUE(tiles, JAC_IMPL_NARROWER)(p); return; }
    if (p->M < 4 && p->beyond && 2 * p->M <= p->room && p->c_n == 1 && p->N >= JAC_IMPL_LANES) {
        JAC_IMPL_(single)(p);
        if (p->bias != NULL) JAC_IMPL_(add_bias)(p);
        return;
    }
#endif
    static void (*const strips[])(jac_impl_tile *) = {
        JAC_IMPL_(strip_1), JAC_IMPL_(strip_2), JAC_IMPL_(strip_3), JAC_IMPL_(strip_4), JAC_IMPL_(strip_5),
#if JAC_IMPL_HIGH > 5
        JAC_IMPL_(strip_6),
#endif
#if JAC_IMPL_HIGH > 6
        JAC_IMPL_(strip_7), JAC_IMPL_(strip_8), JAC_IMPL_(strip_9), JAC_IMPL_(strip_10)
#endif
    };
#if JAC_IMPL_HIGH == 6                              /* low strips take 3, 5 or 7 vectors three at a time; and are as high as a square */
    const size_t vectors = (p->N + JAC_IMPL_LANES - 1) / JAC_IMPL_LANES;
    const int four = (vectors > 2 && vectors < 8 && vectors % 2 == 1) || (vectors > 1 && p->c_n != 1);
#else
    enum { four = 0 };
#endif
    /* strips are higher than a square only where their rows lie side by side: a narrow C often leaves by columns, in squares (settle) */
    const size_t high = four ? 4 : p->a_m == 1 && p->N > 2 * JAC_IMPL_LANES ? JAC_IMPL_HIGH : jac_impl_least(JAC_IMPL_HIGH, JAC_IMPL_APART);
    const size_t count = p->M <= high ? p->M > 0 : (p->M + high - 1) / high;
#if JAC_IMPL_LANES > 1
    const int turned = p->c_n != 1 && count > 1;
#else
    enum { turned = 0 };                            /* in registers of one number */
#endif
    /* `count` strips of nearly the same height, the first `higher` of them one row more than `low`; turned: squares, and what is left */
    const size_t low = turned ? high : count < 2 ? p->M : p->M / count, higher = turned ? 0 : p->M - count * low;
    jac_impl_tile t;
#ifdef JAC_IMPL_PACKS
    jac_real A[(JAC_IMPL_BLOCK + JAC_IMPL_CHUNK) * JAC_IMPL_HIGH];
    size_t a_at[JAC_IMPL_BLOCK + JAC_IMPL_CHUNK], b_at[JAC_IMPL_BLOCK + JAC_IMPL_CHUNK + JAC_IMPL_ROWS_AHEAD];
    t.A = A;
    t.a_at = a_at;
    t.b_at = b_at;
#endif
    t.p = p;
    t.from = 0;
    do {
        t.to = p->K - t.from > JAC_IMPL_BLOCK + JAC_IMPL_CHUNK ? t.from + JAC_IMPL_BLOCK : p->K;
#ifdef JAC_IMPL_PACKS
        if (p->M > 1) {
            jac_impl_places(p->a_list, p->a_k, t.from, t.to, a_at);
            jac_impl_places(p->b_list, p->b_k, t.from, t.to, b_at);
        }
        if (p->M > 1 && p->beyond && p->K > 0)      /* ahead of the last is the last */
            for (size_t i = 0; i < JAC_IMPL_ROWS_AHEAD; i++) b_at[t.to - t.from + i] = b_at[t.to - t.from - 1];
#endif
        for (size_t m = 0, M; m < p->M; m += M) {
            M = jac_impl_least(p->M - m, low + (m < higher * (low + 1)));
            for (size_t i = 0; i < M; i++) t.row[i] = (p->m_list ? p->m_list[m + i] : m + i) * p->a_m;
            t.C = p->C + m * p->c_m;
            strips[M - 1](&t);
        }
        t.from = t.to;
    } while (t.from < p->K);
    if (p->bias != NULL) JAC_IMPL_(add_bias)(p);
}

/* C(m, n) <- C(m, n) + sum_t A(m, k + t) B(k + t, n), t < T, for all m and the V vectors from n on. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(band)(const size_t T, const size_t V, const jac_impl_product *p, size_t k, size_t n,
                                                     jac_real *C)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t M = p->M, c_m = p->c_m;
    const unsigned *const m_list = p->m_list;
    const jac_real *row[JAC_IMPL_BAND];
    jac_vec b[JAC_IMPL_BAND * 2], c[2];            /* [T x V], [V] */
    JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
        const jac_real *const g = p->B + (p->b_list ? p->b_list[k + t] : k + t) * p->b_k + n;
        row[t] = p->A + (p->a_list ? p->a_list[k + t] : k + t) * p->a_k;
        JAC_IMPL_KEEP_POINTER(row[t]);
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) b[t * V + v] = JAC_IMPL_(load)(g + v * lanes);
    }
    C += n;
    JAC_IMPL_ROLLED
    for (size_t m = 0; m < M; m++, C += c_m) {
        const size_t j = m_list[m];
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) c[v] = JAC_IMPL_SPLAT(0);
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
            const jac_vec am = JAC_IMPL_SPLAT(row[t][j]);
            JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) c[v] = JAC_IMPL_FMA(am, b[t * V + v], c[v]);
        }
        JAC_IMPL_UNROLL for (size_t v = 0; v < V; v++) JAC_IMPL_(store)(C + v * lanes, JAC_IMPL_(load)(C + v * lanes) + c[v]);
    }
}
/* Terms k .. to, V vectors from n on: as many terms at a time as the registers hold. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(bands_of)(const size_t V, const jac_impl_product *p, size_t k, size_t to, size_t n,
                                                         jac_real *C)
{
    enum { of_one = JAC_IMPL_BAND, of_two = JAC_IMPL_REGISTERS == 16 ? 6 : JAC_IMPL_BAND };
    const size_t T = V > 1 ? of_two : of_one;
    for (; to - k >= T; k += T) JAC_IMPL_(band)(T, V, p, k, n, C);
    for (; to - k >= 2; k += 2) JAC_IMPL_(band)(2, V, p, k, n, C);
    if (k < to) JAC_IMPL_(band)(1, V, p, k, n, C);
}
/* (K1), the sums of a block of terms after the first in `spare` until they are whole. */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(bands)(const jac_impl_product *p)
{
    enum { lanes = JAC_IMPL_LANES };
    size_t from = 0, to;
    JAC_ASSERT(p->a_m == 1 && p->b_n == 1 && p->c_n == 1 && p->m_list != NULL && p->b_padded && p->c_padded && p->bias == NULL);
    do {
        jac_real *const C = from == 0 ? p->C : p->spare;
        size_t n = 0;
        to = p->K - from > JAC_IMPL_BLOCK + JAC_IMPL_CHUNK ? from + JAC_IMPL_BLOCK : p->K;
        for (size_t m = 0; m < p->M; m++) for (size_t i = 0; i < p->N; i += lanes) JAC_IMPL_(store)(C + m * p->c_m + i, JAC_IMPL_SPLAT(0));
        if (lanes > 1) for (; n + lanes < p->N; n += 2 * lanes) JAC_IMPL_(bands_of)(2, p, from, to, n, C);
        for (; n < p->N; n += lanes) JAC_IMPL_(bands_of)(1, p, from, to, n, C);
        if (from > 0) {
            for (size_t m = 0; m < p->M; m++) {
                jac_real *const sum = p->C + m * p->c_m, *const c = C + m * p->c_m;
                for (size_t i = 0; i < p->N; i += lanes) JAC_IMPL_(store)(sum + i, JAC_IMPL_(load)(sum + i) + JAC_IMPL_(load)(c + i));
            }
        }
        from = to;
    } while (from < p->K);
}

/* The sum of the lanes, lane l + lane l + lanes/2 and so on. */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_real JAC_IMPL_(total)(jac_vec v)
{
#if JAC_IMPL_LANES == 1
    return v;
#elif defined(JAC_IMPL_SHUFFLE)
#define JAC_IMPL_STEP(g) v = v + JAC_IMPL_SWAP(v, g);
    JAC_IMPL_HALVES(JAC_IMPL_STEP)
#undef JAC_IMPL_STEP
    return v[0];
#else
    jac_real s[JAC_IMPL_LANES];
    JAC_IMPL_(store)(s, v);
    for (size_t half = JAC_IMPL_LANES / 2; half > 0; half /= 2) for (size_t l = 0; l < half; l++) s[l] += s[l + half];
    return s[0];
#endif
}

/* c(t, q, s) <- partial sums of row t of the weights against sample q, t < T, q < Q, in stream g + s of S, s < G; where S does not
 * divide the vectors, those over are added first. ahead: fetch weights so many numbers before they are read, if at all. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(streams)(const size_t T, const size_t Q, const size_t S, const size_t G, size_t g, size_t K,
                                                        const jac_real *w, size_t ldw, const jac_real *x, size_t ldx, size_t ahead,
                                                        jac_vec *c)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t extra = K / lanes % S;
    jac_vec xk[JAC_IMPL_SHARE];                     /* [Q] */
    w += g * lanes;
    x += g * lanes;
    JAC_IMPL_UNROLL for (size_t s = 0; s < G; s++) {
        JAC_IMPL_UNROLL for (size_t i = 0; i < T * Q; i++) c[i * G + s] = JAC_IMPL_SPLAT(0);
        if (g + s < extra) {
            JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
                const jac_vec wk = JAC_IMPL_(load)(w + t * ldw + s * lanes);
                JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++) {
                    const jac_vec xq = JAC_IMPL_(load)(x + q * ldx + s * lanes);
                    c[(t * Q + q) * G + s] = JAC_IMPL_FMA(wk, xq, c[(t * Q + q) * G + s]);
                }
            }
        }
    }
    JAC_IMPL_ROLLED
    for (size_t k = extra * lanes; K - k >= S * lanes; k += S * lanes) {
        JAC_IMPL_UNROLL for (size_t s = 0; s < G; s++) {
            JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++) {
                xk[q] = JAC_IMPL_(load)(x + q * ldx + k + s * lanes);
                if (T > 1) JAC_IMPL_KEEP(xk[q]);
            }
            JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
                jac_vec wk = JAC_IMPL_(load)(w + t * ldw + k + s * lanes);
                if (ahead && s * lanes % JAC_IMPL_LINE == 0) JAC_IMPL_PREFETCH(w + t * ldw + k + s * lanes + ahead, 1);
                if (Q > 1) JAC_IMPL_KEEP(wk);
                JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++) c[(t * Q + q) * G + s] = JAC_IMPL_FMA(wk, xk[q], c[(t * Q + q) * G + s]);
            }
        }
    }
}
/* sum(t, q) <- sum(t, q) + partial sums of row t of the weights against sample q, t < T, q < Q, in S streams: all at once, or one half
 * after the other where the registers do not hold so many sums. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(rows)(const size_t T, const size_t Q, const size_t S, size_t K, const jac_real *w,
                                                     size_t ldw, const jac_real *x, size_t ldx, size_t ahead, jac_vec *sum)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t G = T * Q * S > JAC_IMPL_REGISTERS / 2 ? S / 2 : S;
    jac_vec c[JAC_IMPL_MOST_TQS], half[JAC_IMPL_MOST_TQS];                     /* [T x Q x G] */
    size_t k = 0;
    if (K >= lanes) do {                            /* not a while: gcc -O2 would leave its last loop rolled */
        const size_t some = S > 1 && K - k > S * lanes * JAC_IMPL_STEPS ? S * lanes * JAC_IMPL_STEPS : K - k;
        if (G < S) {
            JAC_IMPL_UNROLL for (size_t i = 0; i < T * Q * G; i++) half[i] = JAC_IMPL_SPLAT(0);
            JAC_IMPL_ROLLED
            for (size_t g = 0; g < S; g += G) {     /* two loops by hand would share the registers */
                JAC_IMPL_(streams)(T, Q, S, G, g, some, w + k, ldw, x + k, ldx, ahead, c);
                JAC_IMPL_UNROLL for (size_t i = 0; i < T * Q * G; i++) c[i] = half[i] = half[i] + c[i];
            }
        } else JAC_IMPL_(streams)(T, Q, S, S, 0, some, w + k, ldw, x + k, ldx, ahead, c);
        k += some / lanes * lanes;
        JAC_IMPL_UNROLL for (size_t i = 0; i < T * Q; i++) {
            jac_vec *const s = c + i * G;
            if (G > 4) { JAC_IMPL_UNROLL for (size_t h = 0; h < 4; h++) s[h] = s[h] + s[h + 4]; }
            if (G > 2) { JAC_IMPL_UNROLL for (size_t h = 0; h < 2; h++) s[h] = s[h] + s[h + 2]; }
            if (S > 1) sum[i] = sum[i] + (s[0] + s[1]);
            else sum[i] = s[0];                     /* one chunk: there was nothing before it */
        }
    } while (S > 1 && K - k >= lanes);
#if JAC_IMPL_LANES > 1
    if (k < K) {                                    /* the last, partial vector */
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
            const jac_vec wk = JAC_IMPL_(rest)(w + k + t * ldw, K - k);
            JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++)
                sum[t * Q + q] = JAC_IMPL_FMA(wk, JAC_IMPL_(rest)(x + k + q * ldx, K - k), sum[t * Q + q]);
        }
    }
#endif
}

/* Row m of A against the rows of B, T at a time, in S streams; fetched ahead, or not. The last T are shifted back to end at the
 * edge; if there are fewer, all are the first. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(each)(const size_t T, const size_t S, const int fetched, const jac_impl_product *p, size_t m)
{
    const size_t ahead = !fetched ? 0 : p->beyond > 1 ? 8 * JAC_IMPL_AHEAD : JAC_IMPL_AHEAD;
    const size_t K = p->K, N = p->N, last = N < T ? 0 : N - T, ldw = N < T ? 0 : p->b_n, c_n = p->c_n;
    const jac_real *const x = p->A + m * p->a_m, *const B = p->B, *const bias = p->bias;
    jac_real *const C = p->C + m * p->c_m;
    for (size_t at = 0; at < N; at += T) {
        const size_t n = T > 1 ? jac_impl_least(at, last) : at;
        jac_vec sum[JAC_IMPL_MOST_T];
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) sum[t] = JAC_IMPL_SPLAT(0);
        JAC_IMPL_(rows)(T, 1, S, K, B + n * ldw, ldw, x, 0, ahead, sum);
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
            const jac_real z = JAC_IMPL_(total)(sum[t]);
            if (t == 0 || N >= T) C[(n + t) * c_n] = bias ? bias[n + t] + z : z;
        }
    }
}
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(short_1)(const jac_impl_product *p, size_t m) { JAC_IMPL_(each)(1, 1, 0, p, m); }
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(long_1)(const jac_impl_product *p, size_t m)
{
    JAC_IMPL_(each)(JAC_IMPL_ALONE, JAC_IMPL_STREAMS, 0, p, m);
}

#if JAC_IMPL_LANES > 1
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(far_1)(const jac_impl_product *p, size_t m)
{
    JAC_IMPL_(each)(1, JAC_IMPL_STREAMS, 1, p, m);
}

/* Lane l becomes the total of v_l: in each step, even pieces of v_2i and v_2i+1 plus odd pieces, those of the first vector first. */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(fold)(jac_vec *v)
{
#ifdef JAC_IMPL_SHUFFLE
#define JAC_IMPL_STEP(g) JAC_IMPL_UNROLL for (size_t i = 0; i < (g); i++) \
        v[i] = JAC_IMPL_PIECES(v[2 * i], v[2 * i + 1], g, 0) + JAC_IMPL_PIECES(v[2 * i], v[2 * i + 1], g, g);
    JAC_IMPL_HALVES(JAC_IMPL_STEP)
#undef JAC_IMPL_STEP
    return v[0];
#else
    jac_real z[JAC_IMPL_LANES];
    for (size_t l = 0; l < JAC_IMPL_LANES; l++) z[l] = JAC_IMPL_(total)(v[l]);
    return JAC_IMPL_(load)(z);
#endif
}

/* C(m, n + l) <- bias_(n + l) + z_l for the lanes l from `from` on, C where C(m, n) is; bias may be NULL. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(finish)(jac_real *C, size_t c_n, const jac_real *bias, size_t n, size_t from, jac_vec z)
{
    if (from == 0 && c_n == 1) {
        if (bias) z = JAC_IMPL_(load)(bias + n) + z;
        JAC_IMPL_(store)(C, z);
    } else {
        jac_real one_by_one[JAC_IMPL_LANES];
        JAC_IMPL_(store)(one_by_one, z);
        for (size_t l = from; l < JAC_IMPL_LANES; l++) C[l * c_n] = bias ? bias[n + l] + one_by_one[l] : one_by_one[l];
    }
}

/* v(q, t) <- v(q, t) + partial sums of K terms of row t of the weights against sample q, q < Q, t < lanes, T rows at a time; S as in rows.
 * One stream is all there is: it starts from 0. Rows before `first` are left out, unless all go at a time. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(group)(const size_t T, const size_t Q, const size_t S, size_t K, const jac_real *w,
                                                      size_t ldw, size_t first, const jac_real *x, size_t ldx, jac_vec *v)
{
    enum { lanes = JAC_IMPL_LANES };
    jac_vec sum[JAC_IMPL_MOST_TQS];                 /* [T x Q] */
    for (size_t t = 0; t < lanes; t += T) {
        JAC_IMPL_UNROLL for (size_t i = 0; i < T; i++) {
            JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++) {
                if (S > 1) sum[i * Q + q] = v[q * lanes + t + i];
                else sum[i * Q + q] = JAC_IMPL_SPLAT(0);
            }
        }
        JAC_IMPL_(rows)(T, Q, S, T < lanes && t < first ? 0 : K, w + t * ldw, ldw, x, ldx, 0, sum);
        JAC_IMPL_UNROLL for (size_t i = 0; i < T; i++) {
            JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++) v[q * lanes + t + i] = sum[i * Q + q];
        }
    }
}
/* `count` rows of A from `from` on, Q at a time, against all rows of B, as many at a time as there are lanes, T of them side by side; long
 * ones in S streams, short ones, of few vectors, in one. Where so many rows of B are more than the nearest cache holds, JAC_IMPL_TOGETHER
 * rows of A go by before the next chunk of them is read. The last group is shifted back to end at the edge: there are as many rows as
 * lanes, and samples as Q. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(dots_of)(const size_t T, const size_t Q, const size_t S, const jac_impl_product *p,
                                                        size_t from, size_t count)
{
    enum { lanes = JAC_IMPL_LANES };
    const size_t K = p->K, N = p->N, ldx = p->a_m, ldw = p->b_n, c_m = p->c_m, c_n = p->c_n;
    const jac_real *const A = p->A + from * ldx, *const B = p->B, *const bias = p->bias;
    jac_real *const C = p->C + from * c_m;
    size_t together = Q;
    if (S > 1 && K > JAC_IMPL_CLOSE / sizeof(jac_real) / lanes) together = JAC_IMPL_TOGETHER;
    for (size_t at = 0; at < N; at += lanes) {
        const size_t n = jac_impl_least(at, N - lanes);
        const size_t first = T < lanes ? (at - n) & ~(T - 1) : 0;              /* rows that a neighbour has done; T is a power of two */
        const jac_real *const w = B + n * ldw;
        size_t start = 0;
        do {
            const size_t stop = jac_impl_least(start + together, count);
            jac_vec v[JAC_IMPL_TOGETHER * JAC_IMPL_LANES];                     /* [together x lanes] */
            size_t k = 0, m;
            if (S > 1) for (size_t i = 0; i < together * lanes; i++) v[i] = JAC_IMPL_SPLAT(0);
            do {                                    /* what samples share stays in the nearest cache */
                const size_t some = S > 1 ? jac_impl_least(K - k, S * lanes * JAC_IMPL_STEPS) : K;
                m = start;
                do {
                    const jac_real *const x = A + jac_impl_least(m, count - Q) * ldx;
                    JAC_IMPL_(group)(T, Q, S, some, w + k, ldw, first, x + k, ldx, v + (m - start) * lanes);
                    m += Q;
                } while (S > 1 && m < stop);
                k += some;
            } while (S > 1 && k < K);
            m = start;
            do {
                jac_real *const z = C + jac_impl_least(m, count - Q) * c_m + n * c_n;
                JAC_IMPL_UNROLL for (size_t q = 0; q < Q; q++)
                    JAC_IMPL_(finish)(z + q * c_m, c_n, bias, n, first, JAC_IMPL_(fold)(v + (m - start + q) * lanes));
                m += Q;
            } while (S > 1 && m < stop);
            start += together;
        } while (Q > 1 && start < count);           /* one row is no loop: gcc would prepare its tail before every group */
    }
}
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(close_1)(const jac_impl_product *p, size_t m)
{
    JAC_IMPL_(dots_of)(JAC_IMPL_LANES, 1, 1, p, m, 1);
}
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(short_n)(const jac_impl_product *p)
{
    JAC_IMPL_(dots_of)(JAC_IMPL_SHORT, JAC_IMPL_SHARE, 1, p, 0, p->M);
}
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(long_n)(const jac_impl_product *p)
{
    JAC_IMPL_(dots_of)(JAC_IMPL_LONG, JAC_IMPL_SHARE, JAC_IMPL_STREAMS, p, 0, p->M);
}
#endif

/* C(m, n) = bias_n + sum_k A(m, k) B(k, n), both read along k. */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(dots)(const jac_impl_product *p)
{
    /* bytes of weights whose short rows go as many at a time as lanes: with 16 registers multiplying holds up reading for longer */
    enum { quick = JAC_IMPL_REGISTERS == 16 ? JAC_IMPL_NEAR : JAC_IMPL_CLOSE };
    const int is_short = p->K <= JAC_IMPL_STEPS * JAC_IMPL_LANES;           /* one chunk of one stream */
    void (*row)(const jac_impl_product *, size_t) = is_short ? JAC_IMPL_(short_1) : JAC_IMPL_(long_1);
    JAC_ASSERT(p->a_k == 1 && p->b_k == 1 && p->m_list == NULL && p->a_list == NULL && p->b_list == NULL);
#if JAC_IMPL_LANES > 1
    if (JAC_IMPL_NARROW(p->K) || (is_short && JAC_IMPL_NARROW(p->N))) { JAC_IMPL_GLUE(dots, JAC_IMPL_NARROWER)(p); return; }
    /* samples share, but where a group of rows would be in parts and there is little to share */
    if (p->M >= JAC_IMPL_SHARE && p->N >= JAC_IMPL_LANES && p->K > (JAC_IMPL_SHORT < JAC_IMPL_LANES ? 4 * JAC_IMPL_LANES : 0)) {
        (is_short ? JAC_IMPL_(short_n) : JAC_IMPL_(long_n))(p);
        return;
    }
    if (!is_short && p->beyond) row = JAC_IMPL_(far_1);
    if (is_short && p->N >= JAC_IMPL_LANES && p->K * p->N <= quick / sizeof(jac_real)) row = JAC_IMPL_(close_1);
#endif
    for (size_t m = 0; m < p->M; m++) row(p, m);
}

/* e = exp x, returned, and e - 1 to *less_1, unless that is NULL; x < 2. The scalar set calls the C library, once: expm1 from about
 * e = 1/2 on, where e - 1 would cancel. In vectors x = n log 2 + r, n whole, |r| <= (log 2)/2:
 *     e = 2^n (1 + p),      e - 1 = 2^n p + (2^n - 1),      p = r + r^2/2! + r^3/3! + ...
 * n stands in the last digits of n + 1.5 2^52 (float: 2^23) and moves from there into the exponents of two factors, as 2^n may be too
 * small for one. What rounding takes from r and from 1 + r is added at the end. Test: test_accuracy.c, where ELU is alpha (e - 1), its d
 * alpha e. */
#if JAC_IMPL_LANES == 1
static jac_real JAC_IMPL_(exp)(jac_real x, jac_real *less_1)
{
    if (x == 0) {                                   /* whoever picks another value asks for this one */
        if (less_1 != NULL) *less_1 = 0;
        return 1;
    }
    if (less_1 != NULL && x > JAC_IMPL_REAL(-0.7)) {
        const jac_real t = JAC_IMPL_MATH(expm1)(x);
        *less_1 = t;
        return 1 + t;
    }
    const jac_real e = JAC_IMPL_MATH(exp)(x);
    if (less_1 != NULL) *less_1 = e - 1;
    return e;
}
#else
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(exp)(jac_vec x, jac_vec *less_1)
{
    const jac_vec zero = JAC_IMPL_SPLAT(0), one = JAC_IMPL_SPLAT(1), half = JAC_IMPL_SPLAT(JAC_IMPL_REAL(0.5));
    const jac_vec whole = JAC_IMPL_SPLAT(JAC_IMPL_WHOLE), least = JAC_IMPL_SPLAT(JAC_IMPL_NOTHING);
    const jac_vec log_2 = JAC_IMPL_SPLAT(JAC_IMPL_LOG_2), tail = JAC_IMPL_SPLAT(JAC_IMPL_LOG_2_TAIL);
    x = JAC_IMPL_PICK(x < least, least, x);
    const jac_vec y = x * JAC_IMPL_SPLAT(JAC_IMPL_REAL(1.4426950408889634074));        /* x / log 2 */
    jac_vec n_whole = y + whole;
    JAC_IMPL_KEEP(n_whole);
    const jac_vec off = y - (n_whole - whole);      /* more than 1/2 where rounding is set not to be to nearest */
    n_whole = n_whole + JAC_IMPL_PICK(off > half, one, JAC_IMPL_PICK(off < -half, -one, zero));
    const jac_vec n = n_whole - whole, about = JAC_IMPL_FMA(n, -log_2, x), r = JAC_IMPL_FMA(n, -tail, about);
    jac_vec n_half = JAC_IMPL_FMA(n, half, whole);
    JAC_IMPL_KEEP(n_half);
    const JAC_IMPL_(mask) b_1 = JAC_IMPL_POINTER(JAC_IMPL_(mask), one);
    const JAC_IMPL_(mask) b_n = JAC_IMPL_POINTER(JAC_IMPL_(mask), n_whole), b_half = JAC_IMPL_POINTER(JAC_IMPL_(mask), n_half);
    const JAC_IMPL_(mask) b_f = (b_half << JAC_IMPL_DIGITS) + b_1, b_g = ((b_n - b_half) << JAC_IMPL_DIGITS) + b_1;
    const jac_vec f = JAC_IMPL_POINTER(jac_vec, b_f), g = JAC_IMPL_POINTER(jac_vec, b_g), s = f * g;
    jac_vec c = JAC_IMPL_SPLAT(jac_impl_taylor[JAC_IMPL_TERMS - 1]);            /* p = r + c r^2 */
    JAC_IMPL_UNROLL for (size_t i = JAC_IMPL_TERMS - 1; i > 0; i--) c = JAC_IMPL_FMA(c, r, JAC_IMPL_SPLAT(jac_impl_taylor[i - 1]));
    if (less_1 != NULL) *less_1 = JAC_IMPL_FMA(JAC_IMPL_FMA(r * r, c, r), s, s - one);
    const jac_vec high = one + r, low = (r - (high - one)) + JAC_IMPL_FMA(n, -tail, about - r);
    return (high + JAC_IMPL_FMA(r * r, c, low)) * f * g;
}
#endif

/* log(1 + e), 0 <= e <= 1. In vectors 2 (s + s^3/3 + s^5/5 + ...), s = e / (2 + e) <= 1/3. Test: test_accuracy.c, softplus. */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(log_1)(jac_vec e)
{
#if JAC_IMPL_LANES == 1
    return JAC_IMPL_MATH(log1p)(e);
#else
    enum { terms = sizeof(jac_real) == sizeof(float) ? 7 : 16 };
    const jac_vec s = e / (e + JAC_IMPL_SPLAT(2)), q = s * s;
    jac_vec c = JAC_IMPL_SPLAT(0);
    JAC_IMPL_UNROLL for (int i = terms; i > 0; i--) c = JAC_IMPL_FMA(c, q, JAC_IMPL_SPLAT(1 / JAC_IMPL_REAL(2 * i + 1)));
    return JAC_IMPL_FMA((s + s) * q, c, s + s);
#endif
}

/* v^2 - q, q being v^2 rounded (Dekker 1971). */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_vec JAC_IMPL_(square_rest)(jac_vec v, jac_vec q)
{
    const jac_vec split = v * JAC_IMPL_SPLAT(sizeof(jac_real) == sizeof(float) ? 4097 : 134217729);
    const jac_vec high = split - (split - v), low = v - high;
    return ((high * high - q) + (high + high) * low) + low * low;
}

/* a = act v and d = act' v by the table of >>types, one vector; both NaN where v is. What is smooth goes over e = exp(-|v|), tanh over
 * exp(-2 |v|), ELU over exp v <= 1: neither overflows nor cancels. SiLU with e:
 *     v >= 0  a = v / (1 + e)        d = (1 + e + v e) / (1 + e)^2
 *     v < 0   a = v e / (1 + e)      d = e (1 + v + e) / (1 + e)^2
 * The last d is 0 at v0: with w = v - v0 the sum that cancels there is w + e0 (exp w - 1). e = f h: far out f and h are exp(-|v|/2)
 * each, as v e is still a number where e is 0, else h = 1; c is v, but not infinite.
 * GELU with t = |v|, p = k exp(-t^2/2), k = 1 / sqrt(2 pi), and Mills's ratio R = Phi(-t) / p = 1 / (t + H):
 *     v >= 0  a = v - t p R          d = 1 + p (t - R)
 *     v < 0   a = -t p R             d = -p (t - R),      t - R = (t - t0) S
 * The last d is 0 at t0. H / k and k S are polynomials of x = (1.2 t - 4) / (t + 4), which goes from -1 to 1 while t goes from 0 to 40,
 * where p is 0: sum_i (c_i0 + c_i1 x) y^i, y = 2 x^2 - 1. p = k f h: far out f and h are about exp(-t^2/4) each, as t p is still a
 * number where p is 0. Rounding t^2 to q costs p as much as t^2 u: f carries it along.
 * Softmax asks for a = exp v only. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(act_1)(const unsigned kind, jac_vec alpha, jac_vec v, jac_vec *a, jac_vec *d)
{
    const jac_vec zero = JAC_IMPL_SPLAT(0), one = JAC_IMPL_SPLAT(1), half = JAC_IMPL_SPLAT(JAC_IMPL_REAL(0.5));
    const jac_vec minus = JAC_IMPL_PICK(v > zero, -v, v);   /* -|v| */
    jac_vec less_1;
    switch (kind) {
    case JAC_KIND_RELU:
        *a = JAC_IMPL_PICK(v <= zero, zero, v);
        *d = JAC_IMPL_PICK(v > zero, one, *a);
        break;
    case JAC_KIND_LEAKY_RELU:
        *a = JAC_IMPL_PICK(v > zero, v, alpha * v);
        *d = JAC_IMPL_PICK(v > zero, one, JAC_IMPL_PICK(v <= zero, alpha, v));
        break;
    case JAC_KIND_ELU: {
        const jac_vec e = JAC_IMPL_(exp)(JAC_IMPL_PICK(v > zero, zero, v), &less_1);
        *a = JAC_IMPL_PICK(v > zero, v, alpha * less_1);
        *d = JAC_IMPL_PICK(v > zero, one, alpha * e);
        break;
    }
    case JAC_KIND_TANH: {
        const jac_vec e = JAC_IMPL_(exp)(minus + minus, &less_1), all = one + e, size = less_1 / all;
        *a = JAC_IMPL_PICK(v < zero, size, JAC_IMPL_PICK(v > zero, -size, v));
        *d = JAC_IMPL_SPLAT(4) * e / (all * all);
        break;
    }
    case JAC_KIND_SIGMOID: {
        const jac_vec e = JAC_IMPL_(exp)(minus, NULL), all = one + e;
        *a = JAC_IMPL_PICK(v >= zero, one, e) / all;
        *d = e / (all * all);
        break;
    }
    case JAC_KIND_SOFTPLUS: {
        const jac_vec e = JAC_IMPL_(exp)(minus, NULL);
        *a = JAC_IMPL_PICK(v > zero, v, zero) + JAC_IMPL_(log_1)(e);
        *d = JAC_IMPL_PICK(v >= zero, one, e) / (one + e);
        break;
    }
    case JAC_KIND_SILU: {
        const jac_vec most = JAC_IMPL_SPLAT(1500), c = JAC_IMPL_PICK(v < -most, -most, JAC_IMPL_PICK(v > most, most, v));
        const jac_vec tail = JAC_IMPL_SPLAT(60), size = JAC_IMPL_PICK(c < zero, c, -c);         /* -|c| */
        const jac_vec f = JAC_IMPL_(exp)(size * JAC_IMPL_PICK(size < -tail, half, one), NULL), h = JAC_IMPL_PICK(size < -tail, f, one);
        const jac_vec e = f * h, all = one + e;
        const jac_vec w = JAC_IMPL_FROM_ZERO(c, -1.2784645427610737951, -1.0946994183093437e-16);
        const jac_vec e0 = JAC_IMPL_SPLAT(JAC_IMPL_REAL(0.27846454276107379511));
        (void)JAC_IMPL_(exp)(JAC_IMPL_PICK(v < zero, w, zero), &less_1);
        *a = JAC_IMPL_PICK(v >= zero, v / all, c * f / all * h);
        *d = JAC_IMPL_PICK(v >= zero, all + c * e, (w + e0 * less_1) * f * h) / (all * all);
        break;
    }
    case JAC_KIND_GELU: {
        const jac_vec most = JAC_IMPL_SPLAT(40), t = JAC_IMPL_PICK(minus < -most, most, -minus), q = t * t;
        const jac_vec w = JAC_IMPL_FROM_ZERO(t, 0.75179152469356445746, -1.4956759177009883e-17);
        const jac_vec four = JAC_IMPL_SPLAT(4), x = (t * JAC_IMPL_SPLAT(JAC_IMPL_REAL(1.2)) - four) / (t + four);
        const jac_vec y = JAC_IMPL_FMA(x + x, x, -one);
        const jac_vec tail = JAC_IMPL_SPLAT(12), e = JAC_IMPL_(exp)(q * JAC_IMPL_PICK(t > tail, -half * half, -half), NULL);
        const jac_vec f = e - e * (JAC_IMPL_(square_rest)(t, q) * half), h = JAC_IMPL_PICK(t > tail, e, one);
        jac_vec c[4] = { zero, zero, zero, zero };
        JAC_IMPL_ROLLED
        for (size_t i = sizeof(jac_real) == sizeof(float) ? 8 : 13; i > 0; i--) {
            JAC_IMPL_UNROLL for (size_t j = 0; j < 4; j++) c[j] = JAC_IMPL_FMA(c[j], y, JAC_IMPL_SPLAT(jac_impl_mills[i - 1][j]));
        }
        const jac_vec H_by_k = JAC_IMPL_FMA(x, c[1], c[0]), k_S = JAC_IMPL_FMA(x, c[3], c[2]);
        const jac_vec below = t * f / JAC_IMPL_FMA(t, JAC_IMPL_SPLAT(JAC_IMPL_REAL(2.5066282746310005024)), H_by_k) * h;   /* t p R */
        const jac_vec slope = w * k_S * f * h;              /* p (t - R) */
        *a = JAC_IMPL_PICK(v < zero, -below, v - below);
        *d = JAC_IMPL_PICK(v < zero, -slope, one + slope);
        break;
    }
    default:
        *a = JAC_IMPL_(exp)(v, NULL);
        *d = zero;
    }
}
/* The last vector is shifted back to end at the edge. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(act_n)(const unsigned kind, jac_real alpha, size_t n, const jac_real *z, jac_real *a,
                                                      jac_real *d)
{
    enum { lanes = JAC_IMPL_LANES };
    jac_vec aj, dj;
    for (size_t at = 0; at < n; at += lanes) {
        const size_t j = jac_impl_least(at, n - lanes);
        JAC_IMPL_(act_1)(kind, JAC_IMPL_SPLAT(alpha), JAC_IMPL_(load)(z + j), &aj, &dj);
        JAC_IMPL_(store)(a + j, aj);
        if (kind != JAC_KIND_SOFTMAX) JAC_IMPL_(store)(d + j, dj);
    }
}
/* A function each: in one they would share a frame, and ReLU would pay for what exp keeps on the stack. */
#define JAC_IMPL_ACTS(X) X(RELU) X(LEAKY_RELU) X(ELU) X(TANH) X(SIGMOID) X(SOFTPLUS) X(SILU) X(GELU)
#define JAC_IMPL_ACT(kind) JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(act_##kind)(jac_real alpha, size_t n, const jac_real *z, \
    jac_real *a, jac_real *d) { JAC_IMPL_(act_n)(JAC_KIND_##kind, alpha, n, z, a, d); }
#define JAC_IMPL_CASE(kind) case JAC_KIND_##kind: JAC_IMPL_(act_##kind)(alpha, n, z, a, d); break;
JAC_IMPL_ACTS(JAC_IMPL_ACT) JAC_IMPL_ACT(SOFTMAX)
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(act)(unsigned kind, jac_real alpha, size_t n, const jac_real *z, jac_real *a, jac_real *d)
{
#if JAC_IMPL_LANES > 1
    if (n < JAC_IMPL_LANES) { JAC_IMPL_GLUE(act, JAC_IMPL_NARROWER)(kind, alpha, n, z, a, d); return; }
#endif
    switch (kind) {
    JAC_IMPL_ACTS(JAC_IMPL_CASE)
    default: JAC_IMPL_(act_SOFTMAX)(alpha, n, z, a, d);
    }
}
#undef JAC_IMPL_ACTS
#undef JAC_IMPL_ACT
#undef JAC_IMPL_CASE

JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(scale)(size_t R, size_t n, const jac_real *G, size_t ldg, const jac_real *d, jac_real *C,
                                                       size_t ldc)
{
    for (size_t r = 0; r < R; r++) {
        size_t j = 0;
#if JAC_IMPL_LANES > 1
        for (; n - j >= JAC_IMPL_LANES; j += JAC_IMPL_LANES) {
            const jac_vec dj = JAC_IMPL_(load)(d + j), g = JAC_IMPL_(load)(G + r * ldg + j) * dj;
            const JAC_IMPL_(mask) on = JAC_IMPL_POINTER(JAC_IMPL_(mask), g) & JAC_IMPL_POINTER(JAC_IMPL_(mask), dj != 0);
            JAC_IMPL_(store)(C + r * ldc + j, JAC_IMPL_POINTER(jac_vec, on));
        }
#endif
        for (; j < n; j++) C[r * ldc + j] = d[j] == 0 ? 0 : G[r * ldg + j] * d[j];
    }
}

/* The last vector is shifted back to end at the edge. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(centre_of)(const int across, size_t R, const unsigned *list, size_t n, const jac_real *W,
                                                          size_t ldw, const jac_real *w, const jac_real *f, jac_real *C, size_t ldc)
{
    enum { lanes = JAC_IMPL_LANES };
    for (size_t k = 0; k < R; k++) {
        const size_t r = list != NULL ? list[k] : k;
        const jac_real *row = W + r * ldw;
        jac_real *to = C + k * ldc;
        JAC_IMPL_KEEP_POINTER(row);
        JAC_IMPL_KEEP_POINTER(to);
        const jac_vec f_r = JAC_IMPL_SPLAT(across || f == NULL ? 1 : f[r]), w_r = JAC_IMPL_SPLAT(across ? w[r] : 0);
        JAC_IMPL_ROLLED
        for (size_t at = 0; at < n; at += lanes) {
            const size_t j = jac_impl_least(at, n - lanes);
            jac_vec f_j = f_r, w_j = w_r;
            if (!across) w_j = JAC_IMPL_(load)(w + j);
            else if (f != NULL) f_j = JAC_IMPL_(load)(f + j);
            JAC_IMPL_(store)(to + j, f_j * (JAC_IMPL_(load)(row + j) - w_j));
        }
        for (size_t j = n; across && j < ldc; j++) to[j] = 0;
    }
}
JAC_IMPL_TARGET JAC_IMPL_OUTLINE void JAC_IMPL_(centre)(int across, size_t R, const unsigned *list, size_t n, const jac_real *W, size_t ldw,
                                                        const jac_real *w, const jac_real *f, jac_real *C, size_t ldc)
{
#if JAC_IMPL_LANES > 1
    if (n < JAC_IMPL_LANES) { JAC_IMPL_GLUE(centre, JAC_IMPL_NARROWER)(across, R, list, n, W, ldw, w, f, C, ldc); return; }
#endif
    if (across) JAC_IMPL_(centre_of)(1, R, list, n, W, ldw, w, f, C, ldc);
    else JAC_IMPL_(centre_of)(0, R, list, n, W, ldw, w, f, C, ldc);
}

/* list <- the units with v_j != 0 (NaN counts); returns how many. *ones <- are they all 1? Whole numbers are compared: no branches. */
/*@ requires n <= UINT_MAX && \valid_read(v + (0 .. n - 1)) && \valid(list + (0 .. n - 1)) && \valid(ones);
  @ requires \separated(v + (0 .. n - 1), list + (0 .. n - 1), ones);
  @ assigns list[0 .. n - 1], *ones;
  @ ensures \result <= n && \forall integer k; 0 <= k < \result ==> list[k] < n && (k > 0 ==> list[k - 1] < list[k]); */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE size_t JAC_IMPL_(live)(const jac_real *v, size_t n, unsigned *list, int *ones)
{
    const jac_real one = 1;
    jac_impl_bits bits, bits_of_one, others = 0;
    size_t j = 0, K = 0;
    memcpy(&bits_of_one, &one, sizeof one);
#ifdef JAC_IMPL_LIVE                                /* of a set that can move live lanes to the front */
    for (; n - j >= JAC_IMPL_LANES; j += JAC_IMPL_LANES) K += JAC_IMPL_LIVE(v + j, j, list + K, bits_of_one, &others);
#endif
    for (; j < n; j++) {
        memcpy(&bits, v + j, sizeof bits);
        list[K] = JAC_IMPL_CAST(unsigned, j);
        K += bits << 1 != 0;
        others |= bits << 1 != 0 ? bits ^ bits_of_one : 0;
    }
    *ones = others == 0;
    return K;
}

#if JAC_IMPL_LANES > 1 && defined(JAC_IMPL_SHUFFLE)
/* Lane by lane the smaller size, and whose it is. Sizes are compared as whole numbers. */
JAC_IMPL_TARGET JAC_IMPL_INLINE void JAC_IMPL_(nearer)(JAC_IMPL_(mask) *size, JAC_IMPL_(mask) *id, JAC_IMPL_(mask) other,
                                                       JAC_IMPL_(mask) other_id)
{
    const JAC_IMPL_(mask) less = 0 - ((other - *size) >> (8 * sizeof(jac_real) - 1));
    *size = ((*size ^ other) & less) ^ *size;
    *id = ((*id ^ other_id) & less) ^ *id;
}
#endif

/* The smallest |z_j|, j < n, and where: *at. No branch depends on z: what comes next need not wait. */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_real JAC_IMPL_(nearest)(size_t n, const jac_real *z, size_t *at)
{
    jac_real least = JAC_IMPL_REAL(HUGE_VAL);
    size_t j = 0, o = 0;
#if JAC_IMPL_LANES > 1 && defined(JAC_IMPL_SHUFFLE)
    if (n >= JAC_IMPL_LANES) {                      /* a vector of the smallest, and where; then its halves, and theirs */
        JAC_IMPL_(mask) m = JAC_IMPL_POINTER(JAC_IMPL_(mask), JAC_IMPL_SPLAT(JAC_IMPL_REAL(HUGE_VAL))), id = { 0 }, unit;
        for (size_t l = 0; l < JAC_IMPL_LANES; l++) unit[l] = JAC_IMPL_CAST(jac_impl_bits, l);
        for (; n - j >= JAC_IMPL_LANES; j += JAC_IMPL_LANES) {
            JAC_IMPL_(nearer)(&m, &id, JAC_IMPL_POINTER(JAC_IMPL_(mask), JAC_IMPL_(load)(z + j)) << 1 >> 1, unit);
            unit = unit + JAC_IMPL_LANES;
        }
#define JAC_IMPL_STEP(g) JAC_IMPL_(nearer)(&m, &id, JAC_IMPL_SWAP(m, g), JAC_IMPL_SWAP(id, g));
        JAC_IMPL_HALVES(JAC_IMPL_STEP)
#undef JAC_IMPL_STEP
        least = JAC_IMPL_POINTER(jac_vec, m)[0];
        o = JAC_IMPL_CAST(size_t, id[0]);
    }
#endif
    for (; j < n; j++) {
        const jac_real size = JAC_IMPL_MATH(fabs)(z[j]);
        const size_t less = size < least;
        least = size < least ? size : least;
        o ^= (o ^ j) & (0 - less);
    }
    *at = o;
    return least;
}

/* sum_k |w_k a_k| */
JAC_IMPL_TARGET JAC_IMPL_INLINE jac_real JAC_IMPL_(sizes)(size_t K, const jac_real *w, const jac_real *a)
{
    jac_real sum = 0;
    size_t k = 0;
#if JAC_IMPL_LANES > 1
    if (K >= JAC_IMPL_LANES) {
        jac_vec s = JAC_IMPL_SPLAT(0);
        for (; K - k >= JAC_IMPL_LANES; k += JAC_IMPL_LANES)
            s = s + JAC_IMPL_POINTER(jac_vec, JAC_IMPL_POINTER(JAC_IMPL_(mask), JAC_IMPL_(load)(w + k) * JAC_IMPL_(load)(a + k)) << 1 >> 1);
        sum = JAC_IMPL_(total)(s);
    }
#endif
    for (; k < K; k++) sum += JAC_IMPL_MATH(fabs)(w[k] * a[k]);
    return sum;
}

/* The unit with the smallest |z_o| of a dense layer over a: |z_o| / (u (|b_o| + sum_i |W_oi a_i|)), how many roundings of its own sum
 * it is away from 0. */
JAC_IMPL_TARGET JAC_IMPL_OUTLINE double JAC_IMPL_(margin)(const jac_layer *dense, const jac_real *a, const jac_real *z)
{
    size_t o;
    const double least = JAC_IMPL_CAST(double, JAC_IMPL_(nearest)(dense->out, z, &o));
    double size = dense->b == NULL ? 0 : fabs(JAC_IMPL_CAST(double, dense->b[o]));
    if (dense->kind == JAC_KIND_DENSE) size += JAC_IMPL_CAST(double, JAC_IMPL_(sizes)(dense->in, dense->W + o * dense->in, a));
    else for (size_t i = 0; i < dense->in; i++) size += fabs(JAC_IMPL_CAST(double, dense->W[i * dense->out + o] * a[i]));
    return 2 / JAC_IMPL_CAST(double, JAC_IMPL_EPSILON) * (least / (size == 0 ? 1 : size));    /* least is 0 then, too */
}

JAC_IMPL_UNUSED static const jac_impl_kernels JAC_IMPL_(kernels) = {
    JAC_IMPL_QUOTE(JAC_IMPL_SET), JAC_IMPL_LANES, JAC_IMPL_HALF, JAC_IMPL_HIGH, JAC_IMPL_FEW * JAC_IMPL_LANES,
    JAC_IMPL_FEW_FAR * JAC_IMPL_LANES,
    JAC_IMPL_(tiles), JAC_IMPL_(bands), JAC_IMPL_(dots), JAC_IMPL_(act), JAC_IMPL_(scale), JAC_IMPL_(centre), JAC_IMPL_(live),
    JAC_IMPL_(margin)
};

/* what is the same for all sets stays */
#undef jac_vec
#undef JAC_IMPL_
#undef JAC_IMPL_PACKS
#undef JAC_IMPL_WALKED
#undef JAC_IMPL_AT
#undef JAC_IMPL_LIST
#undef JAC_IMPL_HALVES
#undef JAC_IMPL_SQUARE
#undef JAC_IMPL_TRANSPOSE
#undef JAC_IMPL_SET
#undef JAC_IMPL_NARROWER
#undef JAC_IMPL_LANES
#undef JAC_IMPL_TARGET
#undef JAC_IMPL_SPLAT
#undef JAC_IMPL_FMA
#undef JAC_IMPL_MASK
#undef JAC_IMPL_NARROW
#undef JAC_IMPL_PICK
#undef JAC_IMPL_LOAD_N
#undef JAC_IMPL_STORE_N
#undef JAC_IMPL_HALF
#undef JAC_IMPL_REGISTERS
#undef JAC_IMPL_FEW
#undef JAC_IMPL_FEW_FAR
#undef JAC_IMPL_HIGH
#undef JAC_IMPL_STREAMS
#undef JAC_IMPL_ALONE
#undef JAC_IMPL_SHORT
#undef JAC_IMPL_LONG
#undef JAC_IMPL_LIVE
#endif /* JAC_IMPL_SET */

#if defined(JACOBIAN_IMPLEMENTATION) && !defined(JAC_IMPL_REST)
#define JAC_IMPL_REST

#ifndef JAC_FILE
#define JAC_FILE "jacobian.h"
#endif

#if defined(JAC_FLOAT)
#define JAC_IMPL_WIDE(bytes) ((bytes) / 4)
#define JAC_IMPL_X(prefix, op) prefix##_##op##_ps
#else
#define JAC_IMPL_WIDE(bytes) ((bytes) / 8)
#define JAC_IMPL_X(prefix, op) prefix##_##op##_pd
#endif

#ifdef JAC_IMPL_X86
#define JAC_IMPL_SET sse2                           /* every x86-64 */
#define JAC_IMPL_NARROWER scalar
#define JAC_IMPL_LANES JAC_IMPL_WIDE(16)
#define JAC_IMPL_TARGET
#define JAC_IMPL_SPLAT(x) JAC_IMPL_X(_mm, set1)(x)
#define JAC_IMPL_FMA(a, b, c) ((c) + (a) * (b))
#define JAC_IMPL_REGISTERS 16
#define JAC_IMPL_FEW 14
#define JAC_IMPL_FEW_FAR 6
#define JAC_IMPL_HIGH 5
#define JAC_IMPL_STREAMS 4
#define JAC_IMPL_ALONE 2
#define JAC_IMPL_SHORT 2                            /* rows of weights side by side where samples share them, short ones */
#define JAC_IMPL_LONG 1                             /* and long ones */
#include JAC_FILE

#ifdef JAC_IMPL_AVX
#define JAC_IMPL_SET avx2
#define JAC_IMPL_NARROWER sse2
#define JAC_IMPL_LANES JAC_IMPL_WIDE(32)
#define JAC_IMPL_TARGET __attribute__((target("avx2,fma,popcnt")))
#define JAC_IMPL_SPLAT(x) JAC_IMPL_X(_mm256, set1)(x)
#define JAC_IMPL_FMA(a, b, c) JAC_IMPL_X(_mm256, fmadd)(a, b, c)
#define JAC_IMPL_REGISTERS 16
#define JAC_IMPL_FEW 16
#define JAC_IMPL_FEW_FAR 5
#define JAC_IMPL_HIGH 6
#define JAC_IMPL_STREAMS 4
#define JAC_IMPL_ALONE 2
#define JAC_IMPL_SHORT 4
#define JAC_IMPL_LONG 2
/* Of the units j, j + 1 ..., a lane each, those with v != 0 to the front of `to`; returns how many. *others becomes
 * nonzero if one of them is not 1. */
JAC_IMPL_TARGET JAC_IMPL_INLINE size_t jac_impl_live_fours(const jac_real *v, size_t j, unsigned *to, jac_impl_bits one,
                                                           jac_impl_bits *others)
{
    static const int first[16] = {                  /* of four, those that are on: a byte each */
        0, 0x0, 0x1, 0x100, 0x2, 0x200, 0x201, 0x20100, 0x3, 0x300, 0x301, 0x30100, 0x302, 0x30200, 0x30201, 0x3020100
    };
    const __m256i bits = _mm256_loadu_si256(JAC_IMPL_POINTER(const __m256i *, v));
#ifdef JAC_FLOAT
    const __m256i off = _mm256_cmpeq_epi32(_mm256_add_epi32(bits, bits), _mm256_setzero_si256());
    const __m256i fine = _mm256_or_si256(off, _mm256_cmpeq_epi32(bits, _mm256_set1_epi32(JAC_IMPL_CAST(int, one))));
    unsigned on = 255 ^ JAC_IMPL_CAST(unsigned, _mm256_movemask_ps(_mm256_castsi256_ps(off)));
    *others |= 255 ^ JAC_IMPL_CAST(unsigned, _mm256_movemask_ps(_mm256_castsi256_ps(fine)));
#else
    const __m256i off = _mm256_cmpeq_epi64(_mm256_add_epi64(bits, bits), _mm256_setzero_si256());
    const __m256i fine = _mm256_or_si256(off, _mm256_cmpeq_epi64(bits, _mm256_set1_epi64x(JAC_IMPL_CAST(int64_t, one))));
    unsigned on = 15 ^ JAC_IMPL_CAST(unsigned, _mm256_movemask_pd(_mm256_castsi256_pd(off)));
    *others |= 15 ^ JAC_IMPL_CAST(unsigned, _mm256_movemask_pd(_mm256_castsi256_pd(fine)));
#endif
    size_t K = 0;
    for (size_t four = 0; four < JAC_IMPL_LANES; four += 4, on >>= 4) {
        const __m128i lanes = _mm_cvtepu8_epi32(_mm_cvtsi32_si128(first[on & 15]));
        _mm_storeu_si128(JAC_IMPL_POINTER(__m128i *, to + K), _mm_add_epi32(lanes, _mm_set1_epi32(JAC_IMPL_CAST(int, j + four))));
        K += JAC_IMPL_CAST(size_t, __builtin_popcount(on & 15));
    }
    return K;
}
#define JAC_IMPL_LIVE jac_impl_live_fours
#include JAC_FILE

#define JAC_IMPL_SET avx512
#define JAC_IMPL_NARROWER avx2
#define JAC_IMPL_LANES JAC_IMPL_WIDE(64)
#ifdef __clang__
#define JAC_IMPL_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma,popcnt"), min_vector_width(512)))
#else
#define JAC_IMPL_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma,popcnt,prefer-vector-width=512")))
#endif
#define JAC_IMPL_SPLAT(x) JAC_IMPL_X(_mm512, set1)(x)
#define JAC_IMPL_FMA(a, b, c) JAC_IMPL_X(_mm512, fmadd)(a, b, c)
#ifdef JAC_FLOAT                                    /* the first n lanes */
#define JAC_IMPL_MASK(n) JAC_IMPL_CAST(__mmask16, (1u << (n)) - 1)
#else
#define JAC_IMPL_MASK(n) JAC_IMPL_CAST(__mmask8, (1u << (n)) - 1)
#endif
#define JAC_IMPL_LOAD_N(p, n) JAC_IMPL_POINTER(jac_vec, JAC_IMPL_X(_mm512, maskz_loadu)(JAC_IMPL_MASK(n), p)) /* zeros for the others */
#define JAC_IMPL_STORE_N(p, v, n) JAC_IMPL_X(_mm512, mask_storeu)(p, JAC_IMPL_MASK(n), v)
#define JAC_IMPL_REGISTERS 32
#define JAC_IMPL_FEW 8
#define JAC_IMPL_FEW_FAR 6
#define JAC_IMPL_HIGH 10
#define JAC_IMPL_STREAMS 2
#define JAC_IMPL_ALONE 1
#define JAC_IMPL_SHORT 8
#define JAC_IMPL_LONG 4
/* The same, with masks. */
JAC_IMPL_TARGET JAC_IMPL_INLINE size_t jac_impl_live_lanes(const jac_real *v, size_t j, unsigned *to, jac_impl_bits one,
                                                           jac_impl_bits *others)
{
    const __m512i bits = _mm512_loadu_si512(v);
#ifdef JAC_FLOAT
    const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i unit = _mm512_add_epi32(lane, _mm512_set1_epi32(JAC_IMPL_CAST(int, j)));
    const __mmask16 on = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(INT32_MAX));
    *others |= _mm512_mask_cmpneq_epi32_mask(on, bits, _mm512_set1_epi32(JAC_IMPL_CAST(int, one)));
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(on, unit));
#else
    const __m256i lane = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
    const __m256i unit = _mm256_add_epi32(lane, _mm256_set1_epi32(JAC_IMPL_CAST(int, j)));
    const __mmask8 on = _mm512_test_epi64_mask(bits, _mm512_set1_epi64(INT64_MAX));
    *others |= _mm512_mask_cmpneq_epi64_mask(on, bits, _mm512_set1_epi64(JAC_IMPL_CAST(int64_t, one)));
    _mm256_storeu_si256(JAC_IMPL_POINTER(__m256i *, to), _mm256_maskz_compress_epi32(on, unit));
#endif
    return JAC_IMPL_CAST(size_t, __builtin_popcount(on));
}
#define JAC_IMPL_LIVE jac_impl_live_lanes
#include JAC_FILE
#endif
#endif

#ifdef JAC_IMPL_NEON
#define JAC_IMPL_SET neon                           /* every 64-bit ARM */
#define JAC_IMPL_NARROWER scalar
#define JAC_IMPL_LANES JAC_IMPL_WIDE(16)
#define JAC_IMPL_TARGET
#ifdef JAC_FLOAT
#define JAC_IMPL_SPLAT(x) vdupq_n_f32(x)
#define JAC_IMPL_FMA(a, b, c) vfmaq_f32(c, a, b)
#else
#define JAC_IMPL_SPLAT(x) vdupq_n_f64(x)
#define JAC_IMPL_FMA(a, b, c) vfmaq_f64(c, a, b)
#endif
#define JAC_IMPL_REGISTERS 32
#define JAC_IMPL_FEW 8
#define JAC_IMPL_FEW_FAR 6
#define JAC_IMPL_HIGH 10
#define JAC_IMPL_STREAMS 4
#define JAC_IMPL_ALONE 1
#define JAC_IMPL_SHORT JAC_IMPL_LANES
#define JAC_IMPL_LONG 2
#include JAC_FILE
#endif

/* The best set of this machine. It is asked once, by jac_net_init. */
static const jac_impl_kernels *jac_impl_kernels_best(void)
{
#ifdef JAC_IMPL_AVX
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return &jac_impl_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &jac_impl_kernels_avx2;
#endif
#if defined(JAC_IMPL_X86)
    return &jac_impl_kernels_sse2;
#elif defined(JAC_IMPL_NEON)
    return &jac_impl_kernels_neon;
#else
    return &jac_impl_kernels_scalar;
#endif
}

/* ================================================================================================== >>layers
 * What a layer is and which function it calls. Activations are in >>kernels, softmax here; the checker has formulas of its own. */

static int jac_impl_is_dense(const jac_layer *layer) { return layer->kind == JAC_KIND_DENSE || layer->kind == JAC_KIND_DENSE_T; }
static int jac_impl_is_softmax(const jac_layer *layer) { return layer->kind == JAC_KIND_SOFTMAX || layer->kind == JAC_KIND_LOG_SOFTMAX; }

/* Leaky ReLU and ELU with alpha = 1 have none. */
static int jac_impl_has_kink(const jac_layer *layer)
{
    return layer->kind == JAC_KIND_RELU || ((layer->kind == JAC_KIND_LEAKY_RELU || layer->kind == JAC_KIND_ELU) && !(layer->alpha == 1));
}

/* For each j: a_j = act(z_j), d_j = act'(z_j). z, a and d do not overlap. */
static void jac_impl_elementwise(const jac_layer *layer, const jac_impl_kernels *kernels, size_t n, const jac_real *z, jac_real *a,
                                 jac_real *d)
{
    if (layer->kind == JAC_KIND_ACTIVATION) layer->f(n, z, a, d, layer->user);
    else kernels->act(layer->kind, layer->alpha, n, z, a, d);
}

/* (M3) y = softmax z or log softmax z; s = softmax z is kept. The rounding error t of z_o - z_m is carried along: exp(z_o - z_m + t)
 * = e (1 + t); without it a gap of g costs g u. 1 + (sum of the others) is the whole sum, so the saturated case loses nothing. */
static void jac_impl_softmax(const jac_layer *layer, const jac_impl_kernels *kernels, size_t n, const jac_real *z, jac_real *y, jac_real *s)
{
    const size_t m = jac_impl_argmax(z, n);
    for (size_t o = 0; o < n; o++) y[o] = z[o] - z[m];
    kernels->act(JAC_KIND_SOFTMAX, 0, n, y, s, NULL);
    for (size_t o = 0; o < n; o++) {
        const jac_real g = y[o], back = g + z[m], t = (z[o] - back) - (z[m] - (back - g)), e = s[o];
        s[o] = g < JAC_IMPL_NOTHING ? 0 : e + e * t;                           /* however exp rounds */
    }
    const jac_real top = s[m];                      /* 1, unless z_m is not finite */
    s[m] = 0;
    const jac_real others = jac_impl_sum(s, n), sum = top + others;
    const jac_real log_sum = layer->kind == JAC_KIND_SOFTMAX ? 0 : JAC_IMPL_MATH(log1p)(others);
    s[m] = top;
    for (size_t o = 0; o < n; o++) {
        s[o] = s[o] / sum;
        y[o] = layer->kind == JAC_KIND_SOFTMAX ? s[o] : y[o] - log_sum;
    }
}

/* ============================================================================================== >>validation
 * Every check on what a caller passes, and the sizes that follow from a description. */

static size_t jac_impl_check_bytes(size_t n_in, const jac_layer *layers, size_t n_layers, size_t widest);      /* see >>check */

/* Scratch of a forward pass (two activations a sample; two rows of sums for vector sets), of a sweep (three blocks of rows and
 * two lists of units), and of the checker: they take turns in one place. */
static size_t jac_impl_scratch_bytes(size_t n_in, const jac_layer *layers, size_t n_layers, const jac_net *net)
{
    const size_t forward = (2 * JAC_IMPL_CAST(size_t, JAC_SAMPLES) + (JAC_IMPL_VECTORS ? 2 : 0)) * net->widest * sizeof(jac_real);
    const size_t sweep = 3 * net->rows * net->widest * sizeof(jac_real) + 2 * net->widest * sizeof(unsigned);
    const size_t check = jac_impl_check_bytes(n_in, layers, n_layers, net->widest);
    const size_t most = forward > sweep ? forward : sweep;
    return ((most > check ? most : check) + 7) / 8 * 8;
}

/* Rows of scratch start on whole cache lines, and not all in the same set of the cache. */
static size_t jac_impl_stride(size_t n)
{
#if JAC_IMPL_VECTORS
    n = (n + 15) / 16 * 16;
    if (n * sizeof(jac_real) % 4096 == 0) n += 16;
#endif
    return n;
}

/* Walk the description once: is it valid, how wide, which order for J (fields of the net), and how many bytes of memory? */
static jac_status jac_impl_describe(size_t n_in, const jac_layer *layers, size_t n_layers, jac_net *net, size_t *memory)
{
    size_t n = n_in, first = 0, last = 0, bytes;
    double units = 0, all = 0, pull, push;                     /* of activations; bytes of weights, and what J reads in either order */
    net->bad_layer = JAC_NO_LAYER;
    net->widest = n_in;
    net->n_cache = 0;
    if (layers == NULL) return JAC_ERROR_NULL;
    if (n_layers == 0) return JAC_ERROR_NO_LAYERS;
    if (n_in == 0 || n_in >= UINT_MAX) return JAC_ERROR_SIZE;
    bytes = sizeof(jac_layer);
    if (!jac_impl_times(&bytes, n_layers)) return JAC_ERROR_OVERFLOW;
    for (size_t l = 0; l < n_layers; l++) {
        const jac_layer *layer = &layers[l];
        net->bad_layer = l;
        if (layer->kind < JAC_KIND_DENSE || layer->kind >= JAC_KIND_COUNT) return JAC_ERROR_LAYER;
        if (jac_impl_is_dense(layer)) {
            if (layer->W == NULL) return JAC_ERROR_NULL;
            if (layer->in == 0 || layer->in >= UINT_MAX || layer->out == 0 || layer->out >= UINT_MAX) return JAC_ERROR_SIZE;
            if (!jac_impl_bytes(&bytes, layer->in, layer->out)) return JAC_ERROR_OVERFLOW;
            if (layer->in != n) return JAC_ERROR_CHAIN;
            n = layer->out;
            if (first == 0) first = bytes;
            last = bytes;
            all += JAC_IMPL_CAST(double, bytes);
        } else {
            if (layer->kind == JAC_KIND_ACTIVATION && layer->f == NULL) return JAC_ERROR_NULL;
            net->n_cache += n;
            units += JAC_IMPL_CAST(double, n);
        }
        if (n > net->widest) net->widest = n;
        if (64.0 * (8.0 + JAC_SAMPLES + JAC_ROWS) * JAC_IMPL_CAST(double, net->widest) +
            4.0 * JAC_SAMPLES * sizeof(jac_real) * units > JAC_IMPL_CAST(double, PTRDIFF_MAX))
            return JAC_ERROR_OVERFLOW;              /* more than the net's memory can be */
    }
    if (!jac_impl_bytes(&bytes, n, n_in)) return JAC_ERROR_OVERFLOW;
    net->bad_layer = JAC_NO_LAYER;
    net->n_in = n_in;
    net->n_out = n;
    pull = JAC_IMPL_CAST(double, n) * (all - JAC_IMPL_CAST(double, last));
    push = JAC_IMPL_CAST(double, n_in) * (all - JAC_IMPL_CAST(double, first));
    net->forward_order = 3 * push < 2 * pull;
    net->widest = jac_impl_stride(net->widest);
    net->rows = jac_impl_least(jac_impl_stride(net->forward_order ? n_in : n), JAC_ROWS);
    net->beyond = (all > JAC_IMPL_CAST(double, JAC_IMPL_NEAR)) + (all > JAC_IMPL_CAST(double, JAC_IMPL_FAR));
    if (net->rows == 1) net->beyond = 0;                /* no room for the sums of a far row */
    *memory = JAC_IMPL_ALIGN - 1 + jac_impl_scratch_bytes(n_in, layers, n_layers, net) + JAC_SAMPLES * net->n_cache * sizeof(jac_real);
    return JAC_OK;
}

/* Would writing n bytes at p change anything the net needs: itself, its memory, its layers, its weights? */
static int jac_impl_clash(const jac_net *net, const void *p, size_t n)
{
    if (jac_impl_overlap(p, n, net, sizeof *net) || jac_impl_overlap(p, n, net->memory, net->memory_size) ||
        jac_impl_overlap(p, n, net->layers, net->n_layers * sizeof(jac_layer))) return 1;
    for (size_t l = 0; l < net->n_layers; l++) {
        const jac_layer *layer = &net->layers[l];
        if (!jac_impl_is_dense(layer)) continue;
        if (jac_impl_overlap(p, n, layer->W, layer->in * layer->out * sizeof(jac_real))) return 1;
        if (layer->b != NULL && jac_impl_overlap(p, n, layer->b, layer->out * sizeof(jac_real))) return 1;
    }
    return 0;
}

/* states of a net, none of which a build of the other precision has; anything else is not ready */
enum { JAC_IMPL_READY = 0x6a00 + sizeof(jac_real), JAC_IMPL_FORWARD = 0x6b00 + sizeof(jac_real) };

/* The checks that the calls share: n samples or rows of `in` values each to `out` values each. Inputs may be anywhere but in
 * what is written. Of these y may be NULL; what a call does not have has no values. */
static jac_status jac_impl_admit(const jac_net *net, int needs_forward, size_t n, const jac_real *x, size_t in, const jac_real *y,
                                 size_t out, const jac_real *J, size_t out_J)
{
    size_t bytes_x, bytes_y, bytes_J;
    if (net->state != JAC_IMPL_READY && net->state != JAC_IMPL_FORWARD) return JAC_ERROR_NOT_READY;
    if (needs_forward && net->state != JAC_IMPL_FORWARD) return JAC_ERROR_NO_FORWARD;
    if (!jac_impl_bytes(&bytes_x, n, in) || !jac_impl_bytes(&bytes_y, n, out) || !jac_impl_bytes(&bytes_J, n, out_J))
        return JAC_ERROR_OVERFLOW;
    if (y == NULL) bytes_y = 0;                     /* what is not there overlaps nothing, though weights may lie at the address 0 */
    if (jac_impl_overlap(x, bytes_x, net, sizeof *net) || jac_impl_overlap(x, bytes_x, net->memory, net->memory_size) ||
        jac_impl_overlap(x, bytes_x, y, bytes_y) || jac_impl_overlap(x, bytes_x, J, bytes_J) || jac_impl_overlap(y, bytes_y, J, bytes_J))
        return JAC_ERROR_OVERLAP;
    if (bytes_y > 0 && bytes_J > 0) {               /* as a rule they are near each other, with nothing in between: one search */
        const uintptr_t at_y = JAC_IMPL_POINTER(uintptr_t, y), at_J = JAC_IMPL_POINTER(uintptr_t, J);
        const int clash = at_y < at_J ? jac_impl_clash(net, y, at_J - at_y + bytes_J) : jac_impl_clash(net, J, at_y - at_J + bytes_y);
        if (!clash) return JAC_OK;
    }
    return jac_impl_clash(net, y, bytes_y) || jac_impl_clash(net, J, bytes_J) ? JAC_ERROR_OVERLAP : JAC_OK;
}

/* ==================================================================================================== >>pass */

/* z [Q x out] <- W a + b, (M1), for Q samples a [Q x in]; or in reverse z [Q x in] <- W^T a, a [Q x out]. Inputs that are 0 are not
 * left out: a weight that is not finite shows. spare: room for two rows of sums, or NULL. */
static void jac_impl_dense(const jac_net *net, const jac_layer *layer, int reverse, size_t Q, const jac_real *a, size_t lda, jac_real *z,
                           size_t ldz, jac_real *spare)
{
    const int along_k = (layer->kind == JAC_KIND_DENSE) != reverse;            /* W lies that way */
    jac_impl_product p;
    p.M = Q;
    p.K = reverse ? layer->out : layer->in;
    p.N = reverse ? layer->in : layer->out;
    p.A = a;
    p.a_m = lda;
    p.a_k = 1;
    p.m_list = p.a_list = p.b_list = NULL;
    p.B = layer->W;
    p.b_k = along_k ? 1 : p.N;
    p.b_n = along_k ? p.K : 1;
    p.bias = reverse ? NULL : layer->b;
    p.C = z;
    p.c_m = ldz;
    p.c_n = 1;
    p.beyond = spare != NULL ? net->beyond : 0;
    p.room = 2;
    p.b_padded = p.c_padded = 0;
    p.spare = spare;
    (along_k ? net->kernels->dots : net->kernels->tiles)(&p);
}

/* The forward pass for Q samples that share one reading of the weights: x [Q x N] -> y [Q x O] or NULL, (M1) to (M3). */
static void jac_impl_forward(jac_net *net, size_t Q, const jac_real *x, jac_real *y)
{
    const size_t wide = net->widest;
    jac_real *spare = net->scratch, *next = spare + JAC_SAMPLES * wide;
    jac_real *const sums = JAC_IMPL_VECTORS ? next + JAC_SAMPLES * wide : NULL;
    const jac_real *a = x;                          /* [Q x n] what the layer reads; z what it writes */
    jac_real *cache = net->cache;
    size_t n = net->n_in, lda = n;
    JAC_ASSERT(Q > 0 && Q <= JAC_SAMPLES);
    net->state = JAC_IMPL_READY;                    /* no forward point, should an activation never return */
    net->kink_margin = HUGE_VAL;
#if JAC_IMPL_VECTORS
    if (n >= 64 && (JAC_IMPL_POINTER(uintptr_t, x) | n * sizeof *x) % JAC_IMPL_ALIGN != 0) { /* read once a row of W: worth aligning */
        for (size_t q = 0; q < Q; q++) memcpy(next + q * wide, x + q * n, n * sizeof *x);
        a = next;
        lda = wide;
        next = spare;
        spare = net->scratch + JAC_SAMPLES * wide;
    }
#endif
    for (size_t l = 0; l < net->n_layers; l++) {
        const jac_layer *layer = &net->layers[l];
        const int last = l + 1 == net->n_layers, to_y = last && y != NULL;
        jac_real *z = to_y ? y : next;
        const size_t ldz = to_y ? net->n_out : wide;
        if (jac_impl_is_dense(layer)) {
            jac_impl_dense(net, layer, 0, Q, a, lda, z, ldz, sums);
            n = layer->out;
            if (!last && jac_impl_has_kink(layer + 1)) {
                const double margin = net->kernels->margin(layer, a + (Q - 1) * lda, z + (Q - 1) * ldz);
                net->kink_margin = margin < net->kink_margin ? margin : net->kink_margin;       /* a branch would wait */
            }
        } else {
            for (size_t q = 0; q < Q; q++) {
                jac_real *d = cache + q * net->n_cache;
                if (jac_impl_is_softmax(layer)) jac_impl_softmax(layer, net->kernels, n, a + q * lda, z + q * ldz, d);
                else {
                    jac_impl_elementwise(layer, net->kernels, n, a + q * lda, z + q * ldz, d);
                    if (l > 0 && !jac_impl_is_dense(layer - 1) && !jac_impl_is_softmax(layer - 1))
                        for (size_t j = 0; j < n; j++) d[j] *= (d - n)[j];      /* of a run the last d holds the product */
                }
            }
            cache += n;
        }
        a = z;
        lda = ldz;
        next = spare;
        spare = z;                                  /* or y, which is the last */
    }
    net->sample = Q - 1;
    net->state = JAC_IMPL_FORWARD;
}

/* A walk over the layers, forward or in reverse, and over what the forward pass kept of them. */
typedef struct jac_impl_walk {
    int reverse;
    size_t left;                                    /* layers */
    const jac_layer *at;                            /* between two layers, and */
    const jac_real *cache;                          /* between what was kept of them */
} jac_impl_walk;

static const jac_layer *jac_impl_peek(const jac_impl_walk *w) { return w->left == 0 ? NULL : w->at - w->reverse; }

/* Step over a layer that keeps n numbers, and return them. */
static const jac_real *jac_impl_step(jac_impl_walk *w, size_t n)
{
    const jac_real *const before = w->cache;
    w->left--;
    w->at += w->reverse ? -1 : 1;
    w->cache += w->reverse ? -JAC_IMPL_CAST(ptrdiff_t, n) : JAC_IMPL_CAST(ptrdiff_t, n);
    return w->reverse ? w->cache : before;
}

/* Step over the elementwise layers that come next; their d, or NULL when there are none. The last of a run, in forward
 * order, holds the product of all. */
static const jac_real *jac_impl_run(jac_impl_walk *w, size_t n)
{
    const jac_real *d = NULL;
    for (const jac_layer *layer = jac_impl_peek(w); layer != NULL && !jac_impl_is_dense(layer) && !jac_impl_is_softmax(layer);
         layer = jac_impl_peek(w)) {
        const jac_real *step = jac_impl_step(w, n);
        if (d == NULL || !w->reverse) d = step;
    }
    return d;
}

/* sum_{j != m} v_j, j < n: of s and its largest m it is 1 - s_m, without cancellation. The terms go to C [n]. */
static jac_real jac_impl_others(size_t n, const jac_real *v, size_t m, jac_real *C)
{
    for (size_t j = 0; j < n; j++) C[j] = j == m ? 0 : v[j];
    return jac_impl_sum(C, n);
}

/* (M6) on a row g [n], to C [n]: C_j = s_j ((g_j - g_m) - sum_k s_k (g_k - g_m)), m the largest s: nothing cancels when s_m is near 1.
 * Log softmax, y_o = z_o - log sum: pushed forward g_o - sum_k s_k g_k in the same way, pulled back g_j - s_j sum_k g_k;
 * s_k, k != m, add up to rest. spare: room for a row. */
static void jac_impl_softmax_step(const jac_layer *layer, const jac_impl_kernels *kernels, int reverse, size_t n, const jac_real *s,
                                  size_t m, jac_real rest, const jac_real *g, jac_real *C, jac_real *spare)
{
    const jac_real top = g[m];
    if (layer->kind == JAC_KIND_LOG_SOFTMAX && reverse) {
        const jac_real others = jac_impl_others(n, g, m, spare), sum = others + top;
        for (size_t j = 0; j < n; j++) C[j] = g[j] - s[j] * sum;
        C[m] = top * rest - s[m] * others;
    } else {
        kernels->centre(1, 1, NULL, n, g, 0, &top, s, C, 0);
        const jac_real mean = jac_impl_sum(C, n);
        kernels->centre(1, 1, NULL, n, g, 0, &top, NULL, spare, 0);
        kernels->centre(1, 1, NULL, n, spare, 0, &mean, layer->kind == JAC_KIND_SOFTMAX ? s : NULL, C, 0);
    }
}

/* R rows on their way through the layers. Between two layers they are G(r, j) = G[r*g_r + j*g_j], j < n. */
typedef struct jac_impl_block {
    const jac_net *net;
    size_t R, n;
    const jac_real *G;                              /* in V, in W, or in room[0]; NULL: rows of the identity */
    size_t g_r, g_j;
    const jac_real *d, *e;                          /* factors of units, and of rows (G = NULL: of all rows), that G lacks; NULL: 1 */
    unsigned *list;                                 /* room for `widest` units */
    const unsigned *live;                           /* the K units with d_j != 0: list; NULL: all */
    size_t K;
    int relu;                                       /* are they units of a ReLU? */
    int ones;                                       /* d is 0 or 1: who walks the live units need not apply it */
    int compact;                                    /* only the live units are there: G(r, k) is unit live_k */
    jac_real *room[3];                              /* scratch: G is in the first or in none, moves to the second; the third is spare */
} jac_impl_block;

/* n, made up to whole vectors, whose number of lanes is a power of two. */
static size_t jac_impl_up(size_t n, size_t lanes) { return (n + lanes - 1) & ~(lanes - 1); }

/* R, made up to whole vectors, unless there is no room for them or R is just a vector of the narrower set. */
static size_t jac_impl_whole(const jac_impl_block *p)
{
    const size_t whole = jac_impl_up(p->R, p->net->kernels->lanes);
    return whole <= p->net->rows && p->R != p->net->kernels->half ? whole : p->R;
}

/* Are all units of G there, row by row? One compact row has g_j = 1, too. */
static int jac_impl_by_rows(const jac_impl_block *p) { return p->g_j == 1 && !p->compact; }

/* Do tiles want R rows of G side by side? High ones do. */
static int jac_impl_side_by_side(const jac_impl_kernels *kernels, size_t R) { return R > JAC_IMPL_APART && kernels->high > JAC_IMPL_APART; }

/* G moved to the other block of scratch, and is q's now: row-major, or column by column, so far apart. */
static void jac_impl_moved(const jac_impl_block *p, jac_impl_block *q, size_t by_columns)
{
    jac_real *const left = p->room[0];
    q->room[0] = p->room[1];
    q->room[1] = left;
    q->G = q->room[0];
    q->g_r = by_columns ? 1 : p->net->widest;
    q->g_j = by_columns ? by_columns : 1;
}

/* to_i <- f from_i, i < n, or 0 where f is. */
static void jac_impl_scaled(size_t n, jac_real f, const jac_real *from, jac_real *to)
{
    if (f == 0) for (size_t i = 0; i < n; i++) to[i] = 0;
    else for (size_t i = 0; i < n; i++) to[i] = f * from[i];
}

/* G [R x n] <- all units of G, row by row. */
static void jac_impl_spread(const jac_impl_block *p, jac_real *G, size_t ld)
{
    for (size_t r = 0; r < p->R; r++, G += ld) {
        const jac_real *const g = p->G + r * p->g_r;
        if (p->compact) {
            for (size_t j = 0; j < p->n; j++) G[j] = 0;
            for (size_t k = 0; k < p->K; k++) G[p->live[k]] = g[k * p->g_j];
        } else for (size_t j = 0; j < p->n; j++) G[j] = g[j * p->g_j];
    }
}

/* T rows of G, turned: C(k, t) <- G(t, j) for the n units j of a list, or all; with factors d of the units d_j G(t, j), 0 where d_j is. */
JAC_IMPL_INLINE void jac_impl_turn_rows(const size_t T, const jac_real *G, size_t g_r, size_t g_j, const unsigned *list, size_t n,
                                        const jac_real *d, jac_real *C, size_t ld)
{
    const jac_real *row[8];
    JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) row[t] = G + t * g_r;
    for (size_t k = 0; k < n; k++) {
        const size_t j = list != NULL ? list[k] : k;
        const jac_real d_j = d == NULL ? 1 : d[j];
        JAC_IMPL_UNROLL for (size_t t = 0; t < T; t++) {
            const jac_real g = row[t][j * g_j];
            C[k * ld + t] = d_j == 0 ? 0 : d_j * g;
        }
    }
}
/* All R rows: C [n x ld], zeros from R on. Few rows at a time: many may share a set of the cache. */
JAC_IMPL_INLINE void jac_impl_turn(size_t R, const jac_real *G, size_t g_r, size_t g_j, const unsigned *list, size_t n, const jac_real *d,
                                   jac_real *C, size_t ld)
{
    enum { most = JAC_IMPL_VECTORS ? 4 : 1 };       /* less code where there are no vectors */
    const size_t T = R > 3 ? most : R > 1 ? (most + 1) / 2 : 1;
    for (size_t at = 0; at < R; at += T) {
        const size_t r = jac_impl_least(at, R - T);                            /* the last are shifted back to end at the edge */
        if (T == 4) jac_impl_turn_rows(4, G + r * g_r, g_r, g_j, list, n, d, C + r, ld);
        else if (T == 2) jac_impl_turn_rows(2, G + r * g_r, g_r, g_j, list, n, d, C + r, ld);
        else jac_impl_turn_rows(1, G + r * g_r, g_r, g_j, list, n, d, C + r, ld);
    }
    for (size_t k = 0; k < n && R < ld; k++) {
        for (size_t r = R; r < ld; r++) C[k * ld + r] = 0;
    }
}

/* C[l*ld + k] <- e_l G[k*g_k + l*g_l], k < n, l < lines, 0 where e_l is; e = NULL: 1. Of C lines are written, whichever way G lies. */
static void jac_impl_carry(size_t n, size_t lines, const jac_real *G, size_t g_k, size_t g_l, const jac_real *e, jac_real *C, size_t ld)
{
    enum { most = JAC_IMPL_VECTORS ? 8 : 1 };
    size_t k = 0;
    if (g_k == 1) {
        for (size_t l = 0; l < lines; l++) {
            if (e != NULL) jac_impl_scaled(n, e[l], G + l * g_l, C + l * ld);
            else memcpy(C + l * ld, G + l * g_l, n * sizeof *C);
        }
    } else {
        for (; n - k >= most; k += most) jac_impl_turn_rows(most, G + k * g_k, g_k, g_l, NULL, lines, e, C + k, ld);
        for (; k < n; k++) jac_impl_turn_rows(1, G + k * g_k, g_k, g_l, NULL, lines, e, C + k, ld);
    }
}

/* G <- diag(e) G diag(d), 0 where one of them is; by columns if G is and there is no e, unless rows of all units are asked for. What is
 * compact lies by columns, and has a d; e is set only where G is rows of W or of S W. */
static void jac_impl_apply(jac_impl_block *p, int as_rows)
{
    const size_t R = p->R, n = p->compact ? p->K : p->n, wide = p->net->widest;
    size_t by_columns = 0;
    if (p->e != NULL) {
        jac_impl_carry(n, R, p->G, p->g_j, p->g_r, p->e, p->room[1], wide);
        jac_impl_moved(p, p, 0);
        p->e = NULL;
        if (p->d == NULL) return;
    }
    jac_real *const C = p->room[1];
    if (jac_impl_by_rows(p)) p->net->kernels->scale(R, n, p->G, p->g_r, p->d, C, wide);
    else if (as_rows) {
        jac_real *const G = p->d == NULL ? C : p->room[2];
        jac_impl_spread(p, G, wide);
        if (p->d != NULL) p->net->kernels->scale(R, p->n, G, wide, p->d, C, wide);
        p->compact = 0;
    } else {
        const jac_real *d = p->d;
        if (p->compact) {
            for (size_t k = 0; k < n; k++) p->room[2][k] = p->d[p->live[k]];
            d = p->room[2];
        }
        by_columns = jac_impl_whole(p);
        jac_impl_turn(R, p->G, p->g_r, p->g_j, NULL, n, d, C, by_columns);
    }
    jac_impl_moved(p, p, by_columns);
    p->d = NULL;
}

/* G is going to n units and, w, the elementwise layers behind them: which of the units count? */
static void jac_impl_meet(jac_impl_block *p, size_t n, jac_impl_walk *w)
{
    const jac_layer *first = jac_impl_peek(w);
    p->n = p->K = n;
    p->relu = first != NULL && first->kind == JAC_KIND_RELU;
    p->d = jac_impl_run(w, n);
    p->ones = 1;
    p->compact = 0;
    if (p->d != NULL) p->K = p->net->kernels->live(p->d, n, p->list, &p->ones);
    p->live = p->K < n ? p->list : NULL;
}

/* (M6) on all rows of p, to the next block of scratch. The rows of the identity become those of S, times e: first, first + 1 ... of
 * them. Log softmax: delta_oj - s_j, o the output. */
static void jac_impl_softmax_rows(const jac_layer *layer, int reverse, const jac_real *s, jac_impl_block *p, size_t first)
{
    const size_t n = p->n, ldc = p->net->widest;
    const size_t m = jac_impl_argmax(s, n);
    jac_real *const C = p->room[1];
    jac_real others = jac_impl_others(n, s, m, C);
    if (p->G != NULL) {
        const jac_real *G = p->G;
        size_t g_r = p->g_r;
        jac_real *spare = p->room[2];
        if (p->g_j != 1) {                          /* rows, to begin with */
            jac_impl_carry(n, p->R, G, p->g_j, g_r, NULL, spare, ldc);
            G = spare;
            g_r = ldc;
            spare = p->room[0];
        }
        for (size_t r = 0; r < p->R; r++)
            jac_impl_softmax_step(layer, p->net->kernels, reverse, n, s, m, others, G + r * g_r, C + r * ldc, spare);
        return;
    }
    others += 0 * s[m];                             /* NaN where s_m is, even if there is no other */
    for (size_t r = 0; r < p->R; r++) {
        const size_t o = first + r;
        const jac_real rest = o == m ? others : 1 - s[o];
        if (layer->kind == JAC_KIND_SOFTMAX) for (size_t j = 0; j < n; j++) C[r * ldc + j] = -s[o] * s[j];
        else for (size_t j = 0; j < n; j++) C[r * ldc + j] = -s[reverse ? j : o];
        C[r * ldc + o] = layer->kind == JAC_KIND_SOFTMAX ? s[o] * rest : rest;
        if (p->e != NULL) jac_impl_scaled(n, p->e[o], C + r * ldc, C + r * ldc);
    }
    p->e = NULL;
}

/* (M6) and (M4) at once: p, rows of the identity, becomes S W, in q: as rows where the rows of W lie side by side, else by columns.
 * With m the largest s, and w_j = sum_k s_k W(k, j),
 *     C(o, j) = s_o (W(o, j) - w_j),      C(m, j) = s_m sum_{k != m} s_k (W(m, j) - W(k, j)):
 * nothing cancels when s_m is near 1. Log softmax: the same without the factor in front. The softmax is the layer behind `dense`.
 * Cost: at most (R + O + 3) n multiplications, n units, where the product of S and W takes R O n. */
static void jac_impl_softmax_dense(const jac_layer *dense, size_t w_k, size_t w_j, const jac_real *s, const jac_impl_block *p,
                                   jac_impl_block *q, size_t first)
{
    const size_t R = p->R, O = p->n, m = jac_impl_argmax(s, O), by_columns = w_j == 1 ? 0 : jac_impl_whole(p);
    const int has_m = m >= first && m - first < R;
    const unsigned *const rows = q->compact ? q->live : NULL, *const at = q->compact ? NULL : q->live;          /* of C: unit k is at_k */
    const jac_real *const W = dense->W, *const f = dense[1].kind == JAC_KIND_SOFTMAX ? s + first : NULL, s_m = f != NULL ? s[m] : 1;
    jac_real *const top = p->room[0], *const w = p->room[2], *const C = p->room[1];
    const jac_real rest = jac_impl_others(O, s, m, top);                     /* 1 - s_m */
    jac_impl_dense(p->net, dense, 1, 1, top, O, w, q->n, NULL);                 /* w without m; from here on top is row m of C */
    for (size_t k = 0; k < q->K; k++) {
        const size_t j = q->live != NULL ? q->live[k] : k;
        const jac_real W_mj = W[m * w_k + j * w_j];
        top[k] = s_m * (rest * W_mj - w[j]);
        w[j] += s[m] * W_mj;
    }
    if (by_columns) p->net->kernels->centre(1, q->compact ? q->K : q->n, rows, R, W + first, w_j, w, f, C, by_columns);
    else p->net->kernels->centre(0, R, NULL, q->n, W + first * w_k, w_k, w, f, C, p->net->widest);
    jac_impl_moved(p, q, by_columns);
    if (has_m) for (size_t k = 0; k < q->K; k++) C[(m - first) * q->g_r + (at != NULL ? at[k] : k) * q->g_j] = top[k];
}

/* A product that reads its weights many times reads panels of them instead, live terms only, copied to lie together: of B when the
 * product runs along its rows (A is G), else of A. Either way term k is row k of W. Its spare room is for R x widest numbers; p is
 * used up. */
static void jac_impl_panels(const jac_net *net, jac_impl_product *p, int of_B, size_t R)
{
    enum { line = JAC_IMPL_LINE, ahead = JAC_IMPL_ROWS_AHEAD };
    const jac_real *const W = of_B ? p->B : p->A;
    const size_t w_k = of_B ? p->b_k : p->a_k, n = of_B ? p->N : p->M, fits = p->K == 0 ? n : R * net->widest / p->K;
    const unsigned *const rows = of_B ? p->b_list : p->a_list, *const columns = of_B ? NULL : p->m_list;
    const size_t K = p->K, c_j = of_B ? p->c_n : p->c_m;
    /* whole vectors, if it can be */
    const size_t width = jac_impl_least(fits, fits < JAC_IMPL_PANEL ? JAC_IMPL_PANEL / 2 : JAC_IMPL_PANEL);
    jac_real *const C = p->C, *const spare = p->spare;
    p->beyond = 0;
    if (of_B) {
        p->B = spare;
        p->b_list = NULL;
    } else {
        p->A = spare;                               /* a_m is 1 already */
        p->a_list = p->m_list = NULL;
    }
    for (size_t j = 0, m; j < n; j += m) {
        m = jac_impl_least(n - j, width);
        const size_t first = columns ? columns[j] : j, last = columns ? columns[j + m - 1] : j + m - 1;
        for (size_t k = 0; k < K; k++) {
            const jac_real *const w = W + (rows ? rows[k] : k) * w_k;
            const jac_real *const next = k + ahead < K ? W + (rows ? rows[k + ahead] : k + ahead) * w_k : w;
            for (size_t f = first; f <= last; f += line) JAC_IMPL_PREFETCH(next + f, 1);
            jac_real *const to = spare + k * m;
            size_t i = 0;
            for (; m - i >= line; i += line) {      /* gcc -O2 would copy a whole row by rep movs: slow for so few */
                if (columns) { JAC_IMPL_UNROLL for (size_t l = 0; l < line; l++) to[i + l] = w[columns[j + i + l]]; }
                else memcpy(to + i, w + j + i, line * sizeof *to);
            }
            for (; i < m; i++) to[i] = w[columns ? columns[j + i] : j + i];
        }
        if (of_B) p->N = p->b_k = m;
        else p->M = p->a_k = m;
        p->C = C + j * c_j;
        net->kernels->tiles(p);
    }
}

/* How many units of p count: about half of a ReLU's. Which way a product takes must not hang on how many do,
 * nor on what a size_t can hold. */
static uint64_t jac_impl_about(const jac_impl_block *p) { return p->relu ? (p->n + 1) / 2 : p->n; }

/* The cost of G's rows as dot products, in multiplications. To lay them by rows first is a vector for each number of G. Long ones, in
 * streams, take 8 vectors more for each where there are 16 registers, and tiles are low (measured). */
static uint64_t jac_impl_cost_of_dots(const jac_impl_block *p, const jac_impl_block *q)
{
    const jac_impl_kernels *kernels = p->net->kernels;
    const size_t lanes = kernels->lanes;
    const int slow = p->n > JAC_IMPL_STEPS * lanes && lanes > 1 && kernels->high <= JAC_IMPL_APART;
    return JAC_IMPL_CAST(uint64_t, p->R) * (jac_impl_up(p->n, lanes) * q->n + (slow ? 9 : 1) * lanes * p->n);
}

/* And as tiles with vectors along the rows: each unit costs four vectors on top of its terms (measured), and half a vector, done
 * by the narrower set with its fewer registers, a quarter more than a whole one. */
static uint64_t jac_impl_cost_of_tiles(const jac_impl_block *p, const jac_impl_block *q)
{
    const size_t R = p->R, lanes = p->net->kernels->lanes;
    return (jac_impl_about(p) * (R == p->net->kernels->half ? lanes + R / 2 : jac_impl_up(R, lanes)) + 4 * lanes) * jac_impl_about(q);
}

/* Of one term of G W where W lies by rows, as columns of G: a unit costs an eighth more than along the rows, and to turn G takes 24
 * vectors (measured), but rows that tiles want side by side are turned in any case. */
static uint64_t jac_impl_cost_of_columns(const jac_impl_block *p, const jac_impl_block *q)
{
    const size_t lanes = p->net->kernels->lanes;
    const uint64_t units = jac_impl_about(q);
    return (units + units / 8) * jac_impl_up(p->R, lanes) + (jac_impl_side_by_side(p->net->kernels, p->R) ? 0 : 24 * lanes);
}

/* G <- G W for a dense layer, (M4), its W(k, j) = W[k*w_k + j*w_j]. q is what G becomes: its units and their d are known already.
 * Three ways, chosen by what lies side by side:
 *     rows of W      C(r, j): G(r, k) one by one, vectors along the rows of W
 *     columns of G   C(j, r): W(k, j) one by one, vectors along the rows r; units j that do not count can be left out (squeeze);
 *                    by bands where it is the rows of W that lie side by side
 *     terms          C(r, j): dot products, when W lies that way and the rows are too few for the second
 * The last product of a sweep goes to `out` where it belongs, and nobody asks for q->G. */
static void jac_impl_pull(const jac_layer *layer, size_t w_k, size_t w_j, jac_impl_block *p, jac_impl_block *q, int squeeze, jac_real *out,
                          size_t out_r, size_t out_j)
{
    const jac_impl_kernels *kernels = p->net->kernels;
    const size_t R = p->R, lanes = kernels->lanes, up = jac_impl_up(R, lanes), whole = jac_impl_whole(p);
    const int along = w_j == 1, few = R <= (layer->in * layer->out > JAC_IMPL_NEAR / sizeof(jac_real) ? kernels->few_far : kernels->few);
    /* along the rows: R fills most of a vector at least, and what the last one wastes is part of the cost */
    const int turned = !along ? R > 1 && jac_impl_cost_of_tiles(p, q) < jac_impl_cost_of_dots(p, q)
                     : squeeze && whole == up && 4 * R > 3 * lanes &&
                       jac_impl_cost_of_columns(p, q) < JAC_IMPL_CAST(uint64_t, R) * jac_impl_up(q->n, lanes);
    jac_impl_product product;
    const int read_once = !along && out != NULL && q->n <= JAC_IMPL_PANEL;     /* by few units: columns of G need not be whole vectors */
    if (!turned && !along && (p->d != NULL || !jac_impl_by_rows(p))) jac_impl_apply(p, 1);
    product.M = R;
    product.K = p->K;
    product.N = q->n;
    product.A = p->G;
    product.a_m = p->g_r;
    product.a_k = p->g_j;
    product.B = layer->W;
    product.b_k = w_k;
    product.b_n = w_j;
    product.a_list = p->compact ? NULL : p->live;
    product.b_list = p->live;
    product.m_list = NULL;
    product.bias = NULL;
    product.beyond = p->net->beyond;
    product.room = p->net->rows;
    product.b_padded = product.c_padded = 0;
    product.C = out == NULL ? p->room[1] : out;
    product.c_m = out == NULL ? p->net->widest : out_r;
    product.c_n = out == NULL ? 1 : out_j;
    /* what is compact lies by columns already */
    if ((turned || (along && jac_impl_side_by_side(kernels, R))) && !p->compact && (p->g_r != 1 || (p->g_j != whole && !read_once))) {
        jac_impl_turn(R, p->G, p->g_r, p->g_j, p->live, p->K, NULL, p->room[2], whole);
        product.A = p->room[2];
        product.a_m = 1;
        product.a_k = whole;
        product.a_list = NULL;
    }
    product.spare = p->room[product.A == p->room[2] ? 0 : 2];
    if (turned) {
        q->compact = squeeze;
        const jac_impl_product t = product;         /* transposed: B^T A^T = C^T */
        product.M = squeeze ? q->K : q->n;
        product.N = R;
        product.A = t.B;
        product.a_m = t.b_n;
        product.a_k = t.b_k;
        product.a_list = t.b_list;
        product.m_list = squeeze ? q->live : NULL;
        product.B = t.A;
        product.b_k = t.a_k;
        product.b_n = 1;
        product.b_list = t.a_list;
        product.beyond = 0;
        product.b_padded = whole == up && product.b_k == whole;
        product.c_padded = product.b_padded && out == NULL;
        product.c_m = out == NULL ? whole : out_j;
        product.c_n = out == NULL ? 1 : out_r;
        if (!along) kernels->tiles(&product);
        else if (few) kernels->bands(&product);
        else jac_impl_panels(p->net, &product, 0, R);
    } else if (along) {
        if (few) kernels->tiles(&product);
        else jac_impl_panels(p->net, &product, 1, R);
    } else {
        product.K = p->n;
        product.b_list = product.a_list = NULL;
        kernels->dots(&product);
    }
    jac_impl_moved(p, q, turned ? whole : 0);
}

/* The sweep: R rows pushed through every layer, in reverse (rows of V J) or forward (rows of U J^T, V being U). They start as V, or
 * when V is NULL as rows first, first + 1, ... of the identity, which is never multiplied by: the first dense layer hands
 * over rows of W where they stand. out(r, j) = out[r*out_r + j*out_j]. */
static void jac_impl_sweep(const jac_net *net, int reverse, size_t R, const jac_real *V, size_t first, jac_real *out, size_t out_r,
                           size_t out_j)
{
    const size_t n_V = reverse ? net->n_out : net->n_in, apart = net->rows * net->widest;
    jac_impl_walk walk = { reverse, net->n_layers, net->layers + (reverse ? net->n_layers : 0),
                           net->cache + (reverse ? net->sample + 1 : net->sample) * net->n_cache };
    jac_impl_block here = JAC_IMPL_ZERO, there;
    jac_impl_block *p = &here, *q = &there, *done;
    const jac_layer *layer;
    const jac_real *classes = NULL;                 /* s of a softmax that the dense layer before it takes along */
    JAC_ASSERT(R > 0 && R <= net->rows);
    here.net = net;
    here.R = R;
    here.n = n_V;
    here.G = V;
    here.g_r = n_V;
    here.g_j = 1;
    for (size_t k = 0; k < 3; k++) here.room[k] = net->scratch + k * apart;
    here.list = JAC_IMPL_POINTER(unsigned *, net->scratch + 3 * apart);
    there = here;
    there.list += net->widest;
    if (V != NULL) jac_impl_meet(p, n_V, &walk);
    else p->e = jac_impl_run(&walk, n_V);
    for (layer = jac_impl_peek(&walk); layer != NULL; layer = jac_impl_peek(&walk)) {
        if (p->G != NULL && p->d != NULL && (!p->ones || jac_impl_is_softmax(layer))) jac_impl_apply(p, 0);
        if (jac_impl_is_softmax(layer)) {
            const jac_real *s = jac_impl_step(&walk, p->n);
            const jac_layer *next = jac_impl_peek(&walk);
            const size_t few = jac_impl_side_by_side(net->kernels, R) || walk.left == 1 ? JAC_IMPL_CLASSES_MOST : JAC_IMPL_CLASSES;
            if (p->G == NULL && reverse && p->n > few && next != NULL && jac_impl_is_dense(next)) {
                classes = s;
                continue;
            }
            jac_impl_softmax_rows(layer, reverse, s, p, first);
            jac_impl_moved(p, p, 0);
            jac_impl_meet(p, p->n, &walk);
        } else {
            const size_t ld = layer->kind == JAC_KIND_DENSE ? layer->in : layer->out, n = reverse ? layer->in : layer->out;
            const int along = (layer->kind == JAC_KIND_DENSE) == (reverse != 0);
            const size_t w_k = along ? ld : 1, w_j = along ? 1 : ld;
            const jac_layer *next;
            int to_dense;
            (void)jac_impl_step(&walk, 0);
            q->e = p->e;
            jac_impl_meet(q, n, &walk);
            next = jac_impl_peek(&walk);
            to_dense = next != NULL && jac_impl_is_dense(next) && q->live != NULL;      /* which asks for no more than the live units */
            if (p->G == NULL) {
                if (classes != NULL) {
                    q->compact = to_dense && !along;
                    jac_impl_softmax_dense(layer, w_k, w_j, classes, p, q, first);
                } else {
                    q->G = layer->W + first * w_k;
                    q->g_r = w_k;
                    q->g_j = w_j;
                }
                if (q->e != NULL) {
                    q->e += first;
                    if (next != NULL || q->d != NULL) jac_impl_apply(q, 0);
                }
            } else {
                const int last = next == NULL && q->d == NULL;
                jac_impl_pull(layer, w_k, w_j, p, q, to_dense, last ? out : NULL, out_r, out_j);
                if (last) return;
            }
            done = p;
            p = q;
            q = done;
        }
    }
    if (p->G != NULL && p->d != NULL) jac_impl_apply(p, 0);
    JAC_ASSERT(p->G == NULL || p->e == NULL || out_j == 1);         /* of one dense layer J is made in reverse */
    if (p->G != NULL && out_j == 1) jac_impl_carry(p->n, R, p->G, p->g_j, p->g_r, p->e, out, out_r);
    else if (p->G != NULL) jac_impl_carry(R, p->n, p->G, p->g_r, p->g_j, NULL, out, out_j);
    else for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < p->n; j++) out[r * out_r + j * out_j] = j != first + r ? 0 : p->e[j];
    }
}

/* n rows by blocks: out <- V J, V [n x O], or forward out <- V J^T, V [n x N]; V = NULL: the identity. As of a sweep. */
static void jac_impl_products(const jac_net *net, int reverse, size_t n, const jac_real *V, jac_real *out, size_t out_r, size_t out_j)
{
    const size_t n_V = reverse ? net->n_out : net->n_in;
    for (size_t r = 0; r < n; r += net->rows)
        jac_impl_sweep(net, reverse, jac_impl_least(n - r, net->rows), V == NULL ? NULL : V + r * n_V, r, out + r * out_r, out_r, out_j);
}

/* J at the forward point, by rows, or by columns where that costs less. */
static void jac_impl_jacobian(const jac_net *net, jac_real *J)
{
    if (net->forward_order) jac_impl_products(net, 0, net->n_in, NULL, J, 1, net->n_in);
    else jac_impl_products(net, 1, net->n_out, NULL, J, net->n_in, 1);
}

/* =================================================================================================== >>check
 *
 * The same judge serves a net and a function: it moves x along one column, or along a random direction, by +t and -t,
 * and holds y(x + t) - y(x - t) against J times the step that was really taken. Two views of a net that ends in a
 * softmax are judged side by side:
 *     OUTPUT   y_o itself
 *     LOGITS   ((z_o - z_m) - sum_k s_k (z_k - z_m)) / (1 - s_o),   s fixed at x, m the largest class there         (C3)
 * At x the second has the derivative of y_o / (s_o (1 - s_o)), of log-softmax that of y_o / (1 - s_o). It is linear in the
 * logits z, so that no saturation drowns it, and each row of J is judged in units of its own size, its weight s_o (1 - s_o)
 * or 1 - s_o, were that 1e-238. The weight of OUTPUT is 1.
 * A column that disagrees is measured again with smaller steps. It fails only when the differences have settled: the
 * remaining disagreement must exceed tolerance and noise, the gap between the two one-sided differences (a kink of f,
 * or curvature) and four times what the last shrinking changed (truncation, or an f less exact than its type); that change
 * must be within tolerance and noise, and neither may have grown. What never settles counts as a kink where one may be: not in a
 * net whose kinks are all known and out of the way, nor where the one-sided differences come together as h shrinks, f bending within h.
 * Nothing is proved by it then: INCONCLUSIVE, unless another column fails. */

#ifdef JAC_FLOAT
#define JAC_IMPL_CHECK_MIN JAC_IMPL_CAST(double, FLT_MIN)
#define JAC_IMPL_CHECK_TOLERANCE 5e-3
#define JAC_IMPL_CHECK_SHAKE JAC_IMPL_CAST(double, FLT_EPSILON)
#else
#define JAC_IMPL_CHECK_MIN DBL_MIN
#define JAC_IMPL_CHECK_TOLERANCE 1e-5
#define JAC_IMPL_CHECK_SHAKE (64 * DBL_EPSILON)          /* not lost in rounding itself */
#endif

enum { JAC_IMPL_OUTPUT, JAC_IMPL_LOGITS };                             /* the views */
enum { JAC_IMPL_AGREES, JAC_IMPL_SUSPECT, JAC_IMPL_FAULT, JAC_IMPL_UNCLEAR, JAC_IMPL_LOST }; /* what became of a column */
enum { JAC_IMPL_CHECK_TRIES = 9 };                                     /* steps h, h/4, ... h/4^8 */

/* The function's value at one point, the logits where a softmax follows, and for it z_m, the sums over k != m of exp(z_k - z_m) and
 * of s_k (z_k - z_m). */
typedef struct jac_impl_point {
    double *z;
    double top, others, mean;
} jac_impl_point;

/* What one step says of one row: weight, and in units of it J, F, what the one-sided differences differ by, noise of F and of J - F. */
typedef struct jac_impl_row {
    double weight, given, F, gap, noise_F, noise;
} jac_impl_row;

/* What one view has seen, in units of the row's weight. */
typedef struct jac_impl_view {
    double *F;                      /* [O] what the last step measured */
    double rounding;                /* of a value at one point */
    double slope;                   /* what rounding in jac_real does to an entry of J */
    double scale, noise;            /* (C2): the largest entry, the largest noise of a judged column */
    double measured;                /* the largest F of a judged column */
    jac_impl_row worst;             /* the entry with the largest excess, |J - F| beyond its noise */
    size_t row, column;
    double excess;
    double unrest, gap;             /* of the last step, see judge */
    size_t lost;                    /* what could not be judged: not finite, or a step lost in the rounding of x */
} jac_impl_view;

typedef struct jac_impl_checker {
    size_t N, O;
    const jac_real *x, *J;
    const jac_net *net;             /* either a net ... */
    jac_function f;                 /* ... or a function */
    void *user;
    jac_real *real;                 /* its x [N] and y [O]; [3 x widest] for a net with user activations; NULL for others */
    double *buffer;                 /* [2 x widest] for a net */
    unsigned char *pattern;         /* one bit a unit with a kink: z > 0 at x */
    size_t unit;                    /* the next such unit */
    int frozen;                     /* they stay on that side wherever z is */
    int crossed;                    /* a unit changed sides since x */
    int kinked;                     /* by its last step F is not finite, or has a kink: the gap is what it was before */
    double doubt, doubt_at_x;       /* changes with each unit whose z is within rounding of 0 */
    size_t shaken;                  /* 0, or the next number of a shaken evaluation */
    unsigned end;                   /* JAC_KIND_SOFTMAX or JAC_KIND_LOG_SOFTMAX when a net ends in one, else 0 */
    int views;                      /* 2 then, else 1 */
    size_t m;                       /* the largest class at x */
    double step, tolerance, eps;    /* eps of the evaluation */
    unsigned long seed;
    size_t along;                   /* the column; N, N + 1 ... are random directions */
    double t, length;               /* the step, and x+ - x- */
    jac_impl_point at, plus, minus; /* x, x + t, x - t */
    jac_impl_view view[2];
    jac_check_report *report;
} jac_impl_checker;

static int jac_impl_is_finite(double v) { return v - v == 0; }
static double jac_impl_largest(double v, double w) { return v > w ? v : w; }

/* Number i of a random stream, in [0, 1): the words are mixed in one by one (the finaliser of MurmurHash3, Appleby 2011). */
static double jac_impl_random(unsigned long seed, size_t stream, size_t i)
{
    const uint64_t words[3] = { seed, stream, i }, mask = 0xffffffffu;
    uint64_t h = 0x9e3779b9u;
    for (size_t k = 0; k < 6; k++) {
        h ^= (k % 2 == 0 ? words[k / 2] : words[k / 2] >> 32) & mask;
        h = (h ^ h >> 16) * 0x85ebca6bu & mask;
        h = (h ^ h >> 13) * 0xc2b2ae35u & mask;
        h ^= h >> 16;
    }
    return JAC_IMPL_CAST(double, h) / 4294967296.0;
}

/* ---- the net in double: the textbook's formulas, nothing of >>kernels and >>layers ---- */

/* right: of the kink, where there is one */
static double jac_impl_check_elementwise(const jac_layer *layer, double z, int right)
{
    const double alpha = JAC_IMPL_CAST(double, layer->alpha);
    switch (layer->kind) {
    case JAC_KIND_RELU:       return right ? z : 0;
    case JAC_KIND_LEAKY_RELU: return right ? z : alpha * z;
    case JAC_KIND_ELU:        return right ? z : alpha * expm1(z);
    case JAC_KIND_TANH:       return tanh(z);
    case JAC_KIND_SIGMOID:    return (z > 0 ? 1 : exp(z)) / (1 + exp(-fabs(z)));
    case JAC_KIND_SOFTPLUS:   return (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
    case JAC_KIND_SILU:       return (z > 0 ? z : z * exp(z)) / (1 + exp(-fabs(z)));
    default:                  return 0.5 * z * erfc(-0.70710678118654752440 * z);                   /* GELU */
    }
}

/* On which side of its kink is the next unit? The pattern at x is kept, at other points held against it. When |z| < r,
 * about the rounding of z in jac_real, x itself is on the kink as far as anyone can say: no step may move such a unit. */
static void jac_impl_check_side(jac_impl_checker *c, const jac_impl_point *p, double z, double r)
{
    unsigned char *bits = &c->pattern[c->unit / 8];
    const unsigned bit = 1u << (c->unit % 8), on = z > 0 ? bit : 0;
    if (p == &c->at) *bits = JAC_IMPL_CAST(unsigned char, (bit == 1 ? 0u : *bits) | on);
    else if ((*bits & bit) != on) c->crossed = 1;
    c->unit++;
    if (fabs(z) < r) c->doubt += JAC_IMPL_CAST(double, c->unit) + z / r;
}

/* Number i of the random direction c->along, 1/2 <= |v_i| < 1. */
static double jac_impl_check_draw(const jac_impl_checker *c, size_t i)
{
    const double u = jac_impl_random(c->seed, c->along, i);
    return u < 0.5 ? u - 1 : u;
}

/* v, a sum of terms of this size; in a shaken evaluation moved as if by rounding, but farther. */
static double jac_impl_check_shake(jac_impl_checker *c, double v, double size)
{
    return c->shaken == 0 || !jac_impl_is_finite(v) ? v : v + JAC_IMPL_CHECK_SHAKE * size * jac_impl_check_draw(c, c->shaken++);
}

/* The sum's logits are shaken once more: pulled back, log softmax takes s_j sum_k g_k from g_j, and rounds both. */
static void jac_impl_check_softmax(jac_impl_checker *c, size_t n, double *a, unsigned kind)
{
    size_t m = 0;
    double others = 0;                              /* beside exp(a_m - a_m) = 1, where a sum would lose them */
    for (size_t k = 1; k < n; k++) if (a[k] > a[m]) m = k;
    const double top = a[m], moved = jac_impl_check_shake(c, top, fabs(top));
    for (size_t k = 0; k < n; k++) if (k != m) others += exp(jac_impl_check_shake(c, a[k], fabs(a[k])) - top);
    for (size_t k = 0; k < n; k++) {
        const double gap = k == m ? 0 : a[k] - moved;
        a[k] = kind == JAC_KIND_SOFTMAX ? exp(gap) / (1 + others) : gap - log1p(others);
    }
}

/* c->buffer [N] holds the input; p->z [O] gets the output, before a softmax at the end. */
static void jac_impl_check_net_at(jac_impl_checker *c, const jac_impl_point *p)
{
    const jac_net *net = c->net;
    const size_t n_layers = net->n_layers - (c->end != 0);
    double *a = c->buffer, *z = c->buffer + net->widest, depth = 0;
    size_t n = c->N;
    int seen = 0;                                   /* the dense layer before has looked at this layer's kinks */
    for (size_t l = 0; l < n_layers; l++) {
        const jac_layer *layer = &net->layers[l];
        const int kink = jac_impl_has_kink(layer), look = kink && !seen;
        const size_t first = c->unit - (kink && seen ? n : 0);
        seen = 0;
        if (jac_impl_is_dense(layer)) {
            const size_t by_o = layer->kind == JAC_KIND_DENSE ? layer->in : 1, by_i = layer->kind == JAC_KIND_DENSE ? 1 : layer->out;
            seen = l + 1 < n_layers && jac_impl_has_kink(layer + 1);
            depth += 1;
            for (size_t o = 0; o < layer->out; o++) {
                const double b = layer->b ? JAC_IMPL_CAST(double, layer->b[o]) : 0;
                double sum = 0, size = fabs(b);
                for (size_t i = 0; i < layer->in; i++) {
                    const double product = JAC_IMPL_CAST(double, layer->W[o * by_o + i * by_i]) * a[i];
                    sum += jac_impl_check_shake(c, product, fabs(product));
                    size += fabs(product);
                }
                sum += b;                               /* last: no term is rounded to the units of a large b */
                z[o] = jac_impl_check_shake(c, sum, size);
                if (seen) jac_impl_check_side(c, p, sum, 8 * depth * JAC_IMPL_CAST(double, JAC_IMPL_EPSILON) * size);
            }
            double *swap = a; a = z; z = swap;
            n = layer->out;
        } else if (jac_impl_is_softmax(layer)) {
            jac_impl_check_softmax(c, n, a, layer->kind);
        } else if (layer->kind == JAC_KIND_ACTIVATION) {
            jac_real *zr = c->real, *ar = zr + n, *da = ar + n;
            for (size_t j = 0; j < n; j++) zr[j] = JAC_IMPL_CAST(jac_real, a[j]);
            layer->f(n, zr, ar, da, layer->user);
            for (size_t j = 0; j < n; j++) a[j] = JAC_IMPL_CAST(double, ar[j]);
        } else {
            for (size_t j = 0; j < n; j++) {
                const size_t unit = first + j;
                if (look) jac_impl_check_side(c, p, a[j], 0);
                a[j] = jac_impl_check_elementwise(layer, a[j], kink && c->frozen ? c->pattern[unit / 8] >> unit % 8 & 1 : !(a[j] <= 0));
            }
        }
        if (!jac_impl_is_dense(layer)) for (size_t j = 0; j < n; j++) a[j] = jac_impl_check_shake(c, a[j], fabs(a[j]));
    }
    for (size_t o = 0; o < c->O; o++) p->z[o] = a[o];
}

/* ---- points, and what is read off them ---- */

/* Component i of what x is moved along: a column, or a random direction. */
static double jac_impl_check_direction(const jac_impl_checker *c, size_t i)
{
    return c->along < c->N ? c->along == i : jac_impl_check_draw(c, i);
}

/* x_i at t along it, as it is really used: after rounding. */
static double jac_impl_check_coordinate(const jac_impl_checker *c, size_t i, double t)
{
    const double x = JAC_IMPL_CAST(double, c->x[i]);
    const volatile double moved = x + t * jac_impl_check_direction(c, i) * jac_impl_largest(1, fabs(x));
    const volatile jac_real rounded = JAC_IMPL_CAST(jac_real, moved);
    return c->net ? moved : JAC_IMPL_CAST(double, rounded);
}

/* s_o at x, and 1 - s_o */
static double jac_impl_check_s(const jac_impl_checker *c, size_t o) { return exp(c->at.z[o] - c->at.top) / (1 + c->at.others); }
static double jac_impl_check_others(const jac_impl_checker *c, size_t o)
{
    return o == c->m ? c->at.others / (1 + c->at.others) : 1 - jac_impl_check_s(c, o);
}

/* The function at t along; 0 when a kink lies between there and x. */
static int jac_impl_check_evaluate(jac_impl_checker *c, double t, jac_impl_point *p)
{
    c->report->evaluations++;
    c->unit = 0;
    c->crossed = 0;
    c->doubt = 0;
    if (c->net) {
        for (size_t i = 0; i < c->N; i++) {
            const double x = jac_impl_check_coordinate(c, i, t);
            c->buffer[i] = jac_impl_check_shake(c, x, fabs(x));
        }
        jac_impl_check_net_at(c, p);
    } else {
        jac_real *x = c->real, *y = c->real + c->N;
        for (size_t i = 0; i < c->N; i++) x[i] = JAC_IMPL_CAST(jac_real, jac_impl_check_coordinate(c, i, t));
        c->f(x, y, c->user);
        for (size_t o = 0; o < c->O; o++) p->z[o] = JAC_IMPL_CAST(double, y[o]);
    }
    if (p == &c->at) {
        c->doubt_at_x = c->doubt;
        for (size_t o = 1; o < c->O; o++) if (p->z[o] > p->z[c->m]) c->m = o;
    }
    if (c->end) {
        p->top = p->z[c->m];
        p->others = p->mean = 0;
        for (size_t o = 0; o < c->O; o++) if (o != c->m) p->others += exp(p->z[o] - p->top);
        for (size_t o = 0; o < c->O; o++) {
            const double s = jac_impl_check_s(c, o);
            if (o != c->m && s > 0) p->mean += s * (p->z[o] - p->top);
        }
    }
    return !c->crossed && c->doubt == c->doubt_at_x;
}

/* What is differenced, in units of the row's weight. */
static double jac_impl_check_value(const jac_impl_checker *c, int view, const jac_impl_point *p, size_t o)
{
    const double z = p->z[o];
    if (c->end == 0) return z;
    if (view == JAC_IMPL_LOGITS) return (z - p->top - p->mean) / jac_impl_check_others(c, o);                             /* (C3) */
    return c->end == JAC_KIND_SOFTMAX ? exp(z - p->top) / (1 + p->others) : z - p->top - log1p(p->others);
}

/* 0: the row is not judged, since y is not finite at x or the row underflows in jac_real. */
static double jac_impl_check_weight(const jac_impl_checker *c, int view, size_t o)
{
    if (view == JAC_IMPL_OUTPUT) return jac_impl_is_finite(jac_impl_check_value(c, view, &c->at, o));
    const double s = jac_impl_check_s(c, o), weight = (c->end == JAC_KIND_SOFTMAX ? s : 1) * jac_impl_check_others(c, o);
    return s > 0 && weight * c->tolerance >= JAC_IMPL_CHECK_MIN ? weight : 0;
}

/* What rounding can do to the difference of two values over this length. Four times as much, to be safe, for LOGITS, where a value is
 * made of z_o, z_m and a mean. */
static double jac_impl_check_noise_F(const jac_impl_checker *c, int view, double length)
{
    return (view == JAC_IMPL_LOGITS ? 8 : 2) * c->view[view].rounding / length;
}

/* The same, and what it can do to the given J, and to the s in it. */
static double jac_impl_check_noise(const jac_impl_checker *c, int view, double length)
{
    return jac_impl_check_noise_F(c, view, length) + c->view[view].slope
         + 2 * c->view[view].scale * c->view[JAC_IMPL_LOGITS].rounding * (JAC_IMPL_CAST(double, JAC_IMPL_EPSILON) / c->eps);
}

/* Row o at the step taken; all 0 when it is not judged. */
static jac_impl_row jac_impl_check_row(const jac_impl_checker *c, int view, size_t o)
{
    const jac_real *J_o = c->J + o * c->N;
    jac_impl_row r = JAC_IMPL_ZERO;
    r.weight = jac_impl_check_weight(c, view, o);
    if (!(r.weight > 0)) return r;
    const double plus = jac_impl_check_value(c, view, &c->plus, o), minus = jac_impl_check_value(c, view, &c->minus, o);
    const double middle = jac_impl_check_value(c, view, &c->at, o);
    r.F = (plus - minus) / c->length;                                                                                    /* (C1) */
    r.gap = 2 * fabs((plus - middle) - (middle - minus)) / c->length;
    r.noise_F = jac_impl_check_noise_F(c, view, c->length);
    r.noise = jac_impl_check_noise(c, view, c->length) + (1 + c->view[view].scale) * JAC_IMPL_CHECK_MIN / r.weight;    /* J underflows */
    if (c->along < c->N) r.given = JAC_IMPL_CAST(double, J_o[c->along]);
    else for (size_t i = 0; i < c->N; i++)
        r.given += JAC_IMPL_CAST(double, J_o[i]) *
                   ((jac_impl_check_coordinate(c, i, c->t) - jac_impl_check_coordinate(c, i, -c->t)) / c->length);
    r.given /= r.weight;
    return r;
}

/* ---- the judge ---- */

/* Do the differences agree with J, row by row? If not, the steps before this one say whether they have settled: their unrest, gap and
 * change, must not grow when h shrinks, as it does where y bends within a small part of h. */
static void jac_impl_check_judge(jac_impl_checker *c, int view, int steps_before, int *found)
{
    jac_impl_view *v = &c->view[view];
    double unrest = 0, gap = 0;     /* gap: of rows that disagree */
    int beyond = 0, infinite = 0;
    for (size_t o = 0; o < c->O; o++) {
        const jac_impl_row r = jac_impl_check_row(c, view, o);
        /* (C2); J v, in which |x_i| > 1 weighs a column more, is no scale: one entry must show beside all the others */
        const double scale = c->along < c->N ? jac_impl_largest(v->scale, fabs(r.F)) : v->scale;
        const double D = fabs(r.given - r.F), allowed = c->tolerance * scale + r.noise;
        const double change = steps_before > 0 ? fabs(r.F - v->F[o]) : 0;
        v->F[o] = r.F;
        unrest = jac_impl_largest(r.gap + 4 * change - 12 * r.noise_F, unrest);
        if (jac_impl_is_finite(r.F) && D <= allowed) continue;
        if (*found == JAC_IMPL_AGREES) *found = JAC_IMPL_SUSPECT;
        gap = jac_impl_largest(r.gap, gap);
        if (!jac_impl_is_finite(r.F)) infinite = 1;
        if (D > allowed + r.gap + 4 * change && change <= c->tolerance * fabs(r.F) + r.noise_F) beyond = 1;
        if (steps_before > 0 && !jac_impl_is_finite(r.given) && jac_impl_is_finite(change)) *found = JAC_IMPL_FAULT;
    }
    if (steps_before > 0 && beyond && unrest <= v->unrest) *found = JAC_IMPL_FAULT;
    v->unrest = unrest;
    if (infinite || (steps_before > 0 && v->gap > 0 && gap >= v->gap / 2)) c->kinked = 1;
    v->gap = gap;
}

/* Measure along a column or direction until the differences agree, or have settled on something else. */
static int jac_impl_check_along(jac_impl_checker *c, size_t along)
{
    double first = 0;
    int steps = 0, crossed = 0;                                 /* steps: those that crossed no kink */
    c->along = along;
    c->t = along < c->N ? c->step : c->step / sqrt(JAC_IMPL_CAST(double, c->N));
    for (int tries = 0; tries < JAC_IMPL_CHECK_TRIES; tries++, c->t /= 4) {
        int found = JAC_IMPL_AGREES, drowned = 0;
        c->length = along < c->N ? jac_impl_check_coordinate(c, along, c->t) - jac_impl_check_coordinate(c, along, -c->t) : 2 * c->t;
        if (!(c->length > 0)) return JAC_IMPL_LOST;
        if (tries == 0) first = c->length;
        if (!jac_impl_check_evaluate(c, c->t, &c->plus) || !jac_impl_check_evaluate(c, -c->t, &c->minus)) {
            crossed = 1;
            continue;
        }
        c->kinked = 0;
        for (int view = 0; view < c->views; view++) {
            const double visible = c->tolerance * c->view[view].scale;
            jac_impl_check_judge(c, view, steps, &found);
            if (jac_impl_check_noise(c, view, c->length) > visible && jac_impl_check_noise(c, view, first) <= visible) drowned = 1;
        }
        if (found == JAC_IMPL_FAULT) return found;
        if (drowned) break;                                     /* by the shrinking, not from the start */
        if (found == JAC_IMPL_AGREES) return found;
        steps++;
    }
    /* of a net all kinks but the user's are known */
    return crossed || (c->real != NULL && c->kinked) ? JAC_IMPL_UNCLEAR : JAC_IMPL_LOST;
}

/* The judged column enters scale, noise and worst entry of a view. */
static void jac_impl_check_record(jac_impl_checker *c, int view)
{
    jac_impl_view *v = &c->view[view];
    for (size_t o = 0; o < c->O; o++) {
        const jac_impl_row r = jac_impl_check_row(c, view, o);
        const double D = fabs(r.given - r.F), excess = (jac_impl_is_finite(D) ? D : HUGE_VAL) - r.noise;
        if (!(r.weight > 0) || !jac_impl_is_finite(r.F)) continue;
        v->scale = jac_impl_largest(v->scale, fabs(r.F));
        v->measured = jac_impl_largest(v->measured, fabs(r.F));
        v->noise = jac_impl_largest(v->noise, r.noise);
        if (excess > v->excess) {
            v->excess = excess;
            v->worst = r;
            v->row = o;
            v->column = c->along;
        }
    }
}

/* Of one view, from what was recorded: worst excess and largest noise against tolerance x scale, (C2). An entry of J that nobody looked
 * at is no scale to pass by. */
static jac_check_verdict jac_impl_check_verdict(const jac_impl_checker *c, int view)
{
    const jac_impl_view *v = &c->view[view];
    const int all = c->report->checked == c->N || c->report->direction == JAC_CHECK_PASS;
    const double visible = c->tolerance * (all ? v->scale : v->measured);
    if (v->excess > c->tolerance * v->scale) return JAC_CHECK_FAIL;
    if (v->lost > 0) return JAC_CHECK_INCONCLUSIVE;
    if (c->report->checked == 0) return JAC_CHECK_KINK;
    return visible > 0 && v->excess <= visible && v->noise <= visible && c->tolerance < 1 ? JAC_CHECK_PASS : JAC_CHECK_INCONCLUSIVE;
}

/* How exact is a value? What is left of its second difference near x is rounding, and never less than one unit in its last place. */
static double jac_impl_check_rounding(const jac_impl_checker *c, double minus, double middle, double plus)
{
    return c->eps * fabs(middle) + 4 * fabs((plus - middle) - (middle - minus));
}

/* That of all rows, in three directions, a few units in the last place of x away. A user's function may be coarser than its type: an
 * output that does not stir there is looked at farther out, four times as far each turn. By how much it first jumps is its rounding.
 * Other terms of it may stir later, so it is looked at until a y'' of 1 would count: it adds 8 t^2 / h to the noise, a fifth of the
 * tolerance at most. Rows that are not finite are left out: `largest` takes its second when the first is no number. */
static void jac_impl_check_measure_rounding(jac_impl_checker *c)
{
    enum { directions = 3 };
    double *of_y = &c->view[JAC_IMPL_OUTPUT].rounding, *of_z = &c->view[JAC_IMPL_LOGITS].rounding, t = 4 * c->eps;
    double *const stirs = c->view[JAC_IMPL_OUTPUT].F;           /* [O] 0: not yet, 1: near x, 2: farther out */
    int all_near = 0;
    for (size_t o = 0; o < c->O; o++) stirs[o] = 0;
    for (size_t turn = 0; turn < directions || (!all_near && c->real != NULL && t < c->step); turn++) {
        const int near_x = turn < directions;
        if (!near_x) t *= 4;
        c->along = c->N + turn % directions;
        (void)jac_impl_check_evaluate(c, t, &c->plus);
        (void)jac_impl_check_evaluate(c, -t, &c->minus);
        for (size_t o = 0; o < c->O; o++) {
            const double weight = c->end ? jac_impl_check_weight(c, JAC_IMPL_LOGITS, o) : 0;
            const double jump = jac_impl_largest(fabs(c->plus.z[o] - c->at.z[o]), fabs(c->minus.z[o] - c->at.z[o]));
            const int first = !(jump <= 0) && stirs[o] < 1;         /* the other way round clang 19 compares a NaN */
            double z = jac_impl_check_rounding(c, c->minus.z[o], c->at.z[o], c->plus.z[o]), y;
            if (first) stirs[o] = near_x ? 1 : 2;
            if (!near_x) {
                if (stirs[o] == 1 || (!first && 40 * t * t > c->tolerance * c->step)) continue;
                z = 2 * z + (first ? jump : 0);                 /* one direction each, and perhaps not yet all terms */
            }
            y = !c->end ? z : jac_impl_check_rounding(c, jac_impl_check_value(c, JAC_IMPL_OUTPUT, &c->minus, o),
                                                      jac_impl_check_value(c, JAC_IMPL_OUTPUT, &c->at, o),
                                                      jac_impl_check_value(c, JAC_IMPL_OUTPUT, &c->plus, o));
            if (weight > 0) {                               /* y inherits what its logit lacks */
                *of_z = jac_impl_largest(z, *of_z);
                y += weight * z;
            }
            *of_y = jac_impl_largest(y, *of_y);
        }
        all_near = 1;
        for (size_t o = 0; o < c->O; o++) if (stirs[o] != 1) all_near = 0;
    }
}

/* Roundings cancel by chance where their terms do. So a net is shaken as well, at x and a step away: a value moves by its rounding, and
 * the difference of two points that are shaken alike by what rounding does to J. Units stay on the side of their kinks where they are at
 * x: one that moves across must not look like rounding. */
static void jac_impl_check_measure_shaken(jac_impl_checker *c)
{
    const double eps = JAC_IMPL_CAST(double, JAC_IMPL_EPSILON), step = jac_impl_largest(c->step, 64 * eps / JAC_IMPL_CHECK_TOLERANCE);
    c->frozen = 1;
    for (c->along = c->N; c->along < c->N + 3; c->along++) {
        for (int steps = 0; steps < 2; steps++) {
            (void)jac_impl_check_evaluate(c, steps * step, &c->plus);
            c->shaken = c->N;                               /* the numbers before are the direction's */
            (void)jac_impl_check_evaluate(c, steps * step, &c->minus);
            c->shaken = 0;
            for (int view = 0; view < c->views; view++) {
                jac_impl_view *v = &c->view[view];
                for (size_t o = 0; o < c->O; o++) {
                    if (!(jac_impl_check_weight(c, view, o) > 0)) continue;
                    const double moved = jac_impl_check_value(c, view, &c->minus, o) - jac_impl_check_value(c, view, &c->plus, o);
                    v->rounding = jac_impl_largest(2 * fabs(moved) * (c->eps / JAC_IMPL_CHECK_SHAKE), v->rounding);
                    if (steps > 0) v->slope = jac_impl_largest(8 * fabs(moved - v->F[o]) * (eps / JAC_IMPL_CHECK_SHAKE) / step, v->slope);
                    v->F[o] = moved;
                }
            }
        }
    }
    c->frozen = 0;
}

/* Nothing is judged yet. The scale begins as the largest given entry. */
static void jac_impl_check_begin(jac_impl_checker *c)
{
    for (int view = 0; view < c->views; view++) {
        jac_impl_view *v = &c->view[view];
        v->excess = -HUGE_VAL;
        v->worst.weight = 1;
        for (size_t o = 0; o < c->O; o++) {
            const double weight = jac_impl_check_weight(c, view, o);
            if (!(weight > 0) && view == JAC_IMPL_OUTPUT) v->lost++;
            for (size_t i = 0; weight > 0 && i < c->N; i++) {
                const double given = fabs(JAC_IMPL_CAST(double, c->J[o * c->N + i])) / weight;
                if (jac_impl_is_finite(given)) v->scale = jac_impl_largest(v->scale, given);
                else v->lost++;
            }
        }
    }
}

/* c knows x and J, what is judged, and where; z: 4 O numbers, 5 O with two views. */
static void jac_impl_check_run(jac_impl_checker *c, const jac_check_options *options, jac_check_report *r, double *z)
{
    const size_t N = c->N, O = c->O;
    const jac_check_report nothing = JAC_IMPL_ZERO;
    const jac_impl_view *shown = &c->view[JAC_IMPL_OUTPUT];
    size_t columns = options->columns > 0 && options->columns < N ? options->columns : N;
    *r = nothing;
    c->report = r;
    c->step = options->step > 0 ? options->step : cbrt(c->eps);
    c->tolerance = options->tolerance > 1 ? 1 : options->tolerance > 0 ? options->tolerance : JAC_IMPL_CHECK_TOLERANCE;
    c->seed = options->seed;
    c->views = c->end ? 2 : 1;
    c->at.z = z;
    c->plus.z = z + O;
    c->minus.z = z + 2 * O;
    c->view[JAC_IMPL_OUTPUT].F = z + 3 * O;
    c->view[JAC_IMPL_LOGITS].F = z + 4 * O;
    (void)jac_impl_check_evaluate(c, 0, &c->at);
    jac_impl_check_begin(c);
    jac_impl_check_measure_rounding(c);
    if (c->net) jac_impl_check_measure_shaken(c);

    if (columns < N) {                          /* J v, row by row, looks at every entry; a fault is then hunted column by column */
        const int found = c->tolerance < 1 ? jac_impl_check_along(c, N) : JAC_IMPL_LOST, last = c->views - 1;
        const int passes = found == JAC_IMPL_AGREES && jac_impl_check_noise(c, last, c->length) <= c->tolerance * c->view[last].scale;
        r->direction = found == JAC_IMPL_FAULT ? JAC_CHECK_FAIL : found == JAC_IMPL_UNCLEAR ? JAC_CHECK_KINK
                     : passes ? JAC_CHECK_PASS : JAC_CHECK_INCONCLUSIVE;
        if (found == JAC_IMPL_FAULT) columns = N;
    }
    for (size_t i = 0; i < N; i++) {            /* algorithm S (Knuth, The Art of Computer Programming 2, 3.4.2) */
        if (!(jac_impl_random(c->seed, 0, i) * JAC_IMPL_CAST(double, N - i) < JAC_IMPL_CAST(double, columns))) continue;
        columns--;
        switch (jac_impl_check_along(c, i)) {
        case JAC_IMPL_UNCLEAR: r->kinks++; break;
        case JAC_IMPL_LOST: for (int view = 0; view < c->views; view++) c->view[view].lost++; break;
        default:
            r->checked++;
            for (int view = 0; view < c->views; view++) jac_impl_check_record(c, view);
        }
    }

    r->verdict = jac_impl_check_verdict(c, JAC_IMPL_OUTPUT);
    if (c->end) {
        r->before_softmax = jac_impl_check_verdict(c, JAC_IMPL_LOGITS);
        for (size_t o = 0; o < O; o++) if (!(jac_impl_check_weight(c, JAC_IMPL_LOGITS, o) > 0)) r->underflows++;
        if (r->before_softmax == JAC_CHECK_FAIL && r->verdict != JAC_CHECK_FAIL) {
            r->verdict = JAC_CHECK_FAIL;
            shown = &c->view[JAC_IMPL_LOGITS];
        }
    }
    r->row = shown->row;
    r->column = shown->column;
    r->given = shown->worst.given * shown->worst.weight;
    r->measured = shown->worst.F * shown->worst.weight;
    if (!(shown->excess < HUGE_VAL)) r->error = HUGE_VAL;
    else if (shown->scale > 0) r->error = fabs(shown->worst.given - shown->worst.F) / shown->scale;
    r->scale = shown->scale * shown->worst.weight;
    r->noise = shown->noise * shown->worst.weight;
}

/* jac_real that a net with user activations needs: three layers. */
static size_t jac_impl_check_reals(const jac_layer *layers, size_t n_layers, size_t widest)
{
    for (size_t l = 0; l < n_layers; l++) if (layers[l].kind == JAC_KIND_ACTIVATION) return 3 * widest;
    return 0;
}

/* z [O] of three points and F [O] of two views, two layers, reals, pattern: as jac_check lays them out. */
static size_t jac_impl_check_bytes(size_t n_in, const jac_layer *layers, size_t n_layers, size_t widest)
{
    size_t n = n_in, units = 0;
    for (size_t l = 0; l < n_layers; l++) {
        if (jac_impl_is_dense(&layers[l])) n = layers[l].out;
        if (jac_impl_has_kink(&layers[l])) units += n;
    }
    return (5 * n + 2 * widest) * sizeof(double) + jac_impl_check_reals(layers, n_layers, widest) * sizeof(jac_real) + (units + 7) / 8;
}

/* ================================================================================================== >>public */

JAC_API size_t jac_net_size(size_t n_in, const jac_layer *layers, size_t n_layers)
{
    jac_net net;
    size_t bytes;
    return jac_impl_describe(n_in, layers, n_layers, &net, &bytes) == JAC_OK ? bytes : 0;
}

JAC_API jac_status jac_net_init(jac_net *net, size_t n_in, const jac_layer *layers, size_t n_layers, void *memory, size_t memory_size)
{
    jac_net made = JAC_IMPL_ZERO;
    jac_status status;
    size_t bytes;
    if (net == NULL) return JAC_ERROR_NULL;
    status = jac_impl_describe(n_in, layers, n_layers, &made, &bytes);
    if (status == JAC_OK && memory == NULL) status = JAC_ERROR_NULL;
    if (status == JAC_OK && memory_size < bytes) status = JAC_ERROR_MEMORY;
    if (status == JAC_OK) {
        const size_t shift = (JAC_IMPL_ALIGN - JAC_IMPL_POINTER(uintptr_t, memory) % JAC_IMPL_ALIGN) % JAC_IMPL_ALIGN;
        made.layers = layers;
        made.n_layers = n_layers;
        made.kernels = jac_impl_kernels_best();
        made.memory = JAC_IMPL_CAST(unsigned char *, memory);
        made.scratch = JAC_IMPL_POINTER(jac_real *, made.memory + shift);
        made.cache = made.scratch + jac_impl_scratch_bytes(n_in, layers, n_layers, &made) / sizeof(jac_real);
        /* made has no memory yet (memory_size is 0). A net over layers or weights is not even marked as not ready: these are only read */
        if (jac_impl_clash(&made, net, sizeof *net)) return JAC_ERROR_OVERLAP;
        if (jac_impl_overlap(memory, bytes, net, sizeof *net) || jac_impl_clash(&made, memory, bytes)) status = JAC_ERROR_OVERLAP;
        made.memory_size = bytes;
        made.state = JAC_IMPL_READY;
    }
    if (status != JAC_OK) made.n_in = made.n_out = made.state = 0;
    *net = made;
    return status;
}

JAC_API jac_status jac_forward(jac_net *net, const jac_real *x, jac_real *y)
{
    jac_status status;
    if (net == NULL || x == NULL) return JAC_ERROR_NULL;
    status = jac_impl_admit(net, 0, 1, x, net->n_in, y, net->n_out, NULL, 0);
    if (status == JAC_OK) jac_impl_forward(net, 1, x, y);
    return status;
}

JAC_API jac_status jac_backward(jac_net *net, jac_real *J)
{
    jac_status status;
    if (net == NULL || J == NULL) return JAC_ERROR_NULL;
    status = jac_impl_admit(net, 1, net->n_out, NULL, 0, NULL, 0, J, net->n_in);
    if (status == JAC_OK) jac_impl_jacobian(net, J);
    return status;
}

JAC_API jac_status jac_forward_backward(jac_net *net, const jac_real *x, jac_real *y, jac_real *J)
{
    return jac_forward_backward_batch(net, 1, x, y, J);
}

JAC_API jac_status jac_forward_backward_batch(jac_net *net, size_t n, const jac_real *X, jac_real *Y, jac_real *J)
{
    jac_status status;
    if (net == NULL || X == NULL || J == NULL) return JAC_ERROR_NULL;
    status = jac_impl_admit(net, 0, n, X, net->n_in, Y, net->n_out, J, net->n_in * net->n_out);
    if (status != JAC_OK) return status;
    for (size_t k = 0; k < n;) {
        const size_t N = net->n_in, O = net->n_out, Q = jac_impl_least(n - k, JAC_SAMPLES);
        jac_impl_forward(net, Q, X + k * N, Y == NULL ? NULL : Y + k * O);
        for (size_t q = 0; q < Q; q++, k++) {
            net->sample = q;
            jac_impl_jacobian(net, J + k * O * N);
        }
    }
    return JAC_OK;
}

JAC_API jac_status jac_vjp(jac_net *net, size_t n, const jac_real *V, jac_real *VJ)
{
    jac_status status;
    if (net == NULL || V == NULL || VJ == NULL) return JAC_ERROR_NULL;
    status = jac_impl_admit(net, 1, n, V, net->n_out, NULL, 0, VJ, net->n_in);
    if (status == JAC_OK) jac_impl_products(net, 1, n, V, VJ, net->n_in, 1);
    return status;
}

JAC_API jac_status jac_jvp(jac_net *net, size_t n, const jac_real *U, jac_real *JU)
{
    jac_status status;
    if (net == NULL || U == NULL || JU == NULL) return JAC_ERROR_NULL;
    status = jac_impl_admit(net, 1, n, U, net->n_in, NULL, 0, JU, net->n_out);
    if (status == JAC_OK) jac_impl_products(net, 0, n, U, JU, net->n_out, 1);
    return status;
}

static const jac_check_options jac_impl_defaults = { 0, 0, 0, 0 };

/* What both checkers ask of their options: 0 or a positive finite number. */
static int jac_impl_bad_options(const jac_check_options *o)
{
    return !(o->step >= 0 && o->step <= DBL_MAX && o->tolerance >= 0 && o->tolerance <= DBL_MAX);
}

/* Is what a checker writes, its scratch and the report, over what it reads? */
static int jac_impl_check_clash(const void *scratch, size_t bytes, const jac_check_report *report, const jac_real *x, size_t bytes_x,
                                const jac_real *J, size_t bytes_J, const jac_check_options *o)
{
    return jac_impl_overlap(scratch, bytes, x, bytes_x) || jac_impl_overlap(report, sizeof *report, x, bytes_x) ||
           jac_impl_overlap(scratch, bytes, J, bytes_J) || jac_impl_overlap(report, sizeof *report, J, bytes_J) ||
           jac_impl_overlap(scratch, bytes, o, sizeof *o) || jac_impl_overlap(report, sizeof *report, o, sizeof *o);
}

JAC_API jac_status jac_check(jac_net *net, const jac_real *x, const jac_real *J, const jac_check_options *options, jac_check_report *report)
{
    const jac_check_options *o = options == NULL ? &jac_impl_defaults : options;
    const jac_layer *end;
    jac_impl_checker c = JAC_IMPL_ZERO;
    jac_status status;
    size_t reals;
    if (net == NULL || x == NULL || J == NULL || report == NULL) return JAC_ERROR_NULL;
    status = jac_impl_admit(net, 0, 1, NULL, 0, NULL, 0, NULL, 0);
    if (status != JAC_OK) return status;
    if (jac_impl_bad_options(o)) return JAC_ERROR_OPTION;
    c.N = net->n_in;
    c.O = net->n_out;
    if (jac_impl_clash(net, report, sizeof *report) ||
        jac_impl_check_clash(net->memory, net->memory_size, report, x, c.N * sizeof *x, J, c.O * c.N * sizeof *J, o))
        return JAC_ERROR_OVERLAP;
    c.x = x;
    c.J = J;
    c.net = net;
    end = &net->layers[net->n_layers - 1];
    c.end = jac_impl_is_softmax(end) ? end->kind : 0;
    reals = jac_impl_check_reals(net->layers, net->n_layers, net->widest);
    c.eps = reals ? JAC_IMPL_CAST(double, JAC_IMPL_EPSILON) : DBL_EPSILON;       /* the user's function is only as exact as its type */
    c.buffer = JAC_IMPL_POINTER(double *, net->scratch) + 5 * c.O;
    c.real = reals ? JAC_IMPL_POINTER(jac_real *, c.buffer + 2 * net->widest) : NULL;
    c.pattern = JAC_IMPL_POINTER(unsigned char *, c.buffer + 2 * net->widest) + reals * sizeof(jac_real);
    jac_impl_check_run(&c, o, report, JAC_IMPL_POINTER(double *, net->scratch));
    return JAC_OK;
}

JAC_API size_t jac_check_size(size_t n_in, size_t n_out)
{
    size_t bytes = 64 * sizeof(double), J;          /* more than a value needs: the sum below cannot overflow */
    if (n_in == 0 || n_out == 0 || !jac_impl_bytes(&J, n_in, n_out) || !jac_impl_times(&bytes, n_in + n_out)) return 0;
    return 7 + 4 * n_out * sizeof(double) + (n_in + n_out) * sizeof(jac_real);
}

JAC_API jac_status jac_check_function(jac_function f, void *user, size_t n_in, size_t n_out, const jac_real *x, const jac_real *J,
                                      const jac_check_options *options, jac_check_report *report, void *memory, size_t memory_size)
{
    const jac_check_options *o = options == NULL ? &jac_impl_defaults : options;
    jac_impl_checker c = JAC_IMPL_ZERO;
    unsigned char *scratch;
    size_t size;
    if (f == NULL || x == NULL || J == NULL || report == NULL) return JAC_ERROR_NULL;
    if (n_in == 0 || n_out == 0) return JAC_ERROR_SIZE;
    size = jac_check_size(n_in, n_out);
    if (size == 0) return JAC_ERROR_OVERFLOW;
    if (memory == NULL) return JAC_ERROR_NULL;
    if (memory_size < size) return JAC_ERROR_MEMORY;
    if (jac_impl_bad_options(o)) return JAC_ERROR_OPTION;
    if (jac_impl_overlap(memory, size, report, sizeof *report) ||
        jac_impl_check_clash(memory, size, report, x, n_in * sizeof *x, J, n_in * n_out * sizeof *J, o)) return JAC_ERROR_OVERLAP;
    c.N = n_in;
    c.O = n_out;
    c.x = x;
    c.J = J;
    c.f = f;
    c.user = user;
    c.eps = JAC_IMPL_CAST(double, JAC_IMPL_EPSILON);
    scratch = JAC_IMPL_CAST(unsigned char *, memory);
    scratch += (8 - JAC_IMPL_POINTER(uintptr_t, memory) % 8) % 8;
    c.real = JAC_IMPL_POINTER(jac_real *, JAC_IMPL_POINTER(double *, scratch) + 4 * n_out);
    jac_impl_check_run(&c, o, report, JAC_IMPL_POINTER(double *, scratch));
    return JAC_OK;
}

JAC_API const char *jac_status_string(jac_status status)
{
#define JAC_IMPL_TEXT(code, text) if (status == code) return text;
    JAC_STATUSES(JAC_IMPL_TEXT)
#undef JAC_IMPL_TEXT
    return "unknown status: not one that jacobian.h returns";
}

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma STDC FP_CONTRACT DEFAULT
#pragma clang diagnostic pop
#elif defined(__GNUC__) && !defined(__TINYC__)
#pragma GCC pop_options
#pragma GCC diagnostic pop
#endif

#endif /* JACOBIAN_IMPLEMENTATION, what is read once */

/* ================================================================================================= >>history
 *
 *   1.0.0  2026-11  first release
 *
 *   MIT License
 *
 *   Copyright (c) 2026 the jacobian.h authors
 *
 *   Permission is hereby granted, free of charge, to any person obtaining a copy
 *   of this software and associated documentation files (the "Software"), to deal
 *   in the Software without restriction, including without limitation the rights
 *   to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 *   copies of the Software, and to permit persons to whom the Software is
 *   furnished to do so, subject to the following conditions:
 *
 *   The above copyright notice and this permission notice shall be included in all
 *   copies or substantial portions of the Software.
 *
 *   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 *   IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 *   FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 *   AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 *   LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 *   OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 *   SOFTWARE.
 */
