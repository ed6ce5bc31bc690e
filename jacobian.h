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
 *     #define JACOBIAN_IMPLEMENTATION              // in exactly one .c or .cpp file
 *     #include "jacobian.h"
 *
 *     static const double W1[] = { 1, -2,  0.5, 1,  -1, 3 };      // [3][2]: 2 inputs -> 3 units
 *     static const double b1[] = { 0, 0.5, -1 };
 *     static const double W2[] = { 1, 0, 2,  -1, 1, 0.5 };        // [2][3]: 3 units -> 2 outputs
 *     static const jac_layer layers[] = { JAC_DENSE(2, 3, W1, b1), JAC_RELU, JAC_DENSE(3, 2, W2, NULL), JAC_SOFTMAX };
 *     static unsigned char memory[JAC_NET_SIZE_BOUND(2, 3, 4)];    // 2 inputs, no layer wider than 3, 4 layers
 *
 *     int main(void)
 *     {
 *         jac_net net;
 *         double x[2] = { 1, 0.25 }, y[2], J[2 * 2];
 *         jac_status status = jac_net_init(&net, 2, layers, 4, memory, sizeof memory);
 *         if (status == JAC_OK) status = jac_forward_backward(&net, x, y, J);
 *         if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }
 *         for (int o = 0; o < 2; o++)
 *             printf("y[%d] = %.6f   dy/dx = [% .6f % .6f]\n", o, y[o], J[o * 2], J[o * 2 + 1]);
 *         return 0;
 *     }
 *
 * cc quickstart.c -o quickstart -lm && ./quickstart prints
 *
 *     @QUICKSTART_OUTPUT@
 *
 * ================================================================================================ >>contents
 *
 *   Search for a tag to reach its room.
 *     >>quickstart   a complete program            >>platform     compiler, precision, vector sets
 *     >>math         letters, equations, layouts   >>tools        checked sizes, overlap, fill
 *     >>rules        memory, errors, threads       >>kernels      the one product, once per vector set
 *     >>config       switches                      >>layers       activations: value beside derivative
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
 *     G       rows of the sensitivity of the output to a layer's values, on its way from J = I back to the input
 *
 *   Forward, layer by layer
 *     dense       z_o = b_o + sum_i W_oi a_i                                                                  (M1)
 *     elementwise a_j = act(z_j),  d_j = act'(z_j) is kept                                                    (M2)
 *     softmax     s_o = exp(z_o - m) / sum_k exp(z_k - m),  m = max_k z_k, s is kept                          (M3)
 *   Backward, from G = I, in the opposite order
 *     dense       G <- G W          G_ri = sum_o G_ro W_oi       (row r of I makes this a copy of W)            (M4)
 *     elementwise G <- G diag(d)    units with d_j = 0 drop out: their rows of W are not read again           (M5)
 *     softmax     G <- G S,         S_oj = -s_o s_j (j != o),  S_oo = s_o sum_{k != o} s_k                    (M6)
 *   What remains at the input is J. A vector-Jacobian product V J is the same sweep from G = V; a Jacobian-vector
 *   product J u pushes u forward through the same matrices (transposed roles of in and out).
 *
 *   Conventions where mathematics leaves a choice
 *     ReLU'(0) = 0, at -0 too. NaN stays NaN, in value and derivative. The first of equal maxima is "the" maximum.
 *     S_oo is written as a sum, not as s_o (1 - s_o): in a saturated softmax s_o rounds to 1 and the difference to 0,
 *     the sum keeps all its digits. Only the largest s can exceed 1/2, so only it needs the sum.
 *
 * =================================================================================================== >>rules
 *
 *   Memory    The library never allocates, frees, prints, exits, recurses or keeps static data. It keeps pointers to the
 *             layers, weights and memory it was given and owns none; they must live as long as the net. The weights may
 *             change between calls, but not between a forward call and the backward call that belongs to it.
 *   Errors    Every function says what it may return. All checks come before the first write: on an error every output
 *             and the net's memory are byte for byte as they were. Checks run in this order: NULL, net ready, forward
 *             done, sizes, overlap. Numbers that are not finite are no error; they flow through as IEEE 754 says.
 *   Threads   One net and one memory a thread; layers and weights may be shared. Nothing else is shared.
 *   Order     Every sum has one order, fixed by the shapes and the vector set: same input, same build, same machine, same
 *             bits, alone or in a batch. See >>kernels. With JAC_NO_SIMD the same bits on every IEEE machine, but for
 *             what its exp, tanh ... return.
 *   Limits    Widths below UINT_MAX. No object above PTRDIFF_MAX bytes. Round to nearest gives the stated accuracy; other
 *             rounding modes are kept and at most double it.
 *   jacobian.h does not: train, read files, convolve, branch, quantise, or start threads.
 *
 * ================================================================================================== >>config
 *
 *   macro                     default  effect; which files must agree
 *   JACOBIAN_IMPLEMENTATION   off      compile the bodies here; define it in exactly one file of a program
 *   JAC_FLOAT                 off      jac_real is float; every file that shares a net. A mix-up fails at link time:
 *                                      float builds carry their own names (jac_forward is jac_forward_f32 to the linker),
 *                                      so a float and a double build can live in one program
 *   JAC_STATIC                off      all functions static, in this file only
 *   JAC_API                   extern   linkage of the functions, e.g. __declspec(dllexport); every file
 *   JAC_NO_SIMD               off      portable scalar code only; the implementation file
 *   JAC_ASSERT(condition)     nothing  checks of the library's own invariants; the implementation file
 *   JAC_ROWS                  32       rows of J in flight: memory grows with it, J is swept in blocks of it; every file
 *   JAC_SAMPLES               6        samples of a batch that share one reading of the weights; every file
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
#define JAC_ROWS 32
#endif
#ifndef JAC_SAMPLES
#define JAC_SAMPLES 6
#endif

#ifdef __cplusplus
#define JAC_IMPL_CAST(type, value) static_cast<type>(value)
#define JAC_IMPL_POINTER(type, value) reinterpret_cast<type>(value)
#else
#define JAC_IMPL_CAST(type, value) ((type)(value))
#define JAC_IMPL_POINTER(type, value) ((type)(value))
#endif

/* Linkage. A float build renames every type and function, so that it cannot be linked to a double one. */
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
    X(JAC_ERROR_NULL, "a required pointer is NULL: pass the array (only a bias, y and Y may be NULL)")                   \
    X(JAC_ERROR_NO_LAYERS, "the net has no layers: pass at least one")                                                   \
    X(JAC_ERROR_SIZE, "a width is zero or too large: every layer needs 1 to UINT_MAX - 1 inputs and outputs")            \
    X(JAC_ERROR_OVERFLOW, "the sizes multiply to more bytes than an object can have: use a smaller net or batch")        \
    X(JAC_ERROR_CHAIN, "a dense layer's inputs differ from what comes before it: compare layers bad_layer - 1 and bad_layer") \
    X(JAC_ERROR_LAYER, "a layer of unknown kind: fill layers with the JAC_... macros only")                              \
    X(JAC_ERROR_MEMORY, "the memory is too small: pass at least jac_net_size() or jac_check_size() bytes")               \
    X(JAC_ERROR_OVERLAP, "an output overlaps an input, another output, the weights or the net's memory: give it its own array") \
    X(JAC_ERROR_NOT_READY, "the net is not ready: call jac_net_init() first and look at what it returns")                \
    X(JAC_ERROR_NO_FORWARD, "there is no forward point yet: call jac_forward() first")                                   \
    X(JAC_ERROR_OPTION, "a checker option is negative or not finite: use 0 for its default")

typedef enum jac_status {
#define JAC_IMPL_ENUM(code, text) code,
    JAC_STATUSES(JAC_IMPL_ENUM)
#undef JAC_IMPL_ENUM
    JAC_STATUS_COUNT                /* how many there are; never returned */
} jac_status;

/* The user's own elementwise function: reads z [n], writes a_j = act(z_j) and da_j = act'(z_j). No overlap. */
typedef void (*jac_activation)(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user);

/* One layer: plain data, filled by the macros below, which are brace initialisers fit for static const objects. */
typedef struct jac_layer {
    unsigned kind;                  /* JAC_KIND_...; 0 is no layer, so that a zeroed one is refused */
    size_t in, out;                 /* widths of a dense layer; 0 in all others, which keep the width they meet */
    const jac_real *W, *b;          /* dense: borrowed weights [out x in] or [in x out], bias [out] or NULL */
    jac_real alpha;                 /* slope or scale of leaky ReLU and ELU */
    jac_activation f;               /* JAC_ACTIVATION: the function and what is handed to it */
    void *user;
} jac_layer;

enum {
    JAC_KIND_DENSE = 1, JAC_KIND_DENSE_T, JAC_KIND_SOFTMAX, JAC_KIND_LOG_SOFTMAX, JAC_KIND_RELU, JAC_KIND_LEAKY_RELU, JAC_KIND_ELU,
    JAC_KIND_TANH, JAC_KIND_SIGMOID, JAC_KIND_SOFTPLUS, JAC_KIND_SILU, JAC_KIND_GELU, JAC_KIND_ACTIVATION, JAC_KIND_COUNT
};

#define JAC_IMPL_LAYER(kind, in, out, W, b, alpha, f, user) { kind, in, out, W, b, JAC_IMPL_CAST(jac_real, alpha), f, user }
#define JAC_IMPL_PLAIN(kind, alpha) JAC_IMPL_LAYER(kind, 0, 0, NULL, NULL, alpha, NULL, NULL)

/*      macro                        forward                                        derivative d                       */
#define JAC_DENSE(in, out, W, b)   JAC_IMPL_LAYER(JAC_KIND_DENSE, in, out, W, b, 0, NULL, NULL)   /* z_o = b_o + sum_i W[o*in + i] x_i: rows are outputs, as PyTorch's Linear; b may be NULL */
#define JAC_DENSE_T(in, out, W, b) JAC_IMPL_LAYER(JAC_KIND_DENSE_T, in, out, W, b, 0, NULL, NULL) /* z_o = b_o + sum_i W[i*out + o] x_i: rows are inputs, as x @ W + b in NumPy and Keras */
#define JAC_RELU                   JAC_IMPL_PLAIN(JAC_KIND_RELU, 0)                /* max(0, z)                       1 if z > 0, 0 if z <= 0            */
#define JAC_LEAKY_RELU(alpha)      JAC_IMPL_PLAIN(JAC_KIND_LEAKY_RELU, alpha)      /* z if z > 0, else alpha z        1 if z > 0, else alpha             */
#define JAC_ELU(alpha)             JAC_IMPL_PLAIN(JAC_KIND_ELU, alpha)             /* z if z > 0, else alpha (e^z-1)  1 if z > 0, else alpha e^z         */
#define JAC_TANH                   JAC_IMPL_PLAIN(JAC_KIND_TANH, 0)                /* tanh z                          4 e / (1 + e)^2,  e = exp(-2 |z|)  */
#define JAC_SIGMOID                JAC_IMPL_PLAIN(JAC_KIND_SIGMOID, 0)             /* 1 / (1 + exp(-z))               e / (1 + e)^2,    e = exp(-|z|)    */
#define JAC_SOFTPLUS               JAC_IMPL_PLAIN(JAC_KIND_SOFTPLUS, 0)            /* log(1 + exp z)                  sigmoid z                          */
#define JAC_SILU                   JAC_IMPL_PLAIN(JAC_KIND_SILU, 0)                /* z sigmoid(z)                    sigmoid z (1 + z sigmoid(-z))      */
#define JAC_GELU                   JAC_IMPL_PLAIN(JAC_KIND_GELU, 0)                /* z Phi(z)                        Phi z + z phi z (the erf form)     */
#define JAC_SOFTMAX                JAC_IMPL_PLAIN(JAC_KIND_SOFTMAX, 0)             /* (M3)                            (M6); at any place in the chain    */
#define JAC_LOG_SOFTMAX            JAC_IMPL_PLAIN(JAC_KIND_LOG_SOFTMAX, 0)         /* z_o - log sum_k exp z_k         delta_oj - s_j                     */
#define JAC_ACTIVATION(f, user)    JAC_IMPL_LAYER(JAC_KIND_ACTIVATION, 0, 0, NULL, NULL, 0, f, user) /* a = f(z)      da, both written by f              */

/* A net ready to run: plain data over the caller's layers, weights and memory. Zero it or not: jac_net_init fills it. */
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
    size_t widest;                  /* of all widths, N among them */
    size_t rows;                    /* rows of J in one block */
    size_t sample;                  /* whose cache holds the last forward point */
    unsigned state;
} jac_net;

#define JAC_NO_LAYER JAC_IMPL_CAST(size_t, -1)

/* Bytes that are enough for any net of n_in inputs whose layers are no wider than `widest`: a constant expression for
 * static buffers. jac_net_size() says what a given net needs, which is less. */
#define JAC_NET_SIZE_BOUND(n_in, widest, n_layers) (4096 + JAC_IMPL_CAST(size_t, (n_in) + (widest)) * sizeof(double) * (JAC_SAMPLES * (n_layers) + 3 * JAC_ROWS + 64)) /* to be tightened */

/* Any function to be checked: reads x, writes y. */
typedef void (*jac_function)(const jac_real *x, jac_real *y, void *user);

typedef enum jac_check_verdict {
    JAC_CHECK_NONE,                 /* nothing was checked: a zeroed report */
    JAC_CHECK_PASS,                 /* the differences agree, and they could have shown a fault */
    JAC_CHECK_FAIL,                 /* they disagree beyond tolerance and noise */
    JAC_CHECK_INCONCLUSIVE,         /* they are drowned in rounding noise: nothing was proved */
    JAC_CHECK_KINK                  /* nothing but columns that cross a kink was left to judge */
} jac_check_verdict;

/* Zero in a field, or NULL for the whole struct, means the default. */
typedef struct jac_check_options {
    size_t columns;                 /* how many columns of J, chosen at random; default all N */
    unsigned long seed;             /* of that choice and of the random directions */
    double step;                    /* h for x of size 1: h_i = step max(1, |x_i|); default cbrt(eps) */
    double tolerance;               /* largest error that passes, relative to the scale; default 1e-5 (float 1e-3) */
} jac_check_options;

typedef struct jac_check_report {
    jac_check_verdict verdict;
    size_t row, column;             /* the worst entry ... */
    double given, measured;         /* ... in J, and from the differences */
    double error;                   /* |given - measured| / scale there */
    double scale;                   /* the largest entry, measured or given: what error is relative to */
    double noise;                   /* what rounding of the outputs can add to a measured entry */
    size_t checked;                 /* columns judged */
    size_t kinks;                   /* columns left out: x lies on a kink, or no step keeps clear of one */
    size_t evaluations;             /* of the function */
    jac_check_verdict before_softmax; /* verdict on the same net before a softmax at its end; JAC_CHECK_NONE if there is none */
} jac_check_report;

/* ===================================================================================================== >>api
 * N = net.n_in, O = net.n_out. Every function that returns a jac_status writes nothing when it is not JAC_OK. */

/* jac_net_size -- bytes of memory the net needs; 0 when the description is invalid (jac_net_init says why).
 *   n_in      N, the width of the input
 *   layers    in  [n_layers]
 * Memory: grows with the widths, the depth, JAC_ROWS and JAC_SAMPLES, never with N O.
 * Errors: none. Cost: one look at every layer.                                                                     */
JAC_API size_t jac_net_size(size_t n_in, const jac_layer *layers, size_t n_layers);

/* jac_net_init -- check the whole description once and make the net ready.
 *   net          out  ready on JAC_OK; else it refuses every call, and net->bad_layer names the layer at fault
 *   layers       in   [n_layers]; kept by pointer, as are the weights
 *   memory       out  at least jac_net_size() bytes of any alignment; kept, used by every call; not written here
 * Errors: NULL, NO_LAYERS, SIZE, OVERFLOW, CHAIN, LAYER, MEMORY, OVERLAP (memory over net, layers or weights).
 * Cost:   one look at every layer; the weights are not read.                                                       */
JAC_API jac_status jac_net_init(jac_net *net, size_t n_in, const jac_layer *layers, size_t n_layers, void *memory, size_t memory_size);

/* jac_forward -- y = net(x), (M1) to (M3); keeps the d and s that the other calls need.
 *   x   in   [N]
 *   y   out  [O], or NULL
 * Afterwards net->kink_margin is the smallest |z| over the units of ReLU, leaky ReLU and ELU layers, each in units of the
 * rounding of its own sum, u (|b_o| + sum_i |W_oi a_i|), u = 2^-53 (float 2^-24): below about the number of terms the
 * unit may be on either side of its kink; INFINITY when there is no such unit. The nearest unit of each layer is judged.
 * Errors: NULL, NOT_READY, OVERFLOW, OVERLAP.   Cost: sum over dense layers of in x out multiplications.           */
JAC_API jac_status jac_forward(jac_net *net, const jac_real *x, jac_real *y);

/* jac_backward -- J = dy/dx at the last forward point, (M4) to (M6).
 *   J   out  [O x N], J[o*N + i] = dy_o/dx_i
 * Errors: NULL, NOT_READY, NO_FORWARD, OVERLAP.
 * Cost:   O x (sum of in x out over all dense layers but the last), less what the units with d = 0 save. When N x (the
 *         sum over all but the first) is less than 2/3 of that, columns are pushed forward instead: the choice depends on
 *         shapes alone, the results agree to rounding.                                                             */
JAC_API jac_status jac_backward(jac_net *net, jac_real *J);

/* jac_forward_backward -- both of the above: x [N] -> y [O] (may be NULL), J [O x N].
 * Errors: as theirs, y over J among the overlaps.                                                                  */
JAC_API jac_status jac_forward_backward(jac_net *net, const jac_real *x, jac_real *y, jac_real *J);

/* jac_forward_backward_batch -- the same for n inputs; each sample's result has the bits of a single call.
 *   X   in   [n x N]
 *   Y   out  [n x O], or NULL
 *   J   out  [n x O x N]
 * Afterwards the forward point is the last sample. n = 0 writes nothing.  Errors: as above, OVERFLOW.              */
JAC_API jac_status jac_forward_backward_batch(jac_net *net, size_t n, const jac_real *X, jac_real *Y, jac_real *J);

/* jac_vjp -- VJ = V J at the last forward point, without forming J: n sweeps backward from the rows of V.
 *   V   in   [n x O]
 *   VJ  out  [n x N]
 * Errors: NULL, NOT_READY, NO_FORWARD, OVERFLOW, OVERLAP.   Cost: n x (sum of in x out), less the dead units.      */
JAC_API jac_status jac_vjp(jac_net *net, size_t n, const jac_real *V, jac_real *VJ);

/* jac_jvp -- JU[r] = J U[r], r < n: n sweeps forward from the rows of U.
 *   U   in   [n x N]
 *   JU  out  [n x O]
 * Errors and cost: as jac_vjp.                                                                                     */
JAC_API jac_status jac_jvp(jac_net *net, size_t n, const jac_real *U, jac_real *JU);

/* jac_check -- hold a Jacobian against central differences of the net's output at x.
 *   x        in   [N]
 *   J        in   [O x N], from this library or from anywhere
 *   options  in   or NULL
 *   report   out  the verdict and what led to it; the status speaks of the call only
 * The net is evaluated in double, by plain loops that share nothing with the fast kernels. Column i is judged from
 *     F_oi = (y_o(x + h e_i) - y_o(x - h e_i)) / ((x_i + h) - (x_i - h)),   h = step max(1, |x_i|)                 (C1)
 * if the units of ReLU, leaky ReLU and ELU are on the same side of 0 at x - h, x and x + h; else h shrinks by 4, up to 8
 * times; a column that never gets clear is counted as a kink and not judged. The verdict:
 *     scale = max |F|, |J|     noise = eps max |y| / h     error = max |J - F| / scale                             (C2)
 * INCONCLUSIVE when noise is not well below tolerance x scale, FAIL when |J - F| exceeds tolerance x scale + noise.
 * The forward point of the net stays as it was.
 * Errors: NULL, NOT_READY, OPTION, OVERLAP.  Cost: 2 N evaluations and a few more.                                 */
JAC_API jac_status jac_check(jac_net *net, const jac_real *x, const jac_real *J, const jac_check_options *options, jac_check_report *report);

/* jac_check_function -- the same for any function f: R^n_in -> R^n_out, evaluated as it is, in jac_real.
 *   f, user  called as f(x, y, user)
 *   memory   scratch of at least jac_check_size(n_in, n_out) bytes, of any alignment
 * It cannot see kinks inside f: where the two one-sided differences disagree beyond tolerance and shrinking h does not
 * cure it, the column counts as a kink.
 * Errors: NULL, SIZE, OVERFLOW, MEMORY, OPTION, OVERLAP.                                                           */
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
