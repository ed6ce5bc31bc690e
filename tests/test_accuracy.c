/* test_accuracy.c - every result against its exact value, and the worst errors in a table, as the README quotes them.
 *
 *   test_accuracy               the table
 *   test_accuracy --checksum    the bits of every J of the corpus as two numbers: `exact` nets need no libm, `libm` nets do
 *   test_accuracy --stride 97   (float) the activations at every 97th float; at all of them, with 1, some hours
 *
 * u = 2^-53 (float 2^-24), ulp = one unit in the last place of the exact value.
 * SPDX-License-Identifier: MIT */
#include "corpus.h"

/* ---------------------------------------------------------------------------------------------------------- activations */

/* The references are rounded to double: half a unit of doubt in a double build, none in a float build. */
#ifdef JAC_FLOAT
#define ULPS 8.0
#else
#define ULPS 7.5
#endif

static void print_activation(const char *what, size_t k, ulp_errors e)
{
    const char *name = activations[k].name;
    printf("  %-10s %s  value %5.2f at z = %-14.7g  derivative %5.2f at z = %.9g\n", name, what, e.value, e.z_value, e.derivative,
           e.z_derivative);
    CHECK_MSG(e.value <= ULPS, "%s: %.2f ulp at %a", name, e.value, e.z_value);
    CHECK_MSG(e.derivative <= ULPS, "%s': %.2f ulp at %a", name, e.derivative, e.z_derivative);
}

static void test_activations(void)
{
    puts("activations, worst error in ulp (8 allowed)");
    for (size_t k = 0; k < COUNT(activations); k++) print_activation("references", k, activation_errors(k, 0));
}

#ifdef JAC_FLOAT
/* In double, from the textbook; right to far more digits than a float has. */
static void textbook(unsigned kind, double v, double *a, double *d)
{
    const double e = exp(-fabs(v));
    const double s = v < 0 ? e / (1 + e) : 1 / (1 + e), r = v < 0 ? 1 / (1 + e) : e / (1 + e);      /* sigmoid v, sigmoid -v */
    const double P = 0.5 * erfc(-0.70710678118654752440 * v), f = 0.39894228040143267794 * exp(-0.5 * v * v);
    switch (kind) {
    case JAC_KIND_LEAKY_RELU: *a = v > 0 ? v : 0.25 * v; *d = v > 0 ? 1 : 0.25; break;
    case JAC_KIND_ELU:        *a = v > 0 ? v : 1.5 * expm1(v); *d = v > 0 ? 1 : 1.5 * exp(v); break;
    case JAC_KIND_TANH:       *a = tanh(v); *d = 1 / cosh(v) / cosh(v); break;
    case JAC_KIND_SIGMOID:    *a = s; *d = s * r; break;
    case JAC_KIND_SOFTPLUS:   *a = (v > 0 ? v : 0) + log1p(e); *d = s; break;
    case JAC_KIND_SILU:       *a = v * s; *d = s * (1 + v * r); break;
    default:                  *a = v * P; *d = P + v * f; break;
    }
}

/* Every `stride`-th float, in every set. */
static void test_floats(uint32_t stride)
{
    enum { BLOCK = 4096 };
    static jac_real z[BLOCK], a[BLOCK], d[BLOCK];
    printf("activations, worst error in ulp at every %luth float (8 allowed)\n", (unsigned long)stride);
    for (size_t k = 0; k < COUNT(activations); k++) {
        ulp_errors worst = { 0, 0, 0, 0 };
        uint64_t bits = 0;
        for (size_t j = 0; j < activations[k].n; j++) {                 /* the textbook is up to it */
            const reference_point p = activations[k].points[j];
            double value, derivative;
            textbook(activation_layers[k].kind, p.z, &value, &derivative);
            CHECK(fabs(value - p.a) <= 0.01 * ulp(p.a));
            CHECK(fabs(derivative - p.d) <= 0.5 * ulp(p.d));
        }
        while (bits < 0x100000000u) {
            size_t n = 0;
            for (; n < BLOCK && bits < 0x100000000u; bits += stride) {
                const uint32_t pattern = (uint32_t)bits;
                memcpy(&z[n], &pattern, 4);
                n += z[n] - z[n] == 0;
            }
            for (size_t s = 0; want_set(s); s++) {
                activate(&activation_layers[k], n, z, a, d);
                for (size_t j = 0; j < n; j++) {
                    double value, derivative;
                    textbook(activation_layers[k].kind, (double)z[j], &value, &derivative);
                    compare(&worst, (double)z[j], (double)a[j], value, (double)d[j], derivative, 0);
                }
            }
        }
        print_activation("scan      ", k, worst);
    }
}
#endif

/* -------------------------------------------------------------------------------------------------------------- softmax */

static void test_softmax(void)
{
    static const unsigned widths[] = { 2, 3, 10, 100, 1000 };
    puts("softmax and log-softmax of exact logits, worst relative error of a component in u (8 allowed)");
    for (size_t w = 0; w < COUNT(widths) && widths[w] <= WIDEST_SOFTMAX; w++) {
        softmax_worst worst = { 0, 0, 0, 0 };
        for (size_t k = 0; k < COUNT(reference_softmax); k++) {
            softmax_worst e;
            if (reference_softmax[k].n != widths[w]) continue;
            e = softmax_errors(k, ldexp(widths[w], LEAST));
            CHECK_MSG(e.s <= 8 && e.S <= 8 && e.y <= 8 && e.L <= 8, "softmax case %u: %g %g %g %g u", (unsigned)k, e.s, e.S, e.y, e.L);
            worst.s = larger(worst.s, e.s);
            worst.S = larger(worst.S, e.S);
            worst.y = larger(worst.y, e.y);
            worst.L = larger(worst.L, e.L);
        }
        printf("  n = %4u  softmax %4.2f, its Jacobian %4.2f; log-softmax %4.2f, its Jacobian %4.2f\n", widths[w], worst.s, worst.S,
               worst.y, worst.L);
    }
}

/* ----------------------------------------------------------------------------------------------------------- dense sums */

/* P[j*3 + i] = sum_{k < K} B_jk A_ik in every way the library forms such a sum; At and Bt are A and B transposed. An odd way has
 * its weights by columns (JAC_DENSE_T). */
enum { LONGEST = CHECK_TRIALS(4096), FORWARD, FORWARDS, PULL, PULLS, PUSH, PUSHES, WHOLE, WHOLES, OPERATIONS };
static const char *const operations[] = { "forward", "batch", "vjp of one", "vjp", "jvp of one", "jvp", "J", "J, other way" };

static void product(int way, const kernel_set *set, size_t K, const jac_real *A, const jac_real *At, const jac_real *B, const jac_real *Bt,
                    jac_real *P)
{
    static unsigned char memory[JAC_NET_SIZE_BOUND(3, LONGEST, 2)];
    static jac_real unused[3 * 3 * LONGEST];
    const jac_layer to_3[2] = { JAC_DENSE(K, 3, A, NULL), JAC_DENSE_T(K, 3, At, NULL) },
                    to_K[2] = { JAC_DENSE(3, K, At, NULL), JAC_DENSE_T(3, K, A, NULL) };
    const jac_layer back[2] = { JAC_DENSE(K, 3, B, NULL), JAC_DENSE_T(K, 3, Bt, NULL) };
    const int operation = FORWARD + way / 2, columns = way % 2;
    const jac_layer layers[2] = { operation < PULL || operation == PUSH || operation == PUSHES ? to_3[columns] : to_K[columns],
                                  back[operation == WHOLES] };
    const jac_real x[3] = { 1, 1, 1 };
    jac_net net;
    CHECK(jac_net_init(&net, layers[0].in, layers, operation >= WHOLE ? 2 : 1, memory, sizeof memory) == JAC_OK);
    net.kernels = set;
    if (operation != FORWARD && operation != FORWARDS) jac_forward(&net, operation == PUSH || operation == PUSHES ? B : x, NULL);
    switch (operation) {
    case FORWARD:  for (size_t j = 0; j < 3; j++) jac_forward(&net, B + j * K, P + j * 3); break;
    case FORWARDS: jac_forward_backward_batch(&net, 3, B, P, unused); break;
    case PULL:     for (size_t j = 0; j < 3; j++) jac_vjp(&net, 1, B + j * K, P + j * 3); break;
    case PULLS:    jac_vjp(&net, 3, B, P); break;
    case PUSH:     for (size_t j = 0; j < 3; j++) jac_jvp(&net, 1, B + j * K, P + j * 3); break;
    case PUSHES:   jac_jvp(&net, 3, B, P); break;
    default:       jac_backward(&net, P);
    }
}

/* s + *lo <- s + *lo + a b, as good as in twice the precision (Ogita, Rump, Oishi 2005). */
static double add_product(double s, double *lo, double a, double b)
{
    const double p = a * b, t = s + p, back = t - s;
    *lo += ((s - (t - back)) + (p - back)) + fma(a, b, -p);
    return t;
}

static jac_real datum(int data, size_t row, size_t k)
{
    switch (data) {
    case 0: return (jac_real)fabs((double)number(1, 0));                                /* positive: nothing cancels */
    case 1: return (jac_real)(k % 2 && row < 3 ? -fabs((double)number(1, 0)) : fabs((double)number(1, 0)));    /* alternating */
    case 2: return number(1, (int)(k * 2654435761u >> 8 & 31) - 15);                     /* sizes from 2^-15 to 2^15 */
    case 3: return (jac_real)(k == 0 ? 1 : 1 / (3.0 + (double)row));                     /* equal terms: roundings of one sign */
    default: return row < 3 ? (jac_real)(k == 0 ? 1 : U * 0.99) : 1;                     /* 1 and then ever less than half an ulp of it */
    }
}

static void test_sums(void)
{
    static const struct { const char *name; double limit; } data[] = {
        { "positive", 4 }, { "alternating signs", 4 }, { "sizes 2^-15 to 2^15", 4 }, { "equal terms", 16 }, { "designed to round down", 64 }
    };
    static double exact[9], low[9], size[9];
    static jac_real A[3 * LONGEST], B[3 * LONGEST], packed[12 * LONGEST];
    const kernel_set *sets[4];
    const size_t n_sets = kernel_sets(sets);
    printf("sums of 1 to %d products, worst |error| / (u sum |a b|) (4 allowed, equal terms 16, designed 64; a plain loop reaches %d)\n",
           LONGEST, LONGEST - 1);
    printf("  %-24s", "");
    for (int op = 0; op < OPERATIONS - FORWARD; op++) printf(" %12s", operations[op]);
    puts("");
    for (int d = 0; d < (int)COUNT(data); d++) {
        double worst[OPERATIONS] = { 0 };
        lcg = 7;
        for (size_t r = 0; r < 6; r++) for (size_t k = 0; k < LONGEST; k++) (r < 3 ? A : B)[r % 3 * LONGEST + k] = datum(d, r, k);
        memset(exact, 0, sizeof exact);
        memset(low, 0, sizeof low);
        memset(size, 0, sizeof size);
        for (size_t K = 1; K <= LONGEST; K++) {
            jac_real *At = packed, *Bt = At + 3 * K, *a = Bt + 3 * K, *b = a + 3 * K, P[9];
            for (size_t j = 0; j < 3; j++) {
                for (size_t i = 0; i < 3; i++) {
                    const double v = (double)A[i * LONGEST + K - 1], w = (double)B[j * LONGEST + K - 1];
                    exact[j * 3 + i] = add_product(exact[j * 3 + i], &low[j * 3 + i], v, w);
                    size[j * 3 + i] += fabs(v * w);
                }
            }
            for (size_t i = 0; i < 3; i++) {
                for (size_t k = 0; k < K; k++) {
                    At[k * 3 + i] = A[i * LONGEST + k];
                    Bt[k * 3 + i] = B[i * LONGEST + k];
                }
                memcpy(a + i * K, A + i * LONGEST, K * sizeof(jac_real));
                memcpy(b + i * K, B + i * LONGEST, K * sizeof(jac_real));
            }
            for (int way = 0; way < 2 * (OPERATIONS - FORWARD); way++) {
                for (size_t s = 0; s < n_sets; s++) {       /* every length with the machine's own set, forward; the rest in turn */
                    if ((s > 0 || way > 1) && K > 80 && (K + (size_t)way * 7 + s * 3) % 61 > 0 && K % 512 > 0) continue;
                    product(way, sets[s], K, a, At, b, Bt, P);
                    for (size_t p = 0; p < 9; p++) {
                        const double ratio = fabs(((double)P[p] - exact[p]) - low[p]) / (U * size[p]);
                        CHECK_MSG(ratio < data[d].limit, "%s, %s, %s, K = %u: %.2f", data[d].name, operations[way / 2],
                                  kernel_name(sets[s]), (unsigned)K, ratio);
                        worst[way / 2] = larger(worst[way / 2], ratio);
                    }
                }
            }
        }
        printf("  %-24s", data[d].name);
        for (int op = 0; op < OPERATIONS - FORWARD; op++) printf(" %12.2f", worst[op]);
        puts("");
    }
}

/* ----------------------------------------------------------------------------------------------------------------- nets */

static void test_nets(void)
{
    static double ratio[COUNT(reference_nets)], worst[COUNT(reference_nets)];
    const kernel_set *sets[4];
    const size_t n_sets = kernel_sets(sets);
    size_t zeros = 0;
    puts("whole J, worst |error| / (u K C), see corpus.h (1 is the bound, 0.2 allowed)");
    for (size_t s = 0; s < n_sets; s++) {
        zeros = net_ratios(sets[s], ldexp(1, LEAST), 0.2, ratio);
        for (size_t k = 0; k < COUNT(reference_nets); k++) {
            CHECK_MSG(ratio[k] <= 0.2, "%s, seed %u, %s: ratio %g", reference_nets[k].group, reference_nets[k].seed, kernel_name(sets[s]),
                      ratio[k]);
            worst[k] = larger(worst[k], ratio[k]);
        }
    }
    for (size_t k = 0, next; k < COUNT(reference_nets); k = next) {
        double most = 0;
        for (next = k; next < COUNT(reference_nets) && strcmp(reference_nets[next].group, reference_nets[k].group) == 0; next++)
            most = larger(most, worst[next]);
        printf("  %-24s %.2g over %u nets\n", reference_nets[k].group, most, (unsigned)(next - k));
    }
    printf("  a J of zeros would be found in %u of %u nets; it is right in the others\n", (unsigned)(COUNT(reference_nets) - zeros),
           (unsigned)COUNT(reference_nets));
}

/* Without a unit nearer to its kink than its own error the bound holds; the library's margin is the stored one. */
static void test_margins(void)
{
    double least = HUGE_VAL;
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        const corpus_net c = build(&reference_nets[k]);
        const corpus_bound b = bound(&c);
        jac_net net = start(c.N, c.layers, c.n_layers);
        jac_forward(&net, c.x, NULL);
        if (reference_nets[k].margin > 0) {
            CHECK_MSG(fabs(net.kink_margin / reference_nets[k].margin - 1) < 1e-3, "seed %u: margin %g, not %g", reference_nets[k].seed,
                      net.kink_margin, reference_nets[k].margin);
            CHECK_MSG(b.nearest > 1, "seed %u: %s may cross its kink (%g)", reference_nets[k].seed, reference_nets[k].group, b.nearest);
            least = b.nearest < least ? b.nearest : least;
        } else CHECK(net.kink_margin == HUGE_VAL);
        free(c.x);
        free(b.C);
        free(net.memory);
    }
    printf("the unit nearest to its kink is %.3g of its own error away\n", least);
}

/* ------------------------------------------------------------------------------------------------------------- checksum */

static void checksum(void)
{
    uint64_t sums[2] = { 14695981039346656037u, 14695981039346656037u };              /* FNV-1a */
    size_t entries[2] = { 0, 0 };
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        const corpus_net c = build(&reference_nets[k]);
        const size_t n = c.O * c.N;
        const int libm = strpbrk(reference_nets[k].layers, "ETGPIUSO") != NULL;
        jac_real *J = (jac_real *)get(n * sizeof(jac_real));
        jac_net net = start(c.N, c.layers, c.n_layers);
        jac_forward_backward(&net, c.x, NULL, J);
        for (size_t i = 0; i < n; i++) {
            uint64_t bits = 0;
#ifdef JAC_FLOAT
            uint32_t word;
            memcpy(&word, &J[i], sizeof word);
            bits = word;
#else
            memcpy(&bits, &J[i], sizeof bits);
#endif
            for (size_t byte = 0; byte < sizeof(jac_real); byte++) sums[libm] = (sums[libm] ^ (bits >> 8 * byte & 255)) * 1099511628211u;
        }
        entries[libm] += n;
        free(c.x);
        free(J);
        free(net.memory);
    }
    for (int libm = 0; libm < 2; libm++)
        printf("checksum %s %08lx%08lx (%u entries)\n", libm ? "libm" : "exact", (unsigned long)(sums[libm] >> 32),
               (unsigned long)(sums[libm] & 0xffffffffu), (unsigned)entries[libm]);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--checksum") == 0) {
        checksum();
        return check_failed > 0;
    }
    test_activations();
#ifdef JAC_FLOAT
    const unsigned long stride = argc > 2 && strcmp(argv[1], "--stride") == 0 ? strtoul(argv[2], NULL, 10) : 0;
    test_floats(stride > 0 ? (uint32_t)stride : CHECK_TRIALS(20) == 20 ? 40009 : 800011);
#endif
    test_softmax();
    test_sums();
    test_nets();
    test_margins();
    checksum();
    return check_report();
}
