/* test_checker.c - can the checker be believed? No correct Jacobian fails, no wrong one passes; and every verdict, option
 * and field of the report. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IS_FLOAT (sizeof(jac_real) == sizeof(float))
enum { MOST = 100, WIDE = 32, DEPTH = 3 };  /* widest net, widest small net, most dense layers */

/* ---- a random net, and the textbook's forward pass and Jacobian of it in double ---- */

typedef struct {
    jac_net net;
    jac_layer layers[2 * DEPTH + 2];
    size_t n_layers, n_dense, N, O;
    jac_real x[MOST], J[MOST * MOST], W[DEPTH][MOST * MOST], b[DEPTH][MOST];
    unsigned char memory[JAC_NET_SIZE_BOUND(MOST, MOST, 2 * DEPTH + 2)];
} subject;

typedef enum { END_NONE, END_SOFTMAX, END_LOG_SOFTMAX } ending;
typedef enum { HE, UNIT, WIDE_UNIT, FAMILIES } family;
static const char *const family_names[] = { "He", "N(0,1)", "N(0,1) 100-50-10" };

/* He-scaled weights N(0, 2/in) with small biases, or weights and biases N(0, 1) as the notebook draws them; the wide family
 * has that notebook's proportions, so that its softmax is as saturated. */
static void draw(subject *t, family kind, size_t n_dense, int square, int mixed, ending end)
{
    const jac_layer activations[] = {
        JAC_RELU, JAC_TANH, JAC_SIGMOID, JAC_LEAKY_RELU(0.1), JAC_ELU(1.5), JAC_SOFTPLUS, JAC_SILU, JAC_GELU
    };
    const jac_layer softmax = JAC_SOFTMAX, log_softmax = JAC_LOG_SOFTMAX;
    const int wide = kind == WIDE_UNIT;
    size_t n = t->N = wide ? 100 : draw_between(2, 16);
    t->n_layers = 0;
    t->n_dense = n_dense;
    for (size_t l = 0; l < n_dense; l++) {
        const size_t out = l + 1 < n_dense ? (wide ? 50 : draw_between(4, WIDE)) : square ? t->N : wide ? 10 : draw_between(2, 10);
        const jac_layer dense = JAC_DENSE(n, out, t->W[l], t->b[l]), dense_t = JAC_DENSE_T(n, out, t->W[l], t->b[l]);
        for (size_t i = 0; i < n * out; i++) t->W[l][i] = (jac_real)(draw_normal() * (kind == HE ? sqrt(2 / (double)n) : 1));
        for (size_t o = 0; o < out; o++) t->b[l][o] = (jac_real)(draw_normal() * (kind == HE ? 0.1 : 1));
        t->layers[t->n_layers++] = mixed && draw_uniform() < 0.5 ? dense_t : dense;
        if (l + 1 < n_dense) t->layers[t->n_layers++] = activations[mixed ? draw_between(0, COUNT(activations) - 1) : 0];
        n = out;
    }
    if (end == END_SOFTMAX) t->layers[t->n_layers++] = softmax;
    if (end == END_LOG_SOFTMAX) t->layers[t->n_layers++] = log_softmax;
    t->O = n;
    for (size_t i = 0; i < t->N; i++) t->x[i] = (jac_real)draw_normal();
}

static void ready(subject *t)
{
    const jac_status status = jac_net_init(&t->net, t->N, t->layers, t->n_layers, t->memory, sizeof t->memory);
    CHECK_MSG(status == JAC_OK, "%s", jac_status_string(status));
    if (status == JAC_OK) jac_forward_backward(&t->net, t->x, NULL, t->J);
}

static jac_check_report judge(subject *t, const jac_real *J, const jac_check_options *options)
{
    jac_check_report r;
    memset(&r, 0x5a, sizeof r);                 /* nothing of what was there may stay */
    CHECK(jac_check(&t->net, t->x, J, options, &r) == JAC_OK);
    return r;
}

/* Of a net dense, ReLU, ..., dense with rows as outputs: z [O] and, unless J is NULL, dz/dx [O x N]. The ReLU bit of unit `flipped` of the
 * first hidden layer is inverted in the derivative; MOST flips none. */
static void textbook(const subject *t, const double *x, size_t flipped, double *z, double *J)
{
    static double D[MOST * MOST], E[MOST * MOST];
    double a[MOST], next[MOST];
    size_t n = t->N;
    for (size_t i = 0; i < n; i++) a[i] = x[i];
    for (size_t i = 0; J != NULL && i < n * n; i++) D[i] = i % (n + 1) == 0;
    for (size_t l = 0; l < t->n_dense; l++) {
        const jac_layer *layer = &t->layers[2 * l];
        const int last = l + 1 == t->n_dense;
        for (size_t o = 0; o < layer->out; o++) {
            int on;
            next[o] = (double)layer->b[o];
            for (size_t k = 0; k < n; k++) next[o] += (double)layer->W[o * n + k] * a[k];
            on = last || (next[o] > 0) != (l == 0 && o == flipped);
            if (!last && next[o] < 0) next[o] = 0;
            for (size_t i = 0; J != NULL && i < t->N; i++) {
                E[o * t->N + i] = 0;
                for (size_t k = 0; on && k < n; k++) E[o * t->N + i] += (double)layer->W[o * n + k] * D[k * t->N + i];
            }
        }
        n = layer->out;
        memcpy(a, next, n * sizeof *a);
        if (J != NULL) memcpy(D, E, n * t->N * sizeof *D);
    }
    memcpy(z, a, n * sizeof *z);
    if (J != NULL) memcpy(J, D, n * t->N * sizeof *J);
}

static void softmax(const double *z, size_t n, double *s)
{
    double top = z[0], sum = 0;
    for (size_t k = 1; k < n; k++) if (z[k] > top) top = z[k];
    for (size_t k = 0; k < n; k++) sum += s[k] = exp(z[k] - top);
    for (size_t k = 0; k < n; k++) s[k] /= sum;
}

/* 1 - s_o, without cancellation. */
static double others(const double *s, size_t n, size_t o)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) if (k != o) sum += s[k];
    return sum;
}

/* J = S G, G = dz/dx. */
static void through_softmax(const double *s, const double *G, size_t O, size_t N, double *J)
{
    for (size_t o = 0; o < O; o++) {
        for (size_t i = 0; i < N; i++) {
            J[o * N + i] = 0;
            for (size_t k = 0; k < O; k++) J[o * N + i] += s[o] * s[k] * (G[o * N + i] - G[k * N + i]);
        }
    }
}

/* ---- two checks as others do them, on the textbook's forward pass ---- */

static void output_at(const subject *t, size_t column, double h, double *y)
{
    double x[MOST], z[MOST];
    for (size_t i = 0; i < t->N; i++) x[i] = (double)t->x[i] + (i == column ? h : 0);
    textbook(t, x, MOST, z, NULL);
    softmax(z, t->O, y);
}

/* The notebook's: 5 random columns, forward difference of step 1e-5, fails at an absolute difference of 1e-3. */
static int notebook_fails(const subject *t, const jac_real *J)
{
    double y[MOST], moved[MOST];
    output_at(t, MOST, 0, y);
    for (int c = 0; c < 5; c++) {
        const size_t i = draw_between(0, t->N - 1);
        output_at(t, i, 1e-5, moved);
        for (size_t o = 0; o < t->O; o++) if (!(fabs((double)J[o * t->N + i] - (moved[o] - y[o]) / 1e-5) < 1e-3)) return 1;
    }
    return 0;
}

/* A plain one: all columns, central difference of step 1e-6, fails beyond 1e-5 + 1e-3 |F|, entry by entry. */
static int plain_fails(const subject *t, const jac_real *J)
{
    double plus[MOST], minus[MOST];
    for (size_t i = 0; i < t->N; i++) {
        output_at(t, i, 1e-6, plus);
        output_at(t, i, -1e-6, minus);
        for (size_t o = 0; o < t->O; o++) {
            const double F = (plus[o] - minus[o]) / 2e-6;
            if (!(fabs((double)J[o * t->N + i] - F) <= 1e-5 + 1e-3 * fabs(F))) return 1;
        }
    }
    return 0;
}

/* ---- no correct Jacobian fails ---- */

static void test_false_alarms(void)
{
    static const char *const points[] = { "x and b random", "x = 0", "b = 0", "x = 0, b = 0" };
    enum { NETS = CHECK_TRIALS(150) };
    static subject t;
    size_t nets = 0, alarms = 0, direction_alarms = 0;
    printf("A correct J, %s: %d nets a line; ReLU and mixed activations; softmax, log-softmax or nothing at the end\n",
           IS_FLOAT ? "float" : "double", NETS);
    printf("  weights   point            PASS  PASS before softmax only  INCONCLUSIVE  KINK  FAIL\n");
    for (int kind = HE; kind <= UNIT; kind++) {
        for (int point = 0; point < 4; point++) {
            size_t count[5] = { 0 }, before = 0;
            for (size_t k = 0; k < NETS; k++, nets++) {
                jac_check_options options = { 0, 0, 0, 0 };
                jac_check_report r;
                draw(&t, (family)kind, draw_between(1, DEPTH), 0, k % 2 != 0, (ending)(k % 3));
                if (point == 1 || point == 3) memset(t.x, 0, sizeof t.x);
                if (point == 2 || point == 3) memset(t.b, 0, sizeof t.b);
                if (k % 4 == 3) options.columns = 1 + t.N / 3;
                options.seed = (unsigned long)nets;
                ready(&t);
                r = judge(&t, t.J, &options);
                count[r.verdict]++;
                before += r.verdict == JAC_CHECK_INCONCLUSIVE && r.before_softmax == JAC_CHECK_PASS;
                direction_alarms += r.direction == JAC_CHECK_FAIL;
            }
            printf("  %-8s  %-15s  %4zu  %24zu  %12zu  %4zu  %4zu\n", family_names[kind], points[point], count[JAC_CHECK_PASS],
                   before, count[JAC_CHECK_INCONCLUSIVE] - before, count[JAC_CHECK_KINK], count[JAC_CHECK_FAIL]);
            alarms += count[JAC_CHECK_FAIL];
            CHECK(count[JAC_CHECK_NONE] == 0);
            if (point != 3) CHECK_MSG(2 * (count[JAC_CHECK_PASS] + before) > NETS, "too few verdicts to mean anything");
        }
    }
    printf("  %zu nets, %zu false alarms, %zu in the random direction\n\n", nets, alarms, direction_alarms);
    CHECK(alarms == 0);
    CHECK(direction_alarms == 0);
}

/* Small nets of whole numbers and all layers, in which much cancels, exactly or but for rounding. */
static void test_whole_numbers(void)
{
    const jac_layer others[] = { JAC_RELU,     JAC_LEAKY_RELU(2), JAC_ELU(1.5), JAC_ELU(1),  JAC_TANH,       JAC_SIGMOID,
                                 JAC_SOFTPLUS, JAC_SILU,          JAC_GELU,     JAC_SOFTMAX, JAC_LOG_SOFTMAX };
    static subject t;
    size_t count[5] = { 0 };
    for (int k = 0; k < CHECK_TRIALS(20000); k++) {
        const double most = (double)draw_between(1, 4) * (k % 3 == 0 ? 10 : 1);
        jac_check_report r;
        size_t n = t.N = draw_between(1, 5), n_dense = 0;
        t.n_layers = draw_between(1, 5);
        for (size_t l = 0; l < t.n_layers; l++) {
            t.layers[l] = others[draw_between(0, COUNT(others) - 1)];
            if (n_dense < DEPTH && draw_uniform() < 0.5) {
                const size_t out = draw_between(1, 5);
                const jac_layer dense = JAC_DENSE(n, out, t.W[n_dense], t.b[n_dense]);
                for (size_t i = 0; i < n * out; i++) t.W[n_dense][i] = (jac_real)floor((2 * draw_uniform() - 1) * most + 0.5);
                for (size_t o = 0; o < out; o++) t.b[n_dense][o] = k % 2 ? 0 : (jac_real)floor((2 * draw_uniform() - 1) * most + 0.5);
                t.layers[l] = dense;
                n_dense++;
                n = out;
            }
        }
        t.O = n;
        for (size_t i = 0; i < t.N; i++) t.x[i] = k % 8 ? (jac_real)floor((2 * draw_uniform() - 1) * most + 0.5) : 0;
        ready(&t);
        r = judge(&t, t.J, NULL);
        count[r.verdict]++;
        CHECK_MSG(r.verdict != JAC_CHECK_FAIL, "net %d: row %zu, column %zu, given %g, measured %g, noise %g", k, r.row, r.column,
                  r.given, r.measured, r.noise);
    }
    printf("Nets of whole numbers: %zu PASS, %zu INCONCLUSIVE, %zu KINK, %zu FAIL\n\n", count[JAC_CHECK_PASS],
           count[JAC_CHECK_INCONCLUSIVE], count[JAC_CHECK_KINK], count[JAC_CHECK_FAIL]);
    CHECK(2 * count[JAC_CHECK_PASS] > CHECK_TRIALS(20000));
}

/* ---- no wrong Jacobian passes ---- */

enum { NONE, ZERO, NEGATED, TRANSPOSED, COLUMN, ENTRY, SCALE, MASK, DIAGONAL, SKIPPED, FAULTS };
static const char *const fault_names[] = { "none: false alarms", "zero", "negated", "transposed (O = N)", "one column halved",
                                           "one entry zeroed", "2 % scale error", "one mask bit inverted",
                                           "softmax diagonal only", "softmax skipped" };

/* The library's J with one fault; 0 when the fault does not exist on this net. */
static int plant(const subject *t, int fault, jac_real *J)
{
    const size_t N = t->N, O = t->O, column = draw_between(0, N - 1), row = draw_between(0, O - 1);
    static double G[MOST * MOST], wrong[MOST * MOST];
    double x[MOST] = { 0 }, z[MOST], s[MOST];
    if (fault == TRANSPOSED && O != N) return 0;
    for (size_t i = 0; i < N; i++) x[i] = (double)t->x[i];
    textbook(t, x, fault == MASK ? draw_between(0, t->layers[0].out - 1) : MOST, z, G);
    softmax(z, O, s);
    through_softmax(s, G, O, N, wrong);
    for (size_t o = 0; o < O; o++) {
        for (size_t i = 0; i < N; i++) {
            const jac_real right = t->J[o * N + i];
            jac_real *J_oi = &J[o * N + i];
            *J_oi = right;
            if (fault == ZERO) *J_oi = 0;
            if (fault == NEGATED) *J_oi = -right;
            if (fault == TRANSPOSED) *J_oi = t->J[i * N + o];
            if (fault == COLUMN && i == column) *J_oi = right / 2;
            if (fault == ENTRY && i == column && o == row) *J_oi = 0;
            if (fault == SCALE) *J_oi = (jac_real)1.02 * right;
            if (fault == MASK) *J_oi = (jac_real)wrong[o * N + i];
            if (fault == DIAGONAL) *J_oi = (jac_real)(s[o] * others(s, O, o) * G[o * N + i]);
            if (fault == SKIPPED) *J_oi = (jac_real)G[o * N + i];
        }
    }
    return 1;
}

/* How large is the fault: its largest entry relative to that of J, and the same with every row in units of s_o (1 - s_o).
 * Rows that jac_real cannot hold to the tolerance do not count. */
static void size_of_fault(const subject *t, const jac_real *J, double *outputs, double *logits)
{
    const size_t N = t->N, O = t->O;
    const double smallest = IS_FLOAT ? FLT_MIN : DBL_MIN;
    static double G[MOST * MOST];
    double x[MOST], z[MOST], s[MOST], scale[2] = { 0, 0 }, fault[2] = { 0, 0 };
    for (size_t i = 0; i < N; i++) x[i] = (double)t->x[i];
    textbook(t, x, MOST, z, G);
    softmax(z, O, s);
    for (size_t o = 0; o < O; o++) {
        const double unit[2] = { 1, s[o] * others(s, O, o) };
        for (size_t i = 0; i < N; i++) {
            for (int v = 0; v < 2; v++) {
                const double right = (double)t->J[o * N + i];
                if (unit[v] < 1e6 * smallest) continue;
                if (fabs(right) / unit[v] > scale[v]) scale[v] = fabs(right) / unit[v];
                if (fabs((double)J[o * N + i] - right) / unit[v] > fault[v]) fault[v] = fabs((double)J[o * N + i] - right) / unit[v];
            }
        }
    }
    *outputs = scale[0] > 0 ? fault[0] / scale[0] : 0;
    *logits = scale[1] > 0 ? fault[1] / scale[1] : 0;
}

static void test_planted_faults(family kind)
{
    const size_t nets = kind == WIDE_UNIT ? 6 + CHECK_TRIALS(24) : CHECK_TRIALS(200);
    static subject t;
    static jac_real J[MOST * MOST];
    const double visible = IS_FLOAT ? 0.015 : 1e-3;
    printf("Planted faults, %s weights, %s, %zu nets a line: of those where a difference can see the fault, percent caught\n",
           family_names[kind], IS_FLOAT ? "float" : "double", nets);
    printf("  fault                   nets  jac_check  notebook  plain central   passed by jac_check  notebook  plain\n");
    for (int fault = NONE; fault < FAULTS; fault++) {
        size_t seen = 0, caught = 0, passed = 0, notebook = 0, plain = 0;
        for (size_t k = 0; k < nets; k++) {
            double outputs, logits;
            jac_check_report right, wrong;
            int can_see;
            draw(&t, kind, 2, fault == TRANSPOSED, 0, END_SOFTMAX);
            ready(&t);
            if (!plant(&t, fault, J)) continue;
            right = judge(&t, t.J, NULL);
            size_of_fault(&t, J, &outputs, &logits);
            can_see = (right.verdict == JAC_CHECK_PASS && outputs > visible) ||
                      (right.before_softmax == JAC_CHECK_PASS && logits > visible);
            wrong = judge(&t, J, NULL);
            if (fault != NONE && !can_see) {
                CHECK(wrong.verdict != JAC_CHECK_PASS || (outputs < visible && logits < visible));
                continue;
            }
            seen++;
            caught += wrong.verdict == JAC_CHECK_FAIL;
            passed += wrong.verdict == JAC_CHECK_PASS;
            notebook += notebook_fails(&t, J) != 0;
            plain += plain_fails(&t, J) != 0;
        }
        printf("  %-22s  %4zu  %8.1f%%  %7.1f%%  %12.1f%%   %19zu  %8zu  %5zu\n", fault_names[fault], seen,
               100.0 * (double)caught / (double)seen, 100.0 * (double)notebook / (double)seen, 100.0 * (double)plain / (double)seen, passed,
               seen - notebook, seen - plain);
        if (fault == NONE) {
            CHECK(seen == nets && caught == 0);
        } else {
            CHECK_MSG(5 * seen >= nets, "%s: %zu nets", fault_names[fault], seen);
            CHECK_MSG(100 * caught >= 99 * seen, "%s", fault_names[fault]);
            CHECK_MSG(passed == 0, "%s", fault_names[fault]);
        }
    }
    printf("\n");
}
/* ---- the four verdicts, on nets and functions made for them ---- */

static void expect(int line, jac_check_report r, jac_check_verdict verdict, size_t row, size_t column)
{
    static const char *const names[] = { "NONE", "PASS", "FAIL", "INCONCLUSIVE", "KINK" };
    CHECK_MSG(r.verdict == verdict,
              "line %d: %s, not %s: row %zu, column %zu, given %g, measured %g, scale %g, noise %g, %zu checked, %zu kinks", line,
              names[r.verdict], names[verdict], r.row, r.column, r.given, r.measured, r.scale, r.noise, r.checked, r.kinks);
    if (verdict == JAC_CHECK_FAIL) CHECK_MSG(r.row == row && r.column == column, "line %d: row %zu, column %zu", line, r.row, r.column);
}
#define EXPECT(report, verdict) expect(__LINE__, report, verdict, 0, 0)
#define EXPECT_FAIL_AT(report, row, column) expect(__LINE__, report, JAC_CHECK_FAIL, row, column)

/* J of the net at x, one entry multiplied, as judged. */
static jac_check_report judge_with(subject *t, size_t row, size_t column, jac_real factor, const jac_check_options *options)
{
    static jac_real J[MOST * MOST];
    memcpy(J, t->J, sizeof J);
    J[row * t->N + column] *= factor;
    return judge(t, J, options);
}

static void set(subject *t, size_t N, size_t O, const jac_layer *layers, size_t n_layers, const jac_real *x)
{
    t->N = N;
    t->O = O;
    t->n_layers = n_layers;
    memcpy(t->layers, layers, n_layers * sizeof *layers);
    memcpy(t->x, x, N * sizeof *x);
    ready(t);
}

static void test_report(void)
{
    static const jac_real W[] = { 1, 2, 3, 4, 5, 6 }, x[] = { 1, -1, 0.5 }, nothing[6] = { 0 }, apart[] = { 1000, 0, 0, 1 };
    const jac_layer layers[] = { JAC_DENSE(3, 2, W, NULL) }, two_sizes[] = { JAC_DENSE(2, 2, apart, NULL) };
    static subject t;
    static jac_real J[MOST * MOST];
    jac_check_options options = { 0, 0, 0, 0 };
    jac_check_report r;
    size_t seen[3] = { 0 };
    set(&t, 3, 2, layers, 1, x);
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.checked == 3 && r.kinks == 0 && r.before_softmax == JAC_CHECK_NONE && r.direction == JAC_CHECK_NONE && r.underflows == 0);
    CHECK(fabs(r.scale - 6) < 1e-6 && r.error < 1e-6 && r.error >= 0);
    CHECK(r.noise > (IS_FLOAT ? FLT_EPSILON : 0) && r.noise < (IS_FLOAT ? 3e-5 : 4e-9));    /* J is as coarse as its type */
    CHECK(r.evaluations >= 2 * 3 + 1 && r.evaluations <= 2 * 3 + 20);
    r = judge_with(&t, 1, 0, (jac_real)1.5, NULL);
    EXPECT_FAIL_AT(r, 1, 0);
    CHECK(fabs(r.given - 6) < 1e-6 && fabs(r.measured - 4) < 1e-6 && fabs(r.error - 2.0 / 6) < 1e-6 && fabs(r.scale - 6) < 1e-6);
    r = judge_with(&t, 0, 2, (jac_real)(IS_FLOAT ? 1.0105 : 1.000021), NULL);   /* an error of 1.05 tolerances, and of 0.95 */
    EXPECT_FAIL_AT(r, 0, 2);
    EXPECT(judge_with(&t, 0, 2, (jac_real)(IS_FLOAT ? 1.0095 : 1.000019), NULL), JAC_CHECK_PASS);
    memcpy(J, t.J, sizeof J);
    J[3] = -4;                                  /* of two faults the larger is shown, though the other comes last */
    J[2] = -1;
    r = judge(&t, J, NULL);
    EXPECT_FAIL_AT(r, 1, 0);
    CHECK(fabs(r.given + 4) < 1e-6 && fabs(r.measured - 4) < 1e-6);
    r = judge(&t, nothing, NULL);
    EXPECT_FAIL_AT(r, 1, 2);
    CHECK(fabs(r.scale - 6) < 1e-6 && fabs(r.error - 1) < 1e-6 && r.given == 0);
    options.tolerance = 0.2;                    /* of what is now the largest entry, 4.8: an error of 0.8 */
    EXPECT(judge_with(&t, 1, 0, (jac_real)1.2, &options), JAC_CHECK_PASS);
    EXPECT_FAIL_AT(judge_with(&t, 1, 0, (jac_real)1.5, &options), 1, 0);
    options.tolerance = 0;
    options.columns = 1;
    for (size_t high = 16; high < sizeof options.seed * CHAR_BIT; high = 2 * high - 5) {      /* 16, 27, 49 */
        memset(seen, 0, sizeof seen);
        for (int k = 0; k < 32; k++) {          /* seeds that differ in their high bits only choose different columns */
            options.seed = (unsigned long)k << high;
            seen[judge(&t, t.J, &options).column]++;
        }
        CHECK(seen[0] > 0 && seen[1] > 0 && seen[2] > 0);
    }
    options.seed = 0;
    set(&t, 2, 2, two_sizes, 1, x);             /* the largest entry of J, not of the row: in the direction as in a column */
    r = judge_with(&t, 1, 1, (jac_real)(IS_FLOAT ? 1.1 : 1.001), &options);
    CHECK(r.verdict == JAC_CHECK_PASS && r.direction == JAC_CHECK_PASS);
}

static void test_forward_point_stays(void)
{
    static subject t;
    static jac_real J[MOST * MOST];
    jac_real other[MOST];                       /* of the at most 16 inputs of a drawn net: a batch of two */
    jac_check_report r;
    draw(&t, HE, 1, 0, 0, END_SOFTMAX);
    ready(&t);
    for (size_t i = 0; i < t.N; i++) other[i] = t.x[i] + 1;
    CHECK(jac_check(&t.net, other, t.J, NULL, &r) == JAC_OK);
    CHECK(jac_backward(&t.net, J) == JAC_OK);
    CHECK(memcmp(J, t.J, t.N * t.O * sizeof *J) == 0);
    memcpy(other + t.N, t.x, t.N * sizeof *other);
    CHECK(jac_forward_backward_batch(&t.net, 2, other, NULL, J) == JAC_OK);     /* the last of a batch stays as well */
    CHECK(jac_check(&t.net, other, t.J, NULL, &r) == JAC_OK && jac_backward(&t.net, J) == JAC_OK);
    CHECK(memcmp(J, t.J, t.N * t.O * sizeof *J) == 0);
    CHECK(jac_net_init(&t.net, t.N, t.layers, t.n_layers, t.memory, sizeof t.memory) == JAC_OK);     /* no forward point is needed, */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    CHECK(jac_backward(&t.net, J) == JAC_ERROR_NO_FORWARD);                                             /* nor does one come of it */
    t.net.kernels = NULL;                       /* nothing of the fast path is used: it is not even there */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
}

static void cubic(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    const jac_real slope = *(const jac_real *)user;
    for (size_t j = 0; j < n; j++) {
        da[j] = slope + z[j] * z[j];
        a[j] = z[j] + z[j] * z[j] * z[j] / 3;
    }
}

static void square(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) { a[j] = z[j] * z[j]; da[j] = z[j] + z[j]; }
}

static void less_one(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *calls)
{
    if (calls != NULL) ++*(size_t *)calls;
    for (size_t j = 0; j < n; j++) { a[j] = z[j] - 1; da[j] = 1; }
}

/* The outputs are written before the inputs are read: they share nothing with them. */
static void write_first(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    for (size_t j = 0; j < n; j++) a[j] = da[j] = (jac_real)NAN;
    square(n, z, a, da, user);
}

static void test_activation_apart(void)
{
    static const jac_real W[] = { 1, 2, -1, 3 }, x[] = { 1, (jac_real)0.5 };
    const jac_layer layers[] = { JAC_DENSE(2, 2, W, NULL), JAC_ACTIVATION(write_first, NULL), JAC_ACTIVATION(write_first, NULL) };
    static subject t;
    set(&t, 2, 2, layers, 3, x);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
}

/* A net so deep that the checker needs more scratch than the passes do: what comes behind it is the forward point. */
static void test_deep(void)
{
    enum { DEEP = 1505, N = 1, O = 8 };         /* 1488 layers of 8 units and one of 1: the last byte of the pattern begins a word */
    static jac_layer layers[DEEP];
    static unsigned char memory[JAC_NET_SIZE_BOUND(N, O, DEEP)];
    static jac_real slope = 1, x[N], J[O * N], again[O * N], W[O * O];
    const jac_layer first = JAC_ACTIVATION(cubic, &slope), relu = JAC_RELU, leaky = JAC_LEAKY_RELU(0.5);
    const jac_layer wider = JAC_DENSE(N, O, W, NULL), dense = JAC_DENSE(O, O, W, NULL);
    jac_net net;
    jac_check_report r;
    for (size_t i = 0; i < N; i++) x[i] = (jac_real)(1 + draw_uniform());
    for (size_t k = 0; k < O * O; k++) W[k] = (jac_real)(draw_uniform() / 4);
    for (int k = 0; k < 2; k++) {
        for (size_t l = 0; l < DEEP; l++)
            layers[l] = l == 0 ? (k ? first : relu) : l == 1 ? wider : l % 100 == 1 ? dense : l % 100 == 3 ? leaky : relu;
        CHECK(jac_net_init(&net, N, layers, DEEP, memory, jac_net_size(N, layers, DEEP)) == JAC_OK);
        CHECK(jac_forward_backward(&net, x, NULL, J) == JAC_OK);
        CHECK(jac_check(&net, x, J, NULL, &r) == JAC_OK);
        EXPECT(r, JAC_CHECK_PASS);
        CHECK(jac_backward(&net, again) == JAC_OK && memcmp(J, again, sizeof J) == 0);
    }
}

static void test_kinks(void)
{
    static subject t;
    static const jac_real at_kink[] = { 0, 1 }, clear[] = { 1, 1 }, both[] = { 0, 0 }, beside[] = { (jac_real)1e-7, 1 },
                          tie[] = { (jac_real)0.3, (jac_real)0.3, (jac_real)0.5 },
                          rounded[] = { (jac_real)0.1, (jac_real)0.2, (jac_real)0.3 };
    static const jac_real W[] = { 1, -1, 0, 0, 0, 1 }, sum[] = { 1, 1, -1 }, plus_minus[] = { 1, -1 };
    const jac_layer relu[] = { JAC_RELU }, leaky[] = { JAC_LEAKY_RELU(0.5) }, elu[] = { JAC_ELU(1) }, straight[] = { JAC_LEAKY_RELU(1) },
                    bent_elu[] = { JAC_ELU(2) };
    static const jac_real one_one[] = { 1, 1 };
    const jac_layer twice[] = { JAC_DENSE(1, 2, plus_minus, one_one), JAC_RELU, JAC_ACTIVATION(less_one, NULL), JAC_RELU,
                                JAC_DENSE(2, 1, plus_minus, NULL) };
    const jac_layer behind[] = { JAC_TANH, JAC_RELU }, even[] = { JAC_ACTIVATION(square, NULL), JAC_RELU };
    const jac_layer bent[] = { JAC_DENSE(1, 2, plus_minus, NULL), JAC_TANH, JAC_RELU, JAC_DENSE(2, 1, plus_minus, NULL) };
    static const jac_real opposed[] = { 2048, -2048, (jac_real)(1 / 1024.0) },
                          back[] = { (jac_real)((IS_FLOAT ? 1024 : 1) / 1099511627776.0 - 1 / 1024.0) };
    static const jac_real rows[] = { 1, 0, 0, 0, 0, 1 }, large[] = { 0, 30000, 0 }, half[] = { 0.5, 0.5, 1 },
                          near[] = { (jac_real)1e-9, 1 };
    static jac_real split[11], away[11], toward[11];
    const jac_layer many[] = { JAC_DENSE(1, 11, split, away), JAC_RELU, JAC_DENSE(11, 1, toward, NULL) };
    static const jac_real V[] = { (jac_real)(1 - 1.221e-5), 1, 0, 1 }, c[] = { 10, (jac_real)0.01 }, unit[] = { 1, 0, 0, 1 },
                          d[] = { -10, 0 };
    const jac_layer curved[] = { JAC_DENSE(2, 2, V, c), JAC_RELU, JAC_DENSE(2, 2, unit, d), JAC_TANH };
    const jac_layer steep[][2] = { { JAC_DENSE(3, 1, opposed, back), JAC_RELU }, { JAC_DENSE(3, 1, opposed, back), JAC_LEAKY_RELU(0.5) } };
    const jac_real eps = (jac_real)(IS_FLOAT ? FLT_EPSILON : DBL_EPSILON), same[] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 },
                          apart[] = { 1, -1, 4096 * eps }, beside_deep[] = { 1 + 32 * eps, 1, (jac_real)1e-3 };
    const jac_layer deep[] = { JAC_DENSE(3, 3, same, NULL), JAC_DENSE(3, 3, same, NULL), JAC_DENSE(3, 3, same, NULL),
                               JAC_DENSE(3, 3, same, NULL), JAC_DENSE(3, 1, apart, NULL), JAC_RELU };
    const jac_layer noisy[] = { JAC_DENSE(2, 3, rows, large), JAC_RELU };
    const jac_layer dense[] = { JAC_DENSE(3, 2, W, NULL), JAC_RELU }, one[] = { JAC_DENSE(3, 1, sum, NULL), JAC_RELU };
    const jac_layer identity[] = { JAC_DENSE(1, 2, plus_minus, NULL), JAC_RELU, JAC_DENSE(2, 1, plus_minus, NULL) };
    jac_check_options options = { 0, 0, 0, 0 };
    jac_check_report r;
    size_t evaluations;

    set(&t, 2, 2, relu, 1, at_kink);            /* column 0 is on the kink, column 1 is judged */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 1 && r.checked == 1);
    EXPECT_FAIL_AT(judge_with(&t, 1, 1, (jac_real)1.1, NULL), 1, 1);
    t.J[0] = (jac_real)0.7;                     /* between the two slopes, or not: never failed */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    t.J[0] = (jac_real)1e6;                     /* nor is it a scale that hides what is wrong elsewhere */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    EXPECT(judge_with(&t, 1, 1, (jac_real)1.1, NULL), JAC_CHECK_INCONCLUSIVE);
    EXPECT(judge_with(&t, 1, 1, 0, NULL), JAC_CHECK_INCONCLUSIVE);
    options.columns = 1;                        /* nor where the direction, which crosses the kink, did not look at it */
    for (unsigned long seed = 0; seed < 8; seed++) {
        options.seed = seed;
        r = judge_with(&t, 1, 1, 0, &options);
        EXPECT(r, r.checked ? JAC_CHECK_INCONCLUSIVE : JAC_CHECK_KINK);
    }
    options.seed = 0;

    set(&t, 2, 2, relu, 1, both);
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_KINK);
    CHECK(r.kinks == 2 && r.checked == 0 && r.error == 0);
    CHECK(r.evaluations <= 1 + 18 + 2 * 9);      /* at the point above: the other is not asked for, when this one crossed */
    options.columns = 1;
    r = judge(&t, t.J, &options);
    CHECK(r.direction == JAC_CHECK_KINK && r.checked + r.kinks == 1);       /* the direction is no column */
    set(&t, 2, 2, leaky, 1, both);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    set(&t, 2, 2, bent_elu, 1, both);           /* slopes 2 and 1: their mean, which differences measure, is neither's */
    t.J[0] = t.J[3] = (jac_real)1.5;
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    set(&t, 2, 2, elu, 1, both);                /* alpha = 1: both sides have slope 1 */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    set(&t, 2, 2, straight, 1, both);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);

    set(&t, 2, 2, relu, 1, clear);              /* far from the kink */
    evaluations = judge(&t, t.J, NULL).evaluations;
    set(&t, 2, 2, relu, 1, beside);             /* nearer than the step: the step shrinks */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 0 && r.checked == 2 && r.evaluations > evaluations);
    EXPECT_FAIL_AT(judge_with(&t, 0, 0, (jac_real)1.1, NULL), 0, 0);
    options.columns = 0;
    options.step = 1e-5;                        /* which crosses below x only, and would measure (1e-5 + 1e-7) / 2e-5 */
    EXPECT_FAIL_AT(judge_with(&t, 0, 0, (jac_real)0.505, &options), 0, 0);

    set(&t, 3, 2, dense, 2, tie);               /* z = 0 from columns 0 and 1; column 2 does not move that unit */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 2 && r.checked == 1);
    set(&t, 3, 1, one, 2, rounded);             /* 0.1 + 0.2 - 0.3: rounding decides the side */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    set(&t, 3, 1, one, 1, rounded);             /* without the ReLU */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    set(&t, 2, 2, behind, 2, at_kink);          /* a kink behind a layer that is not dense */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 1 && r.checked == 1);
    set(&t, 1, 1, bent, 4, both);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    set(&t, 1, 1, twice, 5, both);              /* the second ReLU has kinks of its own */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    for (size_t k = 0; k < 11; k++) away[k] = k < 9;
    split[9] = toward[9] = 1;
    split[10] = toward[10] = -1;
    set(&t, 1, 1, many, 3, both);               /* the same behind nine units that stay on */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    for (size_t k = 0; k < COUNT(steep); k++) {
        set(&t, 3, 1, steep[k], 2, half);   /* z is the rounding of its terms: column 2 does not cross, but which side J took is chance */
        r = judge(&t, t.J, NULL);
        EXPECT(r, JAC_CHECK_KINK);
        CHECK(r.kinks == 3);
    }
    set(&t, 3, 1, deep, COUNT(deep), beside_deep);
    r = judge(&t, t.J, NULL);               /* z is 32 eps: less than five layers can be off by, more than one can */
    EXPECT(r, JAC_CHECK_KINK);
    CHECK(r.kinks == 3);
    options.step = 0.1;
    options.tolerance = 1e-5;
    set(&t, 2, 2, curved, 4, both);             /* column 0 ends with a difference that looks as if column 1 had settled on it */
    EXPECT(judge(&t, t.J, &options), JAC_CHECK_PASS);
    set(&t, 2, 3, noisy, 2, near);              /* the step that keeps clear of the kink of row 0 is lost in the noise of row 1 */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 1 && r.checked == 1);
    set(&t, 1, 1, even, 2, both);               /* z is 0 at x, and above on both sides */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
    set(&t, 1, 1, identity, 3, both);           /* relu(x) - relu(-x) has slope 1 at 0, where every backward pass gives 0 */
    CHECK(t.J[0] == 0);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_KINK);
}

/* Every layer in the middle: its J passes, and fails with one entry off by half of it. */
static void test_layers(void)
{
    static subject t;
    static jac_real W[] = { 1, -2, (jac_real)0.5, 3, -1, (jac_real)0.25, 2, 1, (jac_real)-0.75 };
    static const jac_real b[] = { (jac_real)0.1, (jac_real)-0.2, (jac_real)0.3 };
    static const jac_real x[] = { (jac_real)0.5, (jac_real)0.25, (jac_real)-0.75 };
    const jac_layer middle[] = { JAC_RELU, JAC_LEAKY_RELU(0.25), JAC_ELU(2), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU,
                                 JAC_GELU, JAC_SOFTMAX, JAC_LOG_SOFTMAX };
    for (size_t k = 0; k < COUNT(middle); k++) {
        jac_layer layers[] = { JAC_DENSE(3, 3, W, b), JAC_RELU, JAC_DENSE_T(3, 3, W, NULL) };
        layers[1] = middle[k];
        set(&t, 3, 3, layers, 3, x);
        EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
        if (k + 1 == COUNT(middle)) {           /* logits of hundreds: exp must not overflow, whichever is the largest */
            for (size_t e = 0; e < 9; e++) W[e] *= 1024;
            for (int sign = 0; sign < 2; sign++) {
                for (size_t i = 0; i < 3; i++) t.x[i] = -t.x[i];
                ready(&t);
                EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
            }
        }
        for (size_t e = 0; e < 9; e++)
            if (t.J[e] * t.J[e] > (jac_real)0.04) EXPECT_FAIL_AT(judge_with(&t, e / 3, e % 3, (jac_real)1.5, NULL), e / 3, e % 3);
    }
}

/* Where terms cancel, their roundings may cancel as well: differences of 0 prove nothing. */
static void test_cancelled(void)
{
    static subject t;
    static const jac_real one[] = { 1, 1, 1 }, plus_minus[] = { 1, -1 }, first[] = { 1, 0 }, thirty[] = { 30, 31 };
    static const jac_real x_2[] = { 2 }, zero[] = { 0 }, gap[] = { 29, 0 };
    static const jac_real to[] = { 1, 1, 7 }, fro[] = { 1, 6, -1 }, uneven[] = { 1.5, 0.5 };
    static const jac_real steep[] = { (jac_real)1e7, (jac_real)-1e7 }, steeper[] = { (jac_real)1e12, (jac_real)-1e12 };
    const jac_layer equal[] = { JAC_DENSE(1, 2, thirty, NULL), JAC_SIGMOID, JAC_DENSE(2, 1, plus_minus, NULL) };
    const jac_layer linear[] = { JAC_DENSE(1, 3, to, NULL), JAC_DENSE_T(3, 1, fro, NULL) };
    const jac_layer shift[] = { JAC_DENSE(1, 3, one, NULL), JAC_SOFTMAX, JAC_SILU };
    static const jac_real both_rows[] = { 1, -1, 1, 1 };
    const jac_layer beside_kink[] = { JAC_DENSE(1, 2, steep, NULL), JAC_ELU(1), JAC_DENSE(2, 2, both_rows, NULL) };
    const jac_layer picked[] = { JAC_LOG_SOFTMAX, JAC_DENSE(2, 1, first, NULL) };

    set(&t, 1, 1, equal, 3, x_2);               /* 1 - 1, both saturated */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_INCONCLUSIVE);
    t.J[0] = 1;
    EXPECT_FAIL_AT(judge(&t, t.J, NULL), 0, 0);
    set(&t, 1, 1, linear, 2, zero);             /* 1 + 6 - 7, times x */
    CHECK(t.J[0] == 0);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_INCONCLUSIVE);
    t.J[0] = (jac_real)1e-3;
    EXPECT_FAIL_AT(judge(&t, t.J, NULL), 0, 0);
    set(&t, 1, 3, shift, 3, x_2);               /* softmax of equal logits: J is 0 but for rounding */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_INCONCLUSIVE);
    set(&t, 2, 1, picked, 2, gap);              /* log s_0 = -2.5e-13 is not lost beside 1 */
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    EXPECT_FAIL_AT(judge_with(&t, 0, 1, (jac_real)1.1, NULL), 0, 1);

    for (int even = 0; even < 2; even++) {      /* y leaps within the step, oddly, or evenly */
        jac_layer leap[] = { JAC_DENSE(1, 2, steep, NULL), JAC_SILU, JAC_DENSE(2, 1, plus_minus, NULL), JAC_SIGMOID };
        if (even) leap[2].W = uneven;
        set(&t, 1, 1, leap, 4, zero);
        CHECK(judge(&t, t.J, NULL).verdict != JAC_CHECK_FAIL);
        EXPECT_FAIL_AT(judge_with(&t, 0, 0, 4, NULL), 0, 0);
        leap[0].W = steeper;
        set(&t, 1, 1, leap, 4, zero);
        EXPECT(judge(&t, t.J, NULL), JAC_CHECK_INCONCLUSIVE);                  /* no kink, but no step shows that */
    }
    set(&t, 1, 2, beside_kink, 3, zero);        /* row 0 leaps a little, beside what looks like a settled kink in row 1 */
    CHECK(judge(&t, t.J, NULL).verdict != JAC_CHECK_FAIL);
}

/* A large bias, and units that round alike: no column of a net without kinks may count as one, and a wrong J pass for it. */
static void test_large_bias(void)
{
    enum { SIDE = 4, UNITS = 63, NETS = 100 };
    static subject t;
    static jac_real W0[SIDE * UNITS], W1[UNITS * SIDE], b[SIDE], x[SIDE];
    const jac_layer layers[] = { JAC_DENSE_T(SIDE, UNITS, W0, NULL), JAC_DENSE_T(UNITS, SIDE, W1, b) };
    int failed = 0;
    for (int k = 0; k < SIDE * UNITS; k++) {
        W0[k] = (jac_real)0.5;
        W1[k] = (jac_real)(1 / sqrt((double)UNITS));
    }
    for (int net = 0; net < NETS; net++) {
        for (int i = 0; i < SIDE; i++) {
            x[i] = (jac_real)((net * 37 + i * 11) % 101) / 17 - 3;
            b[i] = -(jac_real)(30 + (net * 53 + i * 29) % 97);
        }
        set(&t, SIDE, SIDE, layers, 2, x);
        CHECK(judge(&t, t.J, NULL).verdict != JAC_CHECK_FAIL);
        for (size_t k = 0; k < SIDE; k++) {
            const jac_check_report r = judge_with(&t, k, (k + (size_t)net) % SIDE, (jac_real)1.1, NULL);
            CHECK_MSG(r.verdict != JAC_CHECK_PASS && r.kinks == 0, "net %d, row %zu: %zu checked, %zu kinks", net, k, r.checked, r.kinks);
            failed += r.verdict == JAC_CHECK_FAIL;
        }
    }
    CHECK_MSG(failed > NETS * SIDE / 4, "only %d of %d faults are found", failed, NETS * SIDE);
}

/* Classes that are alike, their log-softmax added with equal weights: J is exactly 0, and what the library's rounding leaves of it is no
 * fault. */
static void test_equal_classes(void)
{
    enum { N = 3, H = 24, K = 27, NETS = CHECK_TRIALS(400) };
    static subject t;
    static jac_real W0[N * H], W1[H * K], W2[K], x[N];
    const jac_layer layers[] = { JAC_DENSE(N, H, W0, NULL), JAC_TANH, JAC_DENSE_T(H, K, W1, NULL), JAC_LOG_SOFTMAX,
                                 JAC_DENSE(K, 1, W2, NULL) };
    int failed = 0, found = 0;
    for (int k = 0; k < K; k++) W2[k] = (jac_real)(1 / sqrt((double)K));
    for (int net = 0; net < NETS; net++) {
        for (int i = 0; i < N; i++) x[i] = (jac_real)((net * 37 + i * 11) % 101) / 17 - 3;
        for (int k = 0; k < N * H; k++) W0[k] = (jac_real)((net * 53 + k * 29) % 97) / 97 - (jac_real)0.5;
        for (int k = 0; k < H * K; k++) W1[k] = (jac_real)((net * 59 + k / K * 31) % 89) / 89 - (jac_real)0.5;
        set(&t, N, 1, layers, 5, x);
        failed += judge(&t, t.J, NULL).verdict == JAC_CHECK_FAIL;
        t.J[net % N] = (jac_real)0.01;
        found += judge(&t, t.J, NULL).verdict == JAC_CHECK_FAIL;
    }
    CHECK_MSG(failed == 0 && found == NETS, "%d of %d right J fail, %d wrong ones", failed, NETS, found);
}

/* Some units of a wide layer are nearer to their kink than the step by which roundings are measured: no noise of J. */
static void test_wide(void)
{
    enum { N = 784, H = 256, K = 128, O = 10, NETS = CHECK_TRIALS(24) };
    static jac_real W1[N * H], W2[H * K], W3[K * O], x[N], J[O * N];
    static unsigned char memory[JAC_NET_SIZE_BOUND(N, H, 5)];
    const jac_layer layers[] = { JAC_DENSE(N, H, W1, NULL), JAC_RELU, JAC_DENSE(H, K, W2, NULL), JAC_RELU,
                                 JAC_DENSE(K, O, W3, NULL) };
    const jac_check_options options = { 1, 0, 0, 0 };
    int passed = 0;
    jac_check_report r;
    jac_net net;
    CHECK(jac_net_init(&net, N, layers, COUNT(layers), memory, sizeof memory) == JAC_OK);
    for (int k = 0; k < NETS; k++) {
        for (int i = 0; i < N * H; i++) W1[i] = (jac_real)(draw_normal() * sqrt(2.0 / N));
        for (int i = 0; i < H * K; i++) W2[i] = (jac_real)(draw_normal() * sqrt(2.0 / H));
        for (int i = 0; i < K * O; i++) W3[i] = (jac_real)(draw_normal() * sqrt(2.0 / K));
        for (int i = 0; i < N; i++) x[i] = (jac_real)draw_normal();
        CHECK(jac_forward_backward(&net, x, NULL, J) == JAC_OK && jac_check(&net, x, J, &options, &r) == JAC_OK);
        CHECK_MSG(r.verdict == JAC_CHECK_PASS || r.verdict == JAC_CHECK_KINK, "verdict %d, noise %g of %g", (int)r.verdict, r.noise,
                  r.scale);
        passed += r.verdict == JAC_CHECK_PASS;
    }
    CHECK_MSG(passed > NETS * 3 / 4, "of %d nets only %d pass", NETS, passed);
}

/* Along a random direction a large x_i weighs its column more: no scale for the others to hide behind. */
static void test_unequal_inputs(void)
{
    enum { N = 10, SEEDS = CHECK_TRIALS(100) };
    static subject t;
    static const double first[] = { 1, 1e3, 1e4 };
    jac_real W[N], x[N], J[N];
    const jac_layer layers[] = { JAC_DENSE(N, 1, W, NULL) };
    for (int i = 0; i < N; i++) {
        W[i] = 1;
        x[i] = (jac_real)0.5;
    }
    for (size_t k = 0; k < COUNT(first); k++) {
        x[0] = (jac_real)first[k];
        set(&t, N, 1, layers, 1, x);
        for (int fault = 0; fault < 3; fault++) {
            jac_check_options options = { 1, 0, 0, 0 };
            memcpy(J, t.J, sizeof J);
            if (fault < 2) J[5] = fault == 0 ? -J[5] : (jac_real)(1 - (IS_FLOAT ? 0.2 : 0.009));
            else for (int i = 1; i < N; i++) J[i] = 0;
            for (; options.seed < SEEDS; options.seed++) {
                const jac_check_report r = judge(&t, J, &options), right = judge(&t, t.J, &options);
                CHECK_MSG(r.direction != JAC_CHECK_PASS, "x_0 = %g, fault %d, seed %lu: PASS along the direction", first[k], fault,
                          options.seed);
                CHECK((right.verdict == JAC_CHECK_PASS || IS_FLOAT) && right.verdict != JAC_CHECK_FAIL);
                CHECK(right.direction != JAC_CHECK_FAIL);
            }
        }
    }
}

static void test_saturated(void)
{
    static subject t;
    static const jac_real W[] = { 1, -2, (jac_real)0.5, 3, -1, (jac_real)0.25 }, x[] = { (jac_real)0.5, (jac_real)0.25 };
    static jac_real b[3], zero[6];
    const jac_layer layers[] = { JAC_DENSE(2, 3, W, b), JAC_SOFTMAX }, log_layers[] = { JAC_DENSE(2, 3, W, b), JAC_LOG_SOFTMAX };
    const jac_layer one_class[] = { JAC_DENSE(2, 1, W, b), JAC_SOFTMAX }, behind_tanh[] = { JAC_TANH, JAC_SOFTMAX };
    const jac_check_options options = { 1, 0, 0, 0 }, coarse = { 0, 0, 0, 0.5 };
    jac_check_report r;
    double most = 0;
    set(&t, 2, 3, layers, 2, x);                /* not saturated: both views see the fault, and the report tells of y */
    for (size_t e = 0; e < 6; e++) if (fabs((double)t.J[e]) > most) most = fabs((double)t.J[e]);
    r = judge_with(&t, 2, 0, (jac_real)0.5, NULL);
    EXPECT_FAIL_AT(r, 2, 0);
    CHECK(r.before_softmax == JAC_CHECK_FAIL && fabs(r.scale / most - 1) < 1e-3);
    b[1] = -40;
    b[2] = IS_FLOAT ? -60 : -548;               /* s_2 = 1e-26, in double 1e-238 */
    set(&t, 2, 3, layers, 2, x);
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_INCONCLUSIVE);
    CHECK(r.before_softmax == JAC_CHECK_PASS && r.underflows == 0);
    CHECK(r.noise < 1e-10);                     /* of y, which is 1, not of the logits, which are large */
    CHECK(judge(&t, zero, NULL).verdict == JAC_CHECK_FAIL);
    CHECK(judge(&t, t.J, &options).direction == JAC_CHECK_PASS);    /* of what is before the softmax, too */
    for (size_t o = 0; o < 3; o++) {
        for (size_t i = 0; i < 2; i++) {
            r = judge_with(&t, o, i, (jac_real)0.9, NULL);
            EXPECT_FAIL_AT(r, o, i);
            CHECK(r.before_softmax == JAC_CHECK_FAIL);
            CHECK(fabs(r.given / r.measured - 0.9) < 1e-3 && fabs(r.given / r.scale) > 0.01 && fabs(r.given / r.scale) < 10);
            r = judge_with(&t, o, i, 8, NULL);
            EXPECT_FAIL_AT(r, o, i);
            CHECK(r.noise < r.scale && r.scale > 0.999 * fabs(r.given) && fabs(r.error * r.scale / (r.given - r.measured)) < 1.001);
        }
    }
    for (int k = 0; k < 3; k++) {               /* row 2 is a little above the smallest normal number, or below it */
        b[2] = (jac_real)(IS_FLOAT ? -83 - 5 * k : -700 - 10 * k);
        set(&t, 2, 3, layers, 2, x);
        r = judge(&t, t.J, NULL);
        CHECK(r.before_softmax == JAC_CHECK_PASS && r.underflows == 1);
        CHECK(judge(&t, t.J, &coarse).underflows == (k > 0));       /* half of it is a normal number still */
    }

    for (size_t masked = 0; masked < 3; masked++) {
        const size_t o = (masked + 1) % 3;
        for (size_t k = 0; k < 3; k++) b[k] = k == masked ? -INFINITY : 0;
        set(&t, 2, 3, layers, 2, x);
        r = judge(&t, t.J, NULL);
        EXPECT(r, JAC_CHECK_PASS);
        CHECK(r.before_softmax == JAC_CHECK_PASS && r.underflows == 1 && r.scale > 0 && r.noise > 0);
        EXPECT_FAIL_AT(judge_with(&t, o, 0, (jac_real)0.9, NULL), o, 0);
        set(&t, 2, 3, log_layers, 2, x);        /* its logarithm is -inf: nothing can be said of that row */
        r = judge(&t, t.J, NULL);
        EXPECT(r, JAC_CHECK_INCONCLUSIVE);
        CHECK(r.before_softmax == JAC_CHECK_PASS && r.underflows == 1 && r.scale > 0 && r.noise > 0);
        EXPECT_FAIL_AT(judge_with(&t, o, 0, (jac_real)0.9, NULL), o, 0);
    }

    for (size_t k = 0; k < 3; k++) b[k] = (jac_real)(IS_FLOAT ? 3e5 : 1e12) + (jac_real)k / 2;
    set(&t, 2, 3, layers, 2, x);                /* logits so large that their own rounding moves s */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_INCONCLUSIVE);
    CHECK(r.before_softmax == JAC_CHECK_INCONCLUSIVE);

    for (size_t first = 0; first < 2; first++) {    /* a softmax that stands alone, or behind what is not dense */
        set(&t, 2, 2, behind_tanh + first, 2 - first, x);
        CHECK(judge(&t, t.J, NULL).before_softmax == JAC_CHECK_PASS);
    }
    set(&t, 2, 1, one_class, 2, x);             /* y = 1 whatever x is: nothing to see, and no reason to pass */
    r = judge(&t, t.J, NULL);
    EXPECT(r, JAC_CHECK_INCONCLUSIVE);
    CHECK(r.before_softmax == JAC_CHECK_INCONCLUSIVE && r.underflows == 1);
    CHECK(judge(&t, W, NULL).verdict == JAC_CHECK_FAIL);
}

static void test_not_finite(void)
{
    static subject t;
    static const jac_real W[] = { 1, 2, 3, 4 }, x[] = { 1, 2 };
    const jac_layer layers[] = { JAC_DENSE(2, 2, W, NULL), JAC_TANH };
    jac_check_report r;
    for (size_t k = 0; k < 4; k++) {
        jac_real J[4], bad[] = { (jac_real)NAN, INFINITY, -INFINITY };
        set(&t, 2, 2, layers, 1, x);
        for (size_t v = 0; v < COUNT(bad); v++) {
            memcpy(J, t.J, sizeof J);
            J[k] = bad[v];
            r = judge(&t, J, NULL);
            EXPECT_FAIL_AT(r, k / 2, k % 2);
            CHECK(r.error > DBL_MAX);
        }
    }
    t.x[1] = (jac_real)NAN;
    ready(&t);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_INCONCLUSIVE);
    t.J[0] = t.J[1] = t.J[2] = t.J[3] = 1;
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_INCONCLUSIVE);
}

/* ---- functions ---- */

static jac_check_report judge_function(jac_function f, void *user, size_t N, size_t O, const jac_real *x, const jac_real *J,
                                       const jac_check_options *options)
{
    static unsigned char buffer[8192];
    static size_t shift;
    const size_t size = jac_check_size(N, O);
    unsigned char *memory = buffer + 1024 + shift++ % 16;       /* of any alignment */
    size_t touched = 0;
    jac_check_report r;
    memset(&r, 0x5a, sizeof r);
    memset(buffer, 0x5a, sizeof buffer);
    CHECK(size > 0 && size + 2048 <= sizeof buffer);
    CHECK(jac_check_function(f, user, N, O, x, J, options, &r, memory, size) == JAC_OK);
    for (size_t k = 0; k < sizeof buffer; k++) touched += (buffer + k < memory || buffer + k >= memory + size) && buffer[k] != 0x5a;
    CHECK(touched == 0);
    return r;
}

static void smooth(const jac_real *x, jac_real *y, void *user)
{
    y[0] = user == NULL ? x[0] * x[0] + (jac_real)sin((double)x[1]) : (jac_real)NAN;   /* it is what jac_check_function was given */
    y[1] = (jac_real)exp((double)x[0]) * x[1];
}
static void corner(const jac_real *x, jac_real *y, void *user) { (void)user; y[0] = (jac_real)fabs((double)x[0]) + x[1] * x[1]; }
static void apart(const jac_real *x, jac_real *y, void *user) { (void)user; y[0] = (jac_real)fabs((double)x[0]); y[1] = x[1]; }
static void edge(const jac_real *x, jac_real *y, void *user) { (void)user; y[0] = (jac_real)sqrt((double)x[0]) + x[1]; }
static void steep(const jac_real *x, jac_real *y, void *user) { (void)user; y[0] = (jac_real)tanh(1000 * (double)x[0]); }
static void bends(const jac_real *x, jac_real *y, void *user) { (void)user; y[0] = (jac_real)(log((double)x[0]) + sin((double)x[1])); }
static void scaled(const jac_real *x, jac_real *y, void *user)
{
    const jac_real *size = (const jac_real *)user;
    y[0] = (jac_real)((double)size[0] * sin(((double)x[0] + 2 * (double)x[1]) / (double)size[1] - 1));
}
static void constant(const jac_real *x, jac_real *y, void *user) { (void)x; (void)user; y[0] = 5; }
static void drowned(const jac_real *x, jac_real *y, void *user) { (void)user; y[0] = 1 + (jac_real)1e-8 * (x[0] + 2 * x[1]); }
static void tiny(const jac_real *x, jac_real *y, void *user)
{
    (void)user;
    y[0] = (jac_real)(IS_FLOAT ? 1e-20 : 1e-200) * (x[0] + 2 * x[1]);
}
static void coarse(const jac_real *x, jac_real *y, void *user)     /* computes in float, whatever jac_real is */
{
    (void)user;
    for (int o = 0; o < 8; o++) y[o] = (jac_real)(float)(2 + sin((double)(float)x[0] + o));
}

/* Sines that lose their last digits to an offset; and x itself, which loses none, if there is room for it. */
typedef struct { jac_real offset; size_t O; } loss;
static void rounded(const jac_real *x, jac_real *y, void *user)
{
    const loss *l = (const loss *)user;
    for (size_t o = 0; o < l->O && o < 2; o++) {
        volatile jac_real sum = l->offset + (jac_real)sin((double)x[0] + (double)o);
        y[o] = sum - l->offset;
    }
    if (l->O == 3) y[2] = x[0];
}

/* tanh that loses as many. */
static void rounded_tanh(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    for (size_t j = 0; j < n; j++) {
        volatile jac_real sum = ((const loss *)user)->offset + (jac_real)tanh((double)z[j]);
        a[j] = sum - ((const loss *)user)->offset;
        da[j] = (jac_real)(1 - tanh((double)z[j]) * tanh((double)z[j]));
    }
}

/* tanh in half of the digits that it has: the smaller it is, the sooner it moves. */
static void halved_tanh(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    for (size_t j = 0; j < n; j++) {
        const double tanh_z = tanh((double)z[j]);
        const volatile jac_real v = (jac_real)tanh_z, split = v * (IS_FLOAT ? 4097 : 134217729), high = split - v;
        a[j] = split - high;
        da[j] = (jac_real)(1 - tanh_z * tanh_z);
    }
}

/* Whatever f or an activation loses, in one output or in all: a correct J does not fail, and a wrong one does not pass. */
static void test_coarse(void)
{
    static subject t;
    const double u = IS_FLOAT ? FLT_EPSILON : DBL_EPSILON, step = cbrt(u);
    for (double lost = u; lost < step / 4; lost *= 8) {         /* beyond, f is a staircase */
        loss l = { (jac_real)(lost / u), 0 };
        const jac_layer layers[] = { JAC_DENSE(4, 6, t.W[0], NULL), JAC_ACTIVATION(rounded_tanh, &l), JAC_DENSE(6, 2, t.W[1], NULL) };
        size_t fails = 0, passes = 0, wrong_passes = 0;
        for (int k = 0; k < CHECK_TRIALS(200); k++) {
            jac_real x[4], J[3];
            x[0] = (jac_real)(draw_uniform() * 1.2);
            for (int o = 0; o < 3; o++) J[o] = o == 2 ? 1 : (jac_real)cos((double)x[0] + o);
            for (l.O = 1; l.O <= 3; l.O++) {
                const jac_check_verdict verdict = judge_function(rounded, &l, 1, l.O, x, J, NULL).verdict;
                fails += verdict == JAC_CHECK_FAIL;
                passes += verdict == JAC_CHECK_PASS;
                J[0] = -J[0];
                wrong_passes += judge_function(rounded, &l, 1, l.O, x, J, NULL).verdict == JAC_CHECK_PASS;
                J[0] = -J[0];
            }
            for (int i = 0; i < 24; i++) t.W[0][i] = (jac_real)(2 * draw_uniform() - 1);
            for (int i = 0; i < 12; i++) t.W[1][i] = (jac_real)(2 * draw_uniform() - 1);
            for (int i = 0; i < 4; i++) x[i] = (jac_real)(2 * draw_uniform() - 1);
            set(&t, 4, 2, layers, 3, x);
            fails += judge(&t, t.J, NULL).verdict == JAC_CHECK_FAIL;
        }
        CHECK_MSG(fails == 0 && wrong_passes == 0, "%g lost: %zu right ones fail, %zu wrong ones pass", lost, fails, wrong_passes);
        CHECK(lost > 4 * u || passes > 0);
    }
    for (size_t end = 3; end <= 4; end++) {
        const jac_layer layers[] = {
            JAC_DENSE(3, 4, t.W[0], NULL), JAC_ACTIVATION(halved_tanh, NULL), JAC_DENSE(4, 2, t.W[1], NULL), JAC_SOFTMAX
        };
        size_t fails = 0;
        for (int k = 0; k < CHECK_TRIALS(1000); k++) {
            jac_real x[3];
            for (int i = 0; i < 12; i++) t.W[0][i] = (jac_real)draw_normal();
            for (int i = 0; i < 8; i++) t.W[1][i] = (jac_real)draw_normal();
            for (int i = 0; i < 3; i++) x[i] = (jac_real)draw_normal();
            set(&t, 3, 2, layers, end, x);
            fails += judge(&t, t.J, NULL).verdict == JAC_CHECK_FAIL;
        }
        CHECK_MSG(fails <= 1 + CHECK_TRIALS(1000) / 250, "%zu layers: %zu right ones fail", end, fails); /* it was one in thirty */
    }
}

static void test_functions(void)
{
    const jac_real x[] = { (jac_real)0.7, (jac_real)-1.3 }, at_0[] = { 0, 1 };
    const jac_real J[] = { (jac_real)1.4, (jac_real)cos(-1.3), (jac_real)(exp(0.7) * -1.3), (jac_real)exp(0.7) };
    jac_real wrong[4], corner_J[] = { 0, 2 }, edge_J[] = { 1, 1 }, beside[] = { (jac_real)(IS_FLOAT ? 1e-3 : 1e-6), 1 };
    jac_check_options options = { 0, 0, 0, 0 };
    jac_check_report r;

    r = judge_function(smooth, NULL, 2, 2, x, J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.error > 0 && r.given == (double)J[r.row * 2 + r.column] &&
          fabs(fabs(r.given - r.measured) / r.scale - r.error) <= CHECK_X87 * DBL_EPSILON);
    for (size_t k = 0; k < 4; k++) {
        memcpy(wrong, J, sizeof J);
        wrong[k] *= (jac_real)1.1;
        EXPECT_FAIL_AT(judge_function(smooth, NULL, 2, 2, x, wrong, NULL), k / 2, k % 2);
    }

    EXPECT(judge_function(corner, NULL, 2, 1, at_0, corner_J, NULL), JAC_CHECK_PASS);   /* |x| at 0: 0 is the mean slope, */
    corner_J[0] = 1;                                                        /* 1 that of one side */
    r = judge_function(corner, NULL, 2, 1, at_0, corner_J, NULL);
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 1 && r.checked == 1);
    corner_J[1] = 1;
    EXPECT_FAIL_AT(judge_function(corner, NULL, 2, 1, at_0, corner_J, NULL), 0, 1);
    corner_J[1] = 2;
    r = judge_function(corner, NULL, 2, 1, beside, corner_J, NULL);           /* |x| nearer to 0 than the step */
    CHECK(r.verdict != JAC_CHECK_FAIL && r.kinks + r.checked == 2);
    if (!IS_FLOAT) CHECK(r.verdict == JAC_CHECK_PASS && r.checked == 2);
    {                                               /* one column on a kink, the other lost: that is more than a kink */
        const jac_real far[] = { 0, (jac_real)HUGE_VAL }, unit[] = { 1, 0, 0, 1 };
        r = judge_function(apart, NULL, 2, 2, far, unit, NULL);
        EXPECT(r, JAC_CHECK_INCONCLUSIVE);
        CHECK(r.kinks == 1 && r.checked == 0);
    }

    r = judge_function(edge, NULL, 2, 1, at_0, edge_J, NULL);               /* the square root has no left side at 0 */
    EXPECT(r, JAC_CHECK_PASS);
    CHECK(r.kinks == 1 && r.checked == 1);
    edge_J[0] = INFINITY;
    r = judge_function(edge, NULL, 2, 1, at_0, edge_J, NULL);               /* nor can it say that infinity is wrong there */
    EXPECT(r, JAC_CHECK_INCONCLUSIVE);
    CHECK(r.kinks == 1 && r.checked == 1);

    wrong[0] = 1000;                                                        /* bends within the step */
    r = judge_function(steep, NULL, 1, 1, at_0, wrong, NULL);
    CHECK(IS_FLOAT ? r.verdict != JAC_CHECK_FAIL : r.verdict == JAC_CHECK_PASS);
    wrong[0] = 900;
    CHECK(judge_function(steep, NULL, 1, 1, at_0, wrong, NULL).verdict != JAC_CHECK_PASS);

    for (int right = 0; right < 2; right++) {                               /* bends within the smallest: no kink to leave it out by */
        const jac_real near_0[] = { (jac_real)(IS_FLOAT ? 1e-5 : 1e-8), (jac_real)0.3 };
        wrong[0] = right ? 1 / near_0[0] : 0;
        wrong[1] = (jac_real)cos(0.3);
        r = judge_function(bends, NULL, 2, 1, near_0, wrong, NULL);
        CHECK(r.verdict != JAC_CHECK_PASS && r.verdict != JAC_CHECK_KINK && (!right || r.verdict != JAC_CHECK_FAIL) && r.kinks == 0);
    }

    wrong[0] = (jac_real)NAN;                                               /* beside nothing that gives a scale */
    r = judge_function(constant, NULL, 1, 1, x, wrong, NULL);
    CHECK(r.verdict == JAC_CHECK_FAIL && r.error > DBL_MAX);
    wrong[0] = 0;
    r = judge_function(constant, NULL, 1, 1, x, wrong, NULL);
    EXPECT(r, JAC_CHECK_INCONCLUSIVE);
    CHECK(r.evaluations <= 2 + 20 + 40);
    wrong[0] = 1;
    EXPECT_FAIL_AT(judge_function(constant, NULL, 1, 1, x, wrong, NULL), 0, 0);

    wrong[0] = (jac_real)1e-8;                                              /* lost beside 1 */
    wrong[1] = 2 * wrong[0];
    options.columns = 1;
    r = judge_function(drowned, NULL, 2, 1, x, wrong, &options);
    CHECK(r.verdict == JAC_CHECK_INCONCLUSIVE && r.direction == JAC_CHECK_INCONCLUSIVE);
    options.columns = 0;

    wrong[0] = (jac_real)(IS_FLOAT ? 1e-20 : 1e-200);                       /* nothing is absolute */
    wrong[1] = 2 * wrong[0];
    EXPECT(judge_function(tiny, NULL, 2, 1, x, wrong, NULL), JAC_CHECK_PASS);
    wrong[1] = -wrong[1];
    r = judge_function(tiny, NULL, 2, 1, x, wrong, NULL);
    EXPECT_FAIL_AT(r, 0, 1);
    CHECK(fabs(r.error - 2) < 0.01);

    options.step = 1e-3;
    for (double size = 1e-8; size <= 1e8; size *= 1e8) {                    /* of f, and of x */
        jac_real sizes[2], at[2], slope[2];
        sizes[0] = (jac_real)size;
        for (sizes[1] = 1; sizes[1] < (jac_real)1e10; sizes[1] *= (jac_real)1e9) {
            for (int i = 0; i < 2; i++) at[i] = (jac_real)(0.5 + 0.25 * i) * sizes[1];
            for (int i = 0; i < 2; i++) slope[i] = (jac_real)((double)sizes[0] / (double)sizes[1] * cos(0.5 + 0.5));
            slope[1] *= 2;
            r = judge_function(scaled, sizes, 2, 1, at, slope, &options);
            EXPECT(r, JAC_CHECK_PASS);
            CHECK(r.checked == 2 && r.error < (IS_FLOAT ? 1e-3 : 1e-6));
        }
    }

    options.step = options.tolerance = 5e-3;
    for (int k = 0; k < CHECK_TRIALS(400); k++) {
        jac_real at[1], coarse_J[8];
        at[0] = (jac_real)draw_uniform();
        for (int o = 0; o < 8; o++) coarse_J[o] = (jac_real)cos((double)at[0] + o);
        CHECK(judge_function(coarse, NULL, 1, 8, at, coarse_J, NULL).verdict != JAC_CHECK_FAIL);
        EXPECT(judge_function(coarse, NULL, 1, 8, at, coarse_J, &options), JAC_CHECK_PASS);
    }
}

static void test_user_activation(void)
{
    static subject t;
    static const jac_real W[] = { 1, -2, (jac_real)0.5, 3 }, x[] = { (jac_real)0.5, (jac_real)0.25 };
    jac_real slope = 1;
    size_t calls, evaluations;
    const jac_layer layers[] = { JAC_DENSE(2, 2, W, NULL), JAC_ACTIVATION(cubic, &slope), JAC_DENSE_T(2, 2, W, NULL), JAC_SOFTMAX };
    const jac_layer counted[] = { JAC_DENSE(2, 2, W, NULL), JAC_ACTIVATION(less_one, &calls) };
    set(&t, 2, 2, layers, 4, x);
    EXPECT(judge(&t, t.J, NULL), JAC_CHECK_PASS);
    slope = (jac_real)1.5;                      /* a wrong derivative written by the user is found */
    ready(&t);
    CHECK(judge(&t, t.J, NULL).verdict == JAC_CHECK_FAIL);
    set(&t, 2, 2, counted, 2, x);               /* each evaluation calls it once */
    calls = 0;
    evaluations = judge(&t, t.J, NULL).evaluations;
    CHECK(evaluations == calls);
}

/* ---- options ---- */

enum { LINEAR_N = 20, LINEAR_O = 3 };
typedef struct { size_t calls, moved[LINEAR_N]; double farthest; jac_real aside, x[LINEAR_N], J[LINEAR_N * LINEAR_O]; } record;

/* y = J x, and takes note of which columns are moved alone by the step, and how far x is moved, each x_i in units of max(1, |x_i|); and
 * of x_0 where all were moved last. */
static void linear(const jac_real *x, jac_real *y, void *user)
{
    record *r = (record *)user;
    size_t different = 0, which = 0;
    r->calls++;
    double far = 0;
    for (size_t i = 0; i < LINEAR_N; i++) {
        const double size = fabs((double)r->x[i]), by = ((double)x[i] - (double)r->x[i]) / (size > 1 ? size : 1);
        far += by * by;
        if (x[i] != r->x[i]) { different++; which = i; }
    }
    if (sqrt(far) > r->farthest) r->farthest = sqrt(far);
    if (different == 1) r->moved[which]++;
    if (different == LINEAR_N) r->aside = x[0];
    for (size_t o = 0; o < LINEAR_O; o++) {
        double sum = 0;
        for (size_t i = 0; i < LINEAR_N; i++) sum += (double)r->J[o * LINEAR_N + i] * (double)x[i];
        y[o] = (jac_real)sum;
    }
}

static void test_columns(void)
{
    static record r;
    size_t chosen[LINEAR_N] = { 0 }, first[LINEAR_N];
    int differ = 0, turned = 0;
    jac_real aside = 0;
    jac_check_options options = { 5, 0, 0, 0 };
    jac_check_report report;
    for (size_t i = 0; i < LINEAR_N; i++) r.x[i] = (jac_real)draw_normal();
    for (size_t k = 0; k < LINEAR_N * LINEAR_O; k++) r.J[k] = (jac_real)(draw_uniform() + 0.5);
    for (unsigned long seed = 0; seed < 40; seed++) {
        for (int again = 0; again < 2; again++) {
            size_t columns = 0;
            r.calls = 0;
            memset(r.moved, 0, sizeof r.moved);
            options.seed = seed;
            report = judge_function(linear, &r, LINEAR_N, LINEAR_O, r.x, r.J, &options);
            EXPECT(report, JAC_CHECK_PASS);
            CHECK(report.checked == 5 && report.direction == JAC_CHECK_PASS && report.evaluations == r.calls);
            for (size_t i = 0; i < LINEAR_N; i++) columns += r.moved[i] > 0;
            CHECK(columns == 5);
            if (again) CHECK(memcmp(first, r.moved, sizeof first) == 0 && r.aside == aside);    /* the same seed: columns, direction */
            else if (seed > 0) {
                differ |= memcmp(first, r.moved, sizeof first) != 0;
                turned |= r.aside != aside;
            }
            memcpy(first, r.moved, sizeof first);
            aside = r.aside;
        }
        for (size_t i = 0; i < LINEAR_N; i++) chosen[i] += r.moved[i] > 0;
    }
    CHECK(differ && turned);
    CHECK(fabs(r.farthest / cbrt(IS_FLOAT ? FLT_EPSILON : DBL_EPSILON) - 1) < 0.01);
    for (size_t i = 0; i < LINEAR_N; i++) CHECK_MSG(chosen[i] > 2 && chosen[i] < 25, "column %zu: %zu of 40", i, chosen[i]);

    options.columns = LINEAR_N + 30;                                        /* more than there are: all */
    report = judge_function(linear, &r, LINEAR_N, LINEAR_O, r.x, r.J, &options);
    CHECK(report.verdict == JAC_CHECK_PASS && report.checked == LINEAR_N && report.direction == JAC_CHECK_NONE);

    options.columns = 1;                                                    /* J v sees an entry in a column nobody asked for */
    for (size_t k = 0; k < LINEAR_N * LINEAR_O; k++) {
        jac_real J[LINEAR_N * LINEAR_O];
        memcpy(J, r.J, sizeof J);
        J[k] = k % 2 ? 0 : (jac_real)NAN;
        options.seed = (unsigned long)k;
        report = judge_function(linear, &r, LINEAR_N, LINEAR_O, r.x, J, &options);
        EXPECT_FAIL_AT(report, k / LINEAR_N, k % LINEAR_N);
        CHECK(report.direction == JAC_CHECK_FAIL && report.checked == LINEAR_N);
    }

    options.step = 0;
    for (size_t k = 0; k < LINEAR_O; k++) {                                 /* ... also when it hides another: v is random */
        jac_real J[LINEAR_N * LINEAR_O];
        memcpy(J, r.J, sizeof J);
        J[k * LINEAR_N + 3] += 1;
        J[k * LINEAR_N + 4] -= 1;
        CHECK(judge_function(linear, &r, LINEAR_N, LINEAR_O, r.x, J, &options).direction == JAC_CHECK_FAIL);
    }

    for (size_t i = 0; i < LINEAR_N; i++) r.x[i] += r.x[i] < 0 ? -1 : 1;    /* steps that vanish: in the rounding of x, and at all */
    for (int k = 0; k < 2; k++) {
        options.step = k ? 5e-324 : 1e-40;
        report = judge_function(linear, &r, LINEAR_N, LINEAR_O, r.x, r.J, &options);
        CHECK(report.verdict == JAC_CHECK_INCONCLUSIVE && report.direction == JAC_CHECK_INCONCLUSIVE && report.checked == 0 &&
              report.scale > 0);
    }
}

static void test_bad_options(void)
{
    static record r;
    static unsigned char memory[8192];
    static subject t;
    const double bad[] = { -1, -1e-300, NAN, INFINITY, -INFINITY };
    jac_check_options options = { 0, 0, 0, 0 };
    jac_check_report report, untouched;
    draw(&t, HE, 1, 0, 0, END_SOFTMAX);
    ready(&t);
    memset(&report, 0x5a, sizeof report);
    memcpy(&untouched, &report, sizeof report);
    for (size_t k = 0; k < 2 * COUNT(bad); k++) {
        options.step = k % 2 ? bad[k / 2] : 0;
        options.tolerance = k % 2 ? 0 : bad[k / 2];
        CHECK(jac_check(&t.net, t.x, t.J, &options, &report) == JAC_ERROR_OPTION);
        CHECK(jac_check_function(linear, &r, LINEAR_N, LINEAR_O, r.x, r.J, &options, &report, memory, sizeof memory) == JAC_ERROR_OPTION);
        CHECK(memcmp(&untouched, &report, sizeof report) == 0);
    }
    options.tolerance = 0;
    options.step = 1e-30;                       /* lost in x: nothing moves */
    for (size_t i = 0; i < t.N; i++) t.x[i] = 1 + t.x[i] * t.x[i];
    ready(&t);
    report = judge(&t, t.J, &options);
    EXPECT(report, JAC_CHECK_INCONCLUSIVE);
    CHECK(report.checked == 0);
    options.step = 1e-4;
    options.tolerance = 1e-2;
    EXPECT(judge(&t, t.J, &options), JAC_CHECK_PASS);
    memset(t.J, 0, sizeof t.J);                 /* 1 is the error of a J that is all zero */
    for (options.tolerance = 0.5; options.tolerance < 1e300; options.tolerance = options.tolerance < 1 ? 1 : options.tolerance * 1e150) {
        const jac_check_verdict expected = options.tolerance < 1 ? JAC_CHECK_FAIL : JAC_CHECK_INCONCLUSIVE;
        options.columns = 1;
        report = judge(&t, t.J, &options);
        CHECK(report.verdict == expected && report.direction == expected);
        options.columns = 0;
        CHECK(judge(&t, t.J, &options).verdict == expected);
    }
    options.tolerance = DBL_MAX;
    t.J[0] = (jac_real)NAN;
    EXPECT_FAIL_AT(judge(&t, t.J, &options), 0, 0);
}

int main(void)
{
    draw_seed(1);
    test_false_alarms();
    test_whole_numbers();
    for (int kind = HE; kind < FAMILIES; kind++) test_planted_faults((family)kind);
    test_report();
    test_forward_point_stays();
    test_deep();
    test_activation_apart();
    test_kinks();
    test_layers();
    test_cancelled();
    test_large_bias();
    test_equal_classes();
    test_wide();
    test_unequal_inputs();
    test_saturated();
    test_not_finite();
    test_coarse();
    test_functions();
    test_user_activation();
    test_columns();
    test_bad_options();
    return check_report();
}
