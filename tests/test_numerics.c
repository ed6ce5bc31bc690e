/* test_numerics.c - what holds in every arithmetic: directed rounding, denormals flushed; J to the bit where nothing rounds; laws
 * that tie one J to another; numbers at the edge.
 * SPDX-License-Identifier: MIT */
#include <fenv.h>
#include "corpus.h"
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

/* --------------------------------------------------------------------------------------------------------- arithmetics */

/* The corpus once more: J within u K C, activations within 8 ulp, softmax within 8 u, all times `factor`; below `least` it may be lost. */
static void test_corpus(const char *name, double factor, double least)
{
    static double ratio[COUNT(reference_nets)];
    double J = 0, activation = 0, s = 0;
    const kernel_set *sets[4];
    (void)kernel_sets(sets);
    (void)net_ratios(sets[0], least, 0.2 * factor, ratio);
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        CHECK_MSG(ratio[k] <= 0.2 * factor, "%s: net %u, ratio %g", name, reference_nets[k].seed, ratio[k]);
        J = larger(J, ratio[k]);
    }
    for (size_t k = 0; k < COUNT(activations) && (!CHECK_X87 || factor == 1); k++) {     /* x87: arguments are rounded twice */
        const ulp_errors e = activation_errors(k, least > ldexp(1, LEAST) ? least : 0);
        CHECK_MSG(e.value <= 8 * factor, "%s: %s %.2f ulp at %a", name, activations[k].name, e.value, e.z_value);
        CHECK_MSG(e.derivative <= 8 * factor, "%s: %s' %.2f ulp at %a", name, activations[k].name, e.derivative, e.z_derivative);
        activation = larger(activation, larger(e.value, e.derivative));
    }
    for (size_t k = 0; k < COUNT(reference_softmax); k++) {
        if (reference_softmax[k].n > WIDEST_SOFTMAX) continue;
        const softmax_worst e = softmax_errors(k, (reference_softmax[k].n + 4) * least);
        CHECK_MSG(e.s <= 8 * factor && e.S <= 8 * factor && e.y <= 8 * factor && e.L <= 8 * factor, "%s: softmax %u: %g %g %g %g u", name,
                  (unsigned)k, e.s, e.S, e.y, e.L);
        s = larger(s, larger(larger(e.s, e.S), larger(e.y, e.L)));
    }
    printf("  %-22s J %.3f of its bound, activations %.2f ulp, softmax %.2f u\n", name, J, activation, s);
}

#ifdef FE_TONEAREST
static int rounding;
static void in_rounding(int enter)
{
    if (!enter) CHECK(fegetround() == rounding);                        /* kept as it was */
    fesetround(enter ? rounding : FE_TONEAREST);
}

static void test_rounding(void)
{
    static const struct { const char *name; int mode; } modes[] = {
        { "to nearest", FE_TONEAREST },
#ifdef FE_UPWARD
        { "upward", FE_UPWARD },
#endif
#ifdef FE_DOWNWARD
        { "downward", FE_DOWNWARD },
#endif
#ifdef FE_TOWARDZERO
        { "toward zero", FE_TOWARDZERO },
#endif
    };
    arithmetic = in_rounding;
    for (size_t m = 0; m < COUNT(modes); m++) {
        rounding = modes[m].mode;
        if (fesetround(rounding) != 0) { printf("  no rounding %s here\n", modes[m].name); continue; }
        fesetround(FE_TONEAREST);
        test_corpus(modes[m].name, m == 0 ? 1 : 2, ldexp(1, LEAST));
    }
    arithmetic = NULL;
}
#else                                                                   /* newlib */
static void test_rounding(void) { test_corpus("to nearest, no other", 1, ldexp(1, LEAST)); }
#endif

#if (defined(__SSE2__) || defined(__aarch64__)) && !defined(TEST_ONE_MODE)
static void in_flushed(int enter)
{
#if defined(__SSE2__)
    _mm_setcsr(enter ? _mm_getcsr() | 0x8040u : _mm_getcsr() & ~0x8040u);                  /* flush to zero, denormals are zero */
#else
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    fpcr = enter ? fpcr | (uint64_t)1 << 24 : fpcr & ~((uint64_t)1 << 24);
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
#endif
}

static void test_flushed(void)
{
    volatile jac_real small = (jac_real)ldexp(1, LEAST + 2), half = 1;
    in_flushed(1);
    half = small / 2;
    in_flushed(0);
    CHECK(half == 0);                                                   /* it does flush */
    half = small / 2;
    CHECK(half > 0);
    arithmetic = in_flushed;
    test_corpus("denormals flushed", 1, ldexp(1, LEAST + DIGITS - 1));
    arithmetic = NULL;
}
#else
static void test_flushed(void) { puts("  no switch for denormals here"); }
#endif

/* No invalid operation, no overflow, no division by zero where the numbers are finite and small. */
static void test_flags(void)
{
#if defined(FE_INVALID) && defined(FE_OVERFLOW) && defined(FE_DIVBYZERO) && !CHECK_X87
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        const corpus_net c = build(&reference_nets[k]);
        jac_net net = start(c.N, c.layers, c.n_layers);
        jac_real *J = (jac_real *)get(c.O * c.N * sizeof(jac_real));
        feclearexcept(FE_ALL_EXCEPT);
        CHECK(jac_forward_backward(&net, c.x, NULL, J) == JAC_OK);
        CHECK_MSG(fetestexcept(FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO) == 0, "net %u raised %x", reference_nets[k].seed,
                  (unsigned)fetestexcept(FE_ALL_EXCEPT));
        free(c.x);
        free(J);
        free(net.memory);
    }
    for (size_t k = 0; k < COUNT(activations); k++) {
        feclearexcept(FE_ALL_EXCEPT);
        (void)activation_errors(k, 0);
        CHECK_MSG(fetestexcept(FE_INVALID | FE_OVERFLOW) == 0, "%s raised %x", activations[k].name, (unsigned)fetestexcept(FE_ALL_EXCEPT));
    }
#endif
}

/* ----------------------------------------------------------------------------------------------------- nothing rounds */

/* Every way to J, with every set of kernels, gives the expected J and no other. */
static void expect(const char *name, size_t N, size_t O, const jac_layer *layers, size_t n_layers, const jac_real *x,
                   const double *J_expected)
{
    const kernel_set *sets[4];
    const size_t n_sets = kernel_sets(sets);
    jac_net net = start(N, layers, n_layers);
    jac_real *J = (jac_real *)get(O * N * sizeof(jac_real));
    for (size_t s = 0; s < n_sets; s++) {
        net.kernels = sets[s];
        for (int way = 0; way < ROUTES; way++) {
            size_t wrong = 0;
            route(way, &net, x, J);
            for (size_t k = 0; k < O * N; k++) wrong += !((double)J[k] == J_expected[k]);
            CHECK_MSG(wrong == 0, "%s, %u x %u, %s, way %d: %u entries differ", name, (unsigned)O, (unsigned)N, kernel_name(sets[s]), way,
                      (unsigned)wrong);
        }
    }
    free(J);
    free(net.memory);
}

static int small_integer(int most)
{
    lcg = lcg * 6364136223846793005u + 1442695040888963407u;
    return (int)(lcg >> 33) % (2 * most + 1) - most;
}

enum { W = 40, DEPTH = 4 };                                             /* widest and deepest of the nets here */

/* Small whole numbers: every product and sum is exact. Dense layers, ReLU between them, against plain loops. */
static void test_integers(void)
{
    static jac_real weights[DEPTH][W * W], b[DEPTH][W], x[W];
    static double a[W], z[W], J[W * W], T[W * W];
    lcg = 11;
    for (size_t w = 1; w <= W; w++) {
        for (size_t layout = 0; layout < CHECK_TRIALS(8); layout++) {
            const size_t width[DEPTH] = { w, W + 1 - w, w % 9 + 1, w % 17 + layout };    /* the last may be 0: one layer less */
            jac_layer layers[2 * DEPTH];
            size_t n_layers = 0, n = w;
            for (size_t i = 0; i < n; i++) { x[i] = (jac_real)small_integer(4); a[i] = (double)x[i]; }
            for (size_t k = 0; k < W * W; k++) J[k] = k / w == k % w;
            for (size_t l = 0; l + 1 < DEPTH && width[l + 1] > 0; l++) {
                const size_t to = width[l + 1], rows = layout >> l & 1;
                const jac_layer dense[2] = { JAC_DENSE(n, to, weights[l], b[l]), JAC_DENSE_T(n, to, weights[l], b[l]) };
                if (l > 0) {
                    const jac_layer relu = JAC_RELU;
                    layers[n_layers++] = relu;
                    for (size_t j = 0; j < n; j++) {
                        if (a[j] > 0) continue;
                        a[j] = 0;
                        for (size_t i = 0; i < w; i++) J[j * w + i] = 0;
                    }
                }
                layers[n_layers++] = dense[rows];
                for (size_t k = 0; k < n * to; k++) weights[l][k] = (jac_real)small_integer(3);
                for (size_t o = 0; o < to; o++) {
                    b[l][o] = (jac_real)small_integer(5);
                    z[o] = (double)b[l][o];
                    for (size_t i = 0; i < w; i++) T[o * w + i] = 0;
                    for (size_t k = 0; k < n; k++) {
                        const double v = (double)weights[l][rows ? k * to + o : o * n + k];
                        z[o] += v * a[k];
                        for (size_t i = 0; i < w; i++) T[o * w + i] += v * J[k * w + i];
                    }
                }
                n = to;
                memcpy(a, z, sizeof a);
                memcpy(J, T, sizeof J);
            }
            expect("whole numbers", w, n, layers, n_layers, x, J);
        }
    }
}

/* One layer: J = W. Permutations: J permutes. Identities: J = I. Dead units: J = 0. */
static void test_exact(void)
{
    static const size_t sizes[][2] = {              /* N, O */
        { 1, 1 }, { 5, 3 }, { 7, 8 }, { 8, 9 }, { 16, 16 }, { 17, 15 }, { 31, 33 }, { 33, 4 }, { 40, 40 }
    };
    static jac_real A[W * W], B[W * W], b[W], x[W];
    static double J[W * W];
    const jac_layer relu = JAC_RELU;
    lcg = 13;
    for (size_t k = 0; k < COUNT(sizes); k++) {
        const size_t N = sizes[k][0], O = sizes[k][1];
        const jac_layer rows[3] = { JAC_DENSE(N, O, A, b), JAC_RELU, JAC_DENSE(O, O, B, NULL) },
                        columns[3] = { JAC_DENSE_T(N, O, A, b), JAC_RELU, JAC_DENSE_T(O, O, B, b) };
        for (size_t i = 0; i < N * O; i++) A[i] = number(15, 2);
        for (size_t i = 0; i < O * O; i++) B[i] = number(15, 2);
        for (size_t i = 0; i < N; i++) x[i] = number(1, 0);
        for (size_t o = 0; o < O; o++) b[o] = number(1, 0);
        for (size_t i = 0; i < N * O; i++) J[i] = (double)A[i];
        expect("one layer", N, O, rows, 1, x, J);
        for (size_t o = 0; o < O; o++) for (size_t i = 0; i < N; i++) J[o * N + i] = (double)A[i * O + o];
        expect("one layer, columns", N, O, columns, 1, x, J);
        for (size_t o = 0; o < O; o++) b[o] = -1000;
        memset(J, 0, sizeof J);
        expect("dead", N, O, rows, 3, x, J);
        expect("dead, columns", N, O, columns, 3, x, J);
    }
    for (size_t n = 1; n <= W; n++) {
        const jac_layer layers[5] = { JAC_DENSE(n, n, A, NULL), relu, JAC_DENSE_T(n, n, B, b), relu, JAC_DENSE(n, n, A, NULL) };
        size_t p[W], q[W];
        for (int shuffled = 0; shuffled < 2; shuffled++) {
            memset(A, 0, sizeof A);
            memset(B, 0, sizeof B);
            memset(J, 0, sizeof J);
            for (size_t i = 0; i < n; i++) { p[i] = i; b[i] = 0; x[i] = number(1, 0); }
            for (size_t i = n; shuffled && i-- > 1; ) {                 /* Fisher and Yates */
                const size_t j = (size_t)(small_integer(1 << 20) + (1 << 20)) % (i + 1), k = p[i];
                p[i] = p[j];
                p[j] = k;
            }
            for (size_t i = 0; i < n; i++) q[i] = shuffled ? n - 1 - p[i] : i;
            for (size_t i = 0; i < n; i++) { A[i * n + p[i]] = 1; B[q[i] * n + i] = 1; }       /* A x permutes by p, B^T x by q */
            for (size_t i = 0; i < n; i++) J[i * n + p[q[p[i]]]] = x[p[q[p[i]]]] > 0;
            expect(shuffled ? "permutations" : "identities", n, n, layers, 5, x, J);
        }
    }
}

/* Powers of two that cancel, or do not, move J by exactly what they are: y(x) = W2 act(W1 x + b1) + ... with act(2^k z) = 2^k act(z). */
static void test_scaling(void)
{
    size_t nets = 0;
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        corpus_net c = build(&reference_nets[k]);
        jac_net net = start(c.N, c.layers, c.n_layers);
        jac_layer *first = &c.layers[0];
        const int linear_end = is_dense(&c.layers[c.n_layers - 1]);
        jac_real *J = (jac_real *)get(c.O * c.N * sizeof(jac_real));
        double *expected = (double *)get(c.O * c.N * sizeof(double));
        double least = 1;
        jac_forward_backward(&net, c.x, NULL, J);
        for (size_t i = 0; i < c.O * c.N; i++) if (J[i] != 0 && fabs((double)J[i]) < least) least = fabs((double)J[i]);
        if (least > ldexp(1, LEAST + DIGITS + 64) &&                    /* or 2^-20 times something would be denormal */
            c.n_layers > 2 && (c.layers[1].kind == JAC_KIND_RELU || c.layers[1].kind == JAC_KIND_LEAKY_RELU) && is_dense(&c.layers[2])) {
            const jac_layer *second = &c.layers[2];
            jac_real *w = c.weights;                                    /* W1, b1, W2: as build lays them out */
            const size_t n_first = (size_t)(second->W - first->W), n_second = second->in * second->out;
            const kernel_set *sets[4];
            const size_t n_sets = kernel_sets(sets);
            nets++;
            for (size_t s = 0; s < n_sets; s++) {
                for (int by = -20; by <= 20; by += 40) {
                    net.kernels = sets[s];
                    jac_forward_backward(&net, c.x, NULL, J);
                    for (size_t i = 0; i < c.O * c.N; i++) expected[i] = (double)J[i];
                    for (size_t i = 0; i < n_first; i++) w[i] = (jac_real)ldexp((double)w[i], by);
                    for (size_t i = 0; i < n_second; i++) w[n_first + i] = (jac_real)ldexp((double)w[n_first + i], -by);
                    jac_forward_backward(&net, c.x, NULL, J);
                    for (size_t i = 0; i < c.O * c.N; i++)
                        CHECK_MSG((double)J[i] == expected[i], "net %u, %s, 2^%d: entry %u %a, not %a", reference_nets[k].seed,
                                  kernel_name(sets[s]), by, (unsigned)i, (double)J[i], expected[i]);
                    for (size_t i = 0; i < n_second; i++) w[n_first + i] = (jac_real)ldexp((double)w[n_first + i], by);
                    if (linear_end && c.n_layers == 3) {                /* W1 and b1 alone: J grows with them */
                        jac_forward_backward(&net, c.x, NULL, J);
                        for (size_t i = 0; i < c.O * c.N; i++) CHECK((double)J[i] == ldexp(expected[i], by));
                    }
                    for (size_t i = 0; i < n_first; i++) w[i] = (jac_real)ldexp((double)w[i], -by);
                }
            }
        }
        free(c.x);
        free(J);
        free(expected);
        free(net.memory);
    }
    CHECK_MSG(nets > 40, "only %u nets scaled", (unsigned)nets);
}

/* ---------------------------------------------------------------------------------------------------------------- laws */

/* Softmax of n logits: the same when a constant is added, permuted when they are; columns of J sum to 0. */
static void test_softmax_laws(void)
{
    static const size_t sizes[] = { 2, 3, 10, 33, 100 };
    static jac_real z[100], moved[100], y[100], y_moved[100], S[100 * 100], S_moved[100 * 100];
    const jac_layer layers[2] = { JAC_SOFTMAX, JAC_LOG_SOFTMAX };
    lcg = 17;
    for (size_t k = 0; k < COUNT(sizes); k++) {
        for (size_t l = 0; l < 2; l++) {
            const size_t n = sizes[k];
            jac_net net = start(n, &layers[l], 1);
            double least = HUGE_VAL;
            for (size_t o = 0; o < n; o++) z[o] = (jac_real)small_integer(1 << 14) / 1024;
            jac_forward_backward(&net, z, y, S);
            for (size_t o = 0; o < n; o++) moved[o] = z[o] + 64;        /* exact */
            jac_forward_backward(&net, moved, y_moved, S_moved);
            CHECK(memcmp(y, y_moved, n * sizeof(jac_real)) == 0 && memcmp(S, S_moved, n * n * sizeof(jac_real)) == 0);
            for (size_t o = 0; o < n; o++) moved[(o + 1) % n] = z[o];
            jac_forward_backward(&net, moved, y_moved, S_moved);
            for (size_t o = 0; o < n; o++) {
                double sum = 0, size = 0;
                for (size_t j = 0; j < n; j++) {
                    const double v = (double)S[o * n + j], w = (double)S_moved[(o + 1) % n * n + (j + 1) % n];
                    CHECK_MSG(fabs(v - w) <= 16 * U * fabs(v), "permuted softmax of %u: %g, not %g", (unsigned)n, w, v);
                    sum += (double)(l == 0 ? S[j * n + o] : S[o * n + j]);           /* log softmax: rows sum to 0 */
                    size += fabs((double)(l == 0 ? S[j * n + o] : S[o * n + j]));
                }
                CHECK_MSG(fabs(sum) <= 16 * U * size, "softmax of %u: column %u sums to %g of %g", (unsigned)n, (unsigned)o, sum, size);
                least = size < least ? size : least;
            }
            CHECK(least > 0);
            free(net.memory);
        }
    }
}

/* Columns of J sum to 0 behind a softmax, within the bound of J; an identity layer in between changes nothing. */
static void test_net_laws(void)
{
    static jac_real I[MOST_WIDE * 8];
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        corpus_net c = build(&reference_nets[k]);
        const corpus_bound b = bound(&c);
        jac_net net = start(c.N, c.layers, c.n_layers);
        jac_real *J = (jac_real *)get(2 * c.O * c.N * sizeof(jac_real)), *J_longer = J + c.O * c.N;
        jac_forward_backward(&net, c.x, NULL, J);
        if (c.layers[c.n_layers - 1].kind == JAC_KIND_SOFTMAX) {
            for (size_t i = 0; i < c.N; i++) {
                double sum = 0, size = 0;
                for (size_t o = 0; o < c.O; o++) { sum += (double)J[o * c.N + i]; size += b.C[o * c.N + i]; }
                CHECK_MSG(fabs(sum) <= 0.2 * b.K * (U * size + ldexp(1, LEAST) * (double)c.O * b.F[i]), "net %u: column %u sums to %g",
                          reference_nets[k].seed, (unsigned)i, sum);
            }
        }
        if (c.N <= 40) {                                                /* x -> I x first */
            const jac_layer identity = JAC_DENSE(c.N, c.N, I, NULL);
            jac_net longer;
            memset(I, 0, sizeof I);
            for (size_t i = 0; i < c.N; i++) I[i * c.N + i] = 1;
            memmove(c.layers + 1, c.layers, c.n_layers * sizeof(jac_layer));
            c.layers[0] = identity;
            longer = start(c.N, c.layers, c.n_layers + 1);
            jac_forward_backward(&longer, c.x, NULL, J_longer);
            for (size_t i = 0; i < c.O * c.N; i++) {
                const double error = fabs((double)J[i] - (double)J_longer[i]);      /* another order of the sweep, maybe: two errors */
                CHECK_MSG(error <= 0.4 * b.K * (U * b.C[i] + ldexp(1, LEAST) * b.F[i % c.N]), "net %u behind an identity: off by %g",
                          reference_nets[k].seed, error);
            }
            free(longer.memory);
        }
        free(c.x);
        free(b.C);
        free(J);
        free(net.memory);
    }
}

/* ---------------------------------------------------------------------------------------------------- numbers at the edge */

static int is_nan(double v) { return v != v; }

/* Softmax and log-softmax of n logits, at most 4. */
typedef struct { jac_real y[4], S[16]; } small_softmax;
static small_softmax softmax_of(unsigned kind, size_t n, double z0, double z1, double z2, double z3)
{
    const jac_real z[4] = { (jac_real)z0, (jac_real)z1, (jac_real)z2, (jac_real)z3 };
    jac_layer layer = JAC_SOFTMAX;
    small_softmax r;
    jac_net net;
    memset(&r, 0, sizeof r);
    layer.kind = kind;
    net = start(n, &layer, 1);
    CHECK(jac_forward_backward(&net, z, r.y, r.S) == JAC_OK);
    free(net.memory);
    return r;
}

static void test_edges(void)
{
    const double inf = HUGE_VAL, most = sizeof(jac_real) == sizeof(float) ? (double)FLT_MAX : DBL_MAX;
    small_softmax r;
    /* one logit: certain, and nothing moves it */
    r = softmax_of(JAC_KIND_SOFTMAX, 1, 3.5, 0, 0, 0);
    CHECK(r.y[0] == 1 && r.S[0] == 0);
    r = softmax_of(JAC_KIND_LOG_SOFTMAX, 1, -3.5, 0, 0, 0);
    CHECK(r.y[0] == 0 && r.S[0] == 0);
    for (int log = 0; log < 2; log++) {
        r = softmax_of(log ? JAC_KIND_LOG_SOFTMAX : JAC_KIND_SOFTMAX, 1, NAN, 0, 0, 0);
        CHECK(is_nan((double)r.y[0]) && is_nan((double)r.S[0]));
    }
    /* a masked logit: its probability, row and column are 0, the others as if it were not there */
    r = softmax_of(JAC_KIND_SOFTMAX, 4, 1, -inf, 0.5, -inf);
    {
        const small_softmax two = softmax_of(JAC_KIND_SOFTMAX, 2, 1, 0.5, 0, 0);
        CHECK(r.y[0] == two.y[0] && r.y[1] == 0 && r.y[2] == two.y[1] && r.y[3] == 0);
        for (size_t o = 0; o < 4; o++)
            for (size_t j = 0; j < 4; j++) CHECK(r.S[o * 4 + j] == (o % 2 || j % 2 ? 0 : two.S[o / 2 * 2 + j / 2]));
    }
    r = softmax_of(JAC_KIND_LOG_SOFTMAX, 3, 1, -inf, 0.5, 0);
    CHECK((double)r.y[1] == -inf && r.S[1] == 0 && r.S[7] == 0 && r.S[4] == 1);
    r = softmax_of(JAC_KIND_SOFTMAX, 3, -inf, -inf, -inf, 0);           /* nothing left: no number is made up */
    for (size_t o = 0; o < 3; o++) CHECK(is_nan((double)r.y[o]));
    r = softmax_of(JAC_KIND_SOFTMAX, 3, 1, inf, 0, 0);
    CHECK(is_nan((double)r.y[1]));
    for (size_t at = 0; at < 3; at++) {                                 /* NaN anywhere is NaN everywhere */
        r = softmax_of(JAC_KIND_SOFTMAX, 3, at == 0 ? NAN : 1, at == 1 ? NAN : 2, at == 2 ? NAN : 3, 0);
        for (size_t o = 0; o < 3; o++) CHECK(is_nan((double)r.y[o]));
        for (size_t k = 0; k < 9; k++) CHECK(is_nan((double)r.S[k]));
    }
    for (size_t s = 0; want_set(s); s++) {                              /* the same in vectors */
        enum { CLASSES = 21 };
        static const jac_layer layer = JAC_SOFTMAX;
        jac_real logits[CLASSES] = { 0 }, y[CLASSES];
        jac_net net = start(CLASSES, &layer, 1);
        logits[5] = (jac_real)-inf;
        logits[6] = (jac_real)-most;
        CHECK(jac_forward(&net, logits, y) == JAC_OK && y[5] == 0 && y[6] == 0 && fabs((double)y[20] - 1.0 / 19) <= 2 * U / 19);
#ifdef FE_UPWARD
        fesetround(FE_UPWARD);                                          /* exp of next to nothing is something then */
        const jac_status status = jac_forward(&net, logits, y);
        fesetround(FE_TONEAREST);
        CHECK_MSG(status == JAC_OK && y[5] == 0 && y[6] == 0 && fabs((double)y[20] - 1.0 / 19) <= 4 * U / 19,
                  "%s, upward: %g %g %g", kernel_name(wanted), (double)y[5], (double)y[6], (double)y[20]);
#endif
        for (size_t at = 0; at < CLASSES; at += 4) {
            logits[at] = (jac_real)NAN;
            CHECK(jac_forward(&net, logits, y) == JAC_OK);
            for (size_t o = 0; o < CLASSES; o++)
                CHECK_MSG(is_nan((double)y[o]), "%s: NaN in place %u hides from %u", kernel_name(wanted), (unsigned)at, (unsigned)o);
            logits[at] = 0;
        }
        free(net.memory);
    }
    /* ties, and zeros of either sign */
    r = softmax_of(JAC_KIND_SOFTMAX, 4, 0, -0.0, 0, -0.0);
    for (size_t o = 0; o < 4; o++)
        for (size_t j = 0; j < 4; j++) CHECK((double)r.y[o] == 0.25 && (double)r.S[o * 4 + j] == (o == j ? 0.1875 : -0.0625));
    r = softmax_of(JAC_KIND_SOFTMAX, 2, 7.25, 7.25, 0, 0);
    CHECK((double)r.y[0] == 0.5 && (double)r.y[1] == 0.5 && (double)r.S[0] == 0.25 && (double)r.S[1] == -0.25);
    /* far apart, as far as numbers go: one-hot, J all zeros, nothing but numbers */
    r = softmax_of(JAC_KIND_SOFTMAX, 4, -1e4, 1e5, most, -most);
    for (size_t o = 0; o < 4; o++) CHECK(r.y[o] == (o == 2));
    for (size_t k = 0; k < 16; k++) CHECK(r.S[k] == 0);
    r = softmax_of(JAC_KIND_LOG_SOFTMAX, 3, 1e5, 0, -1e5, 0);
    CHECK((double)r.y[0] == 0 && (double)r.y[1] == -1e5 && (double)r.y[2] == -2e5 && r.S[0] == 0 && r.S[3] == -1 && r.S[4] == 1);

    /* activations at the ends: the limits */
    {
        static const jac_layer relu = JAC_RELU, tanh = JAC_TANH;
        const struct { double value[2], derivative[2]; } limit[] = {              /* at -inf, at +inf */
            { { -HUGE_VAL, HUGE_VAL }, { 0.25, 1 } }, { { -1.5, HUGE_VAL }, { 0, 1 } }, { { -1, 1 }, { 0, 0 } }, { { 0, 1 }, { 0, 0 } },
            { { 0, HUGE_VAL }, { 0, 1 } }, { { 0, HUGE_VAL }, { 0, 1 } }, { { 0, HUGE_VAL }, { 0, 1 } }
        };
        enum { UNITS = 24 };                        /* vectors of any set; three are too few for some */
        jac_real z[UNITS], a[UNITS], d[UNITS];
        const jac_real zeros[2] = { 0, -(jac_real)0.0 };
        for (size_t s = 0; want_set(s / 2); s++) {
            const size_t n = s % 2 ? 3 : UNITS;
            for (int finite = 0; finite < 2; finite++) {
                for (size_t j = 0; j < n; j++)
                    z[j] = (jac_real)(j % 3 == 0 ? finite ? -most : -inf : j % 3 == 1 ? finite ? most : inf : NAN);
                for (size_t k = 0; k < COUNT(activations); k++) {
                    activate(&activation_layers[k], n, z, a, d);
                    for (size_t j = 0; j < n; j++) {
                        const size_t at = j % 3;
                        const char *name = activations[k].name;
                        if (at == 2) {
                            CHECK_MSG(is_nan((double)a[j]) && is_nan((double)d[j]), "%s: %s hides NaN", kernel_name(wanted), name);
                            continue;
                        }
                        const double value =
                            finite && fabs(limit[k].value[at]) == inf ? (double)z[j] * (k == 0 && at == 0 ? 0.25 : 1) : limit[k].value[at];
                        CHECK_MSG((double)a[j] == value, "%s: %s(%g) = %g", kernel_name(wanted), name, (double)z[j], (double)a[j]);
                        CHECK_MSG((double)d[j] == limit[k].derivative[at], "%s: %s'(%g) = %g", kernel_name(wanted), name, (double)z[j],
                                  (double)d[j]);
                    }
                }
            }
            activate(&relu, n, z, a, d);
            for (size_t j = 0; j < n; j++) {
                if (j % 3 == 2) CHECK(is_nan((double)a[j]) && is_nan((double)d[j]));
                else CHECK(a[j] == (j % 3 ? z[j] : 0) && d[j] == j % 3);
            }
            for (size_t j = 0; j < UNITS; j++) z[j] = zeros[j % 2];     /* at the kink the left side's slope, for either zero */
            activate(&relu, n, z, a, d);
            for (size_t j = 0; j < n; j++) CHECK(a[j] == 0 && d[j] == 0);
            activate(&activation_layers[0], n, z, a, d);
            for (size_t j = 0; j < n; j++) CHECK(a[j] == 0 && (double)d[j] == 0.25);
            activate(&tanh, n, z, a, d);
            for (size_t j = 0; j < n; j++) CHECK(memcmp(&a[j], &z[j], sizeof a[j]) == 0 && d[j] == 1);
        }
    }

    /* finite weights whose sum overflows are not hidden: infinite y; an infinite logit leaves no softmax */
    {
        static jac_real A[4], x[2] = { 1, 1 };
        const jac_layer layers[2] = { JAC_DENSE(2, 2, A, NULL), JAC_SOFTMAX };
        jac_real y[2];
        jac_net net = start(2, layers, 1), with_softmax = start(2, layers, 2);
        for (size_t k = 0; k < 4; k++) A[k] = (jac_real)(k < 2 ? most : 1);
        CHECK(jac_forward(&net, x, y) == JAC_OK && (double)y[0] == inf && y[1] == 2);
        CHECK(jac_forward(&with_softmax, x, y) == JAC_OK && is_nan((double)y[0]));
        free(net.memory);
        free(with_softmax.memory);
    }
}

int main(void)
{
    test_rounding();
    test_flushed();
    test_flags();
    test_integers();
    test_exact();
    test_scaling();
    test_softmax_laws();
    test_net_laws();
    test_edges();
    return check_report();
}
