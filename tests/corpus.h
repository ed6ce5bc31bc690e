/* corpus.h - the library held against the exact values of references_*.h: activations, softmax, whole Jacobians. Every function
 * returns the worst error found, so that one test can print it and another can ask for it under each rounding mode.
 * SPDX-License-Identifier: MIT */
#ifndef CORPUS_H
#define CORPUS_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "check.h"
#include "sets.h"
#include "references_activations.h"
#include "references_softmax.h"
#include "references_nets.h"

#ifdef JAC_FLOAT
enum { DIGITS = FLT_MANT_DIG, LEAST = FLT_MIN_EXP - FLT_MANT_DIG, NUMBER_BITS = 20 };
#else
enum { DIGITS = DBL_MANT_DIG, LEAST = DBL_MIN_EXP - DBL_MANT_DIG, NUMBER_BITS = 49 };
#endif
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define U ldexp(1, -DIGITS)                                             /* the unit roundoff u */

static int is_dense(const jac_layer *layer) { return layer->kind == JAC_KIND_DENSE || layer->kind == JAC_KIND_DENSE_T; }
static int is_softmax(const jac_layer *layer) { return layer->kind == JAC_KIND_SOFTMAX || layer->kind == JAC_KIND_LOG_SOFTMAX; }

static double larger(double v, double w) { return v >= w || v != v ? v : w; }     /* NaN is the largest: nothing hides behind it */

/* One unit in the last place of v, not below the smallest denormal. */
static double ulp(double v)
{
    int e;
    frexp(v, &e);
    return ldexp(1, v == 0 || e - DIGITS < LEAST ? LEAST : e - DIGITS);
}

/* Knuth's MMIX generator, as in make_references.py: m 2^-e times a number in [-1, 1), exact in jac_real for m < 16. */
static uint64_t lcg;
static jac_real number(int m, int e)
{
    lcg = lcg * 6364136223846793005u + 1442695040888963407u;
    return (jac_real)ldexp((double)(((int64_t)(lcg >> (63 - NUMBER_BITS)) - ((int64_t)1 << NUMBER_BITS)) * m), -NUMBER_BITS - e);
}

static void *get(size_t bytes)
{
    void *p = calloc(1, bytes > 0 ? bytes : 1);
    if (p == NULL) exit(1);
    return p;
}

/* The set that nets take: the s-th, or, when there is no such, what jac_net_init takes. */
static const kernel_set *wanted;
static int want_set(size_t s)
{
    const kernel_set *sets[4];
    const int is_one = s < kernel_sets(sets);
    wanted = is_one ? sets[s] : NULL;
    return is_one;
}

static jac_net start(size_t N, const jac_layer *layers, size_t n_layers)
{
    jac_net net;
    const size_t size = jac_net_size(N, layers, n_layers);
    CHECK(jac_net_init(&net, N, layers, n_layers, get(size), size) == JAC_OK);
    if (wanted != NULL) net.kernels = wanted;
    return net;
}

/* The arithmetic the library is to run in, while the comparison stays in round to nearest: NULL, or entered and left. */
static void (*arithmetic)(int enter);
#define RUN(call) (arithmetic ? arithmetic(1) : (void)0, call, arithmetic ? arithmetic(0) : (void)0)

/* ---------------------------------------------------------------------------------------------------------- activations */

static const jac_layer activation_layers[] = {
    JAC_LEAKY_RELU(0.25), JAC_ELU(1.5), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU, JAC_GELU
};
static const struct { const char *name; const reference_point *points; size_t n; } activations[] = {
#define ROW(name) { #name, reference_##name, COUNT(reference_##name) }
    ROW(leaky_relu), ROW(elu), ROW(tanh), ROW(sigmoid), ROW(softplus), ROW(silu), ROW(gelu)
#undef ROW
};

/* a = act(z), d = act'(z) through the public face: the net is this one layer, d is a row of ones pulled back. */
static void activate(const jac_layer *layer, size_t n, const jac_real *z, jac_real *a, jac_real *d)
{
    jac_net net = start(n, layer, 1);
    jac_real *ones = (jac_real *)get(n * sizeof(jac_real));
    for (size_t j = 0; j < n; j++) ones[j] = 1;
    RUN(jac_forward(&net, z, a));
    RUN(jac_vjp(&net, 1, ones, d));
    free(ones);
    free(net.memory);
}

/* Errors in units in the last place of the exact value, the worst so far. Where denormals are flushed to zero 4 of the smallest
 * normal numbers do not count, and nothing does at a z that is itself flushed. */
typedef struct { double value, derivative, z_value, z_derivative; } ulp_errors;
static double beyond(double error, double flushed) { return error <= 4 * flushed ? 0 : error - 4 * flushed; }
static void compare(ulp_errors *worst, double z, double a, double a_exact, double d, double d_exact, double flushed)
{
    const double value = beyond(fabs(a - a_exact), flushed) / ulp(a_exact), derivative = beyond(fabs(d - d_exact), flushed) / ulp(d_exact);
    if (fabs(z) < flushed) return;
    if (!(value <= worst->value)) { worst->value = value; worst->z_value = z; }
    if (!(derivative <= worst->derivative)) { worst->derivative = derivative; worst->z_derivative = z; }
}

/* In every set. */
static ulp_errors activation_errors(size_t k, double flushed)
{
    const size_t n = activations[k].n;
    jac_real *z = (jac_real *)get(3 * n * sizeof(jac_real)), *a = z + n, *d = a + n;
    ulp_errors worst = { 0, 0, 0, 0 };
    for (size_t j = 0; j < n; j++) z[j] = (jac_real)activations[k].points[j].z;
    for (size_t s = 0; want_set(s); s++) {
        activate(&activation_layers[k], n, z, a, d);
        for (size_t j = 0; j < n; j++)
            compare(&worst, (double)z[j], (double)a[j], activations[k].points[j].a, (double)d[j], activations[k].points[j].d, flushed);
    }
    free(z);
    return worst;
}

/* -------------------------------------------------------------------------------------------------------------- softmax */

enum { WIDEST_SOFTMAX = CHECK_TRIALS(2000) };                           /* all there are; where time is dear, up to 100 */

static size_t softmax_logits(const reference_logits *c, jac_real *z)
{
    size_t m = 0;
    lcg = c->seed;
    for (size_t o = 0; o < c->n; o++) z[o] = number(c->m, c->e);
    if (c->gap >= 0) {
        double most = -HUGE_VAL;
        for (size_t o = 0; o < c->n; o++) if (o != c->top && (double)z[o] > most) most = (double)z[o];
        z[c->top] = (jac_real)(c->gap == 0 ? most : floor(most * 1024) / 1024 + c->gap / 16.0);
    }
    for (size_t o = 1; o < c->n; o++) if (z[o] > z[m]) m = o;
    return m;
}

/* |v - (hi + lo)| in units of u |hi|, beyond an absolute error of `least`. */
static double off(double v, double hi, double lo, double least)
{
    const double error = fabs((v - hi) - lo) - least;
    return error > 0 ? error / (U * fabs(hi)) : error == error ? 0 : error;
}

/* Softmax of given logits: s, each entry of S; log softmax: y, each entry of its Jacobian. Worst relative errors in u, in any set. */
typedef struct { double s, S, y, L; } softmax_worst;
static softmax_worst softmax_errors(size_t k, double least)
{
    const reference_logits *c = &reference_softmax[k];
    const size_t n = c->n, kept = (n + c->step - 1) / c->step;
    const reference_pair *s = reference_s;
    const jac_layer layers[] = { JAC_SOFTMAX, JAC_LOG_SOFTMAX };
    softmax_worst worst = { 0, 0, 0, 0 };
    jac_real *z = (jac_real *)get(2 * n * sizeof(jac_real)), *y = z + n, *J = (jac_real *)get(n * n * sizeof(jac_real));
    size_t m;
    for (size_t before = 0; before < k; before++)
        s += (reference_softmax[before].n + reference_softmax[before].step - 1) / reference_softmax[before].step + 3;
    m = softmax_logits(c, z);
    for (size_t way = 0; want_set(way / 2); way++) {
        const size_t log = way % 2;
        jac_net net = start(n, &layers[log], 1);
        RUN(jac_forward_backward(&net, z, y, J));
        for (size_t i = 0; i <= kept; i++) {
            const size_t o = i == kept ? m : i * c->step;
            if (log) {
                const double zo = (double)z[o], zm = (double)z[m], g = zo - zm, back = g + zm, t = (zo - back) - (zm - (back - g));
                const double high = s[kept + 2].hi;
                worst.y = larger(worst.y, off((double)y[o], g - high, ((g - (g - high)) - high) + t - (double)s[kept + 2].lo, least));
            } else worst.s = larger(worst.s, off((double)y[o], s[i].hi, (double)s[i].lo, least));
            for (size_t j = 0; j <= kept; j++) {
                const size_t p = j == kept ? m : j * c->step;
                const double got = (double)J[o * n + p];
                double rest = o == m ? s[kept + 1].hi : 1 - s[i].hi,
                       rest_lo = o == m ? (double)s[kept + 1].lo : ((1 - rest) - s[i].hi) - (double)s[i].lo;
                double *entry = log ? &worst.L : &worst.S, hi, lo;
                if (o == p && log) { hi = rest; lo = rest_lo; }
                else if (log) { hi = -s[j].hi; lo = -(double)s[j].lo; }
                else {
                    if (o != p) { rest = -s[j].hi; rest_lo = -(double)s[j].lo; }
                    hi = s[i].hi * rest;
                    lo = fma(s[i].hi, rest, -hi) + s[i].hi * rest_lo + (double)s[i].lo * rest;
                }
                *entry = larger(*entry, off(got, hi, lo, least));
            }
        }
        free(net.memory);
    }
    free(z);
    free(J);
    return worst;
}

/* ----------------------------------------------------------------------------------------------------------------- nets */

enum { MOST_LAYERS = 72, MOST_WIDE = 320 };

typedef struct { jac_layer layers[MOST_LAYERS]; size_t n_layers, N, O; jac_real *x, *weights; } corpus_net;

static corpus_net build(const reference_net *r)
{
    static const char letters[] = "RLETGPIUSO";
    static const jac_layer layers[] = { JAC_RELU, JAC_LEAKY_RELU(0.25), JAC_ELU(1.5), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU,
                                        JAC_GELU, JAC_SOFTMAX, JAC_LOG_SOFTMAX };
    corpus_net c;
    int positive[MOST_LAYERS] = { 0 };
    char *p;
    jac_real *w;
    size_t n = c.N = strtoul(r->layers, &p, 10), total = 0;
    c.n_layers = 0;
    for (; *p; c.n_layers++) {
        const char letter = *++p;
        const size_t to = strtoul(++p, &p, 10);
        if (strchr("DdBbAa", letter)) {
            jac_layer dense = JAC_DENSE(0, 0, NULL, NULL);
            dense.kind = letter < 'a' ? JAC_KIND_DENSE : JAC_KIND_DENSE_T;
            dense.in = n;
            dense.out = n = to;
            dense.alpha = letter != 'B' && letter != 'b';                        /* has a bias */
            positive[c.n_layers] = letter == 'A' || letter == 'a';
            total += (dense.in + 1) * dense.out;
            c.layers[c.n_layers] = dense;
        } else c.layers[c.n_layers] = layers[strchr(letters, letter) - letters];
    }
    c.O = n;
    c.x = (jac_real *)get((c.N + total) * sizeof(jac_real));
    c.weights = w = c.x + c.N;
    lcg = r->seed;
    for (size_t i = 0; i < c.N; i++) c.x[i] = number(r->mx, r->ex);
    for (size_t l = 0; l < c.n_layers; l++) {
        jac_layer *layer = &c.layers[l];
        if (layer->in == 0) continue;
        layer->W = w;
        for (size_t i = 0; i < layer->in * layer->out; i++, w++) {
            *w = number(r->m, r->e);
            if (positive[l] && *w < 0) *w = -*w;
        }
        if (layer->alpha == 0) continue;
        layer->b = w;
        for (size_t o = 0; o < layer->out; o++) *w++ = number(r->m, r->e);
    }
    return c;
}

static double weight(const jac_layer *layer, size_t o, size_t i)
{
    return (double)layer->W[layer->kind == JAC_KIND_DENSE ? o * layer->in + i : i * layer->out + o];
}

/* What first-order error analysis allows J: |error| <= K (u C + least F), entry by entry.
 *     C = |S| |W_L| D_(L-1) |W_(L-1)| ... |W_1|
 *     K = sum of widths + 10 + for a softmax 4 max e + 2 max (z_m - z) + 3 n, for a smooth activation 8 + max e
 *     e_l = |W_l| e_(l-1) + n_l (|W_l| |a| + |b|), the running bound of what z is off by, in u
 * D is |d|, for a smooth activation max(|d|, |d'|), as d moves by d' e u. F is what a unit error in every
 * layer amounts to: the share of underflow. `nearest` is the least |z| / (e u) over the units with a kink: above 1 the
 * bound holds. A few digits of d, d' and S are enough here. */
typedef struct { double *C, *F, K, nearest; } corpus_bound;

static corpus_bound bound(const corpus_net *c)
{
    static double D[MOST_LAYERS][MOST_WIDE], z[MOST_WIDE], e[MOST_WIDE], a[MOST_WIDE], ea[MOST_WIDE], g[MOST_WIDE], h[MOST_WIDE];
    corpus_bound k = { NULL, NULL, 10, HUGE_VAL };
    size_t n = c->N;
    for (size_t i = 0; i < n; i++) { a[i] = (double)c->x[i]; ea[i] = 0; }
    for (size_t l = 0; l < c->n_layers; l++) {
        const jac_layer *layer = &c->layers[l];
        double most = 0, top = -HUGE_VAL, bottom = HUGE_VAL, sum = 0, mean = 0;
        memcpy(z, a, sizeof z);
        memcpy(e, ea, sizeof e);
        for (size_t j = 0; j < n; j++) { most = larger(most, e[j]); top = larger(top, z[j]); bottom = z[j] < bottom ? z[j] : bottom; }
        if (is_dense(layer)) {
            k.K += (double)(l == 0 ? layer->in + layer->out : layer->out);
            for (size_t o = 0; o < layer->out; o++) {
                double size = layer->b ? fabs((double)layer->b[o]) : 0;
                a[o] = layer->b ? (double)layer->b[o] : 0;
                ea[o] = 0;
                for (size_t i = 0; i < n; i++) {
                    const double w = weight(layer, o, i);
                    a[o] += w * z[i];
                    size += fabs(w * z[i]);
                    ea[o] += fabs(w) * e[i];
                }
                ea[o] += (double)(n + 1) * size;
            }
            n = layer->out;
        } else if (is_softmax(layer)) {
            k.K += 4 * most + 2 * (top - bottom) + 3 * (double)n;
            for (size_t j = 0; j < n; j++) sum += exp(z[j] - top);
            for (size_t j = 0; j < n; j++) { D[l][j] = exp(z[j] - top) / sum; mean += D[l][j] * e[j]; }
            for (size_t j = 0; j < n; j++) {
                a[j] = layer->kind == JAC_KIND_SOFTMAX ? D[l][j] : (z[j] - top) - log(sum);
                ea[j] = (layer->kind == JAC_KIND_SOFTMAX ? D[l][j] : 1) * (e[j] + mean) + (double)(n + 8) * fabs(a[j]);
            }
        } else {
            const int smooth = layer->kind != JAC_KIND_RELU && layer->kind != JAC_KIND_LEAKY_RELU;
            const int kink = layer->kind == JAC_KIND_RELU || ((!smooth || layer->kind == JAC_KIND_ELU) && layer->alpha != 1);
            if (smooth) k.K += 8 + most;
            for (size_t j = 0; j < n; j++) {
                const double v = z[j], alpha = (double)layer->alpha, s = 1 / (1 + exp(-v)), f = 0.3989422804014327 * exp(-v * v / 2);
                double d, dd = 0;
                if (kink && e[j] > 0) k.nearest = fabs(v) / (U * e[j]) < k.nearest ? fabs(v) / (U * e[j]) : k.nearest;
                switch (layer->kind) {
                case JAC_KIND_RELU:       a[j] = v > 0 ? v : 0; d = v > 0; break;
                case JAC_KIND_LEAKY_RELU: a[j] = v > 0 ? v : alpha * v; d = v > 0 ? 1 : alpha; break;
                case JAC_KIND_ELU:        a[j] = v > 0 ? v : alpha * expm1(v); d = v > 0 ? 1 : alpha * exp(v); dd = v > 0 ? 0 : d; break;
                case JAC_KIND_TANH:       a[j] = tanh(v); d = 1 / cosh(v) / cosh(v); dd = -2 * a[j] * d; break;
                case JAC_KIND_SIGMOID:    a[j] = s; d = s * (1 - s); dd = d * (1 - 2 * s); break;
                case JAC_KIND_SOFTPLUS:   a[j] = (v > 0 ? v : 0) + log1p(exp(-fabs(v))); d = s; dd = s * (1 - s); break;
                case JAC_KIND_SILU:       a[j] = v * s; d = s * (1 + v * (1 - s)); dd = s * (1 - s) * (2 + v * (1 - 2 * s)); break;
                default:                  a[j] = v * 0.5 * erfc(-v / sqrt(2)); d = 0.5 * erfc(-v / sqrt(2)) + v * f;
                                          dd = (2 - v * v) * f; break;
                }
                D[l][j] = larger(fabs(d), fabs(dd));
                ea[j] = D[l][j] * e[j] + (smooth ? 8 : 1) * fabs(a[j]);
            }
        }
    }
    k.C = (double *)get((c->O + 1) * c->N * sizeof(double));
    k.F = k.C + c->O * c->N;
    for (size_t r = 0; r <= c->O; r++) {                                /* the last row is F */
        for (size_t j = 0; j < c->O; j++) g[j] = r == c->O || j == r;
        n = c->O;
        for (size_t l = c->n_layers; l-- > 0; ) {
            const jac_layer *layer = &c->layers[l];
            if (is_dense(layer)) {
                for (size_t i = 0; i < layer->in; i++) {
                    h[i] = 0;
                    for (size_t o = 0; o < n; o++) h[i] += g[o] * fabs(weight(layer, o, i));
                }
                n = layer->in;
            } else if (is_softmax(layer)) {                    /* |S_oj| = s_o s_j, |S_oo| = s_o sum_{k != o} s_k */
                if (layer->kind == JAC_KIND_SOFTMAX) for (size_t o = 0; o < n; o++) g[o] *= D[l][o];
                for (size_t j = 0; j < n; j++) {
                    h[j] = 0;
                    for (size_t o = 0; o < n; o++) if (o != j) h[j] += g[o] * D[l][j] + g[j] * D[l][o];
                }
            } else for (size_t j = 0; j < n; j++) h[j] = g[j] * D[l][j];
            for (size_t j = 0; j < n; j++) g[j] = h[j] + (r == c->O);
        }
        memcpy(k.C + r * c->N, g, c->N * sizeof(double));
    }
    return k;
}

/* The ways to a whole J. */
enum { SINGLE, BATCH, VJP, JVP, ROUTES };
static void route(int way, jac_net *net, const jac_real *x, jac_real *J)
{
    const size_t N = net->n_in, O = net->n_out, n = N > O ? N : O;
    jac_real *y = (jac_real *)get(3 * O * sizeof(jac_real)), *X = (jac_real *)get(3 * N * sizeof(jac_real));
    jac_real *all = (jac_real *)get(3 * O * N * sizeof(jac_real)), *I = (jac_real *)get(n * n * sizeof(jac_real));
    for (size_t k = 0; k < n; k++) I[k * (way == VJP ? O : N) + k * (k < (way == VJP ? O : N))] = 1;
    switch (way) {
    case SINGLE: CHECK(jac_forward_backward(net, x, y, J) == JAC_OK); break;
    case BATCH:                                                         /* in the middle, between two other points */
        for (size_t i = 0; i < N; i++) { X[i] = -x[i]; X[N + i] = x[i]; X[2 * N + i] = 2 * x[i]; }
        CHECK(jac_forward_backward_batch(net, 3, X, y, all) == JAC_OK);
        memcpy(J, all + O * N, O * N * sizeof(jac_real));
        break;
    case VJP: CHECK(jac_forward(net, x, y) == JAC_OK && jac_vjp(net, O, I, J) == JAC_OK); break;
    default:
        CHECK(jac_forward(net, x, y) == JAC_OK && jac_jvp(net, N, I, all) == JAC_OK);
        for (size_t i = 0; i < N; i++) for (size_t o = 0; o < O; o++) J[o * N + i] = all[i * O + o];
    }
    free(y);
    free(X);
    free(all);
    free(I);
}

/* The worst |error| over its bound, entry by entry. */
static double worst_ratio(const corpus_net *c, const corpus_bound *k, const double *exact, const jac_real *J, double least)
{
    double worst = 0;
    for (size_t o = 0; o < c->O; o++) {
        for (size_t i = 0; i < c->N; i++) {
            const double error = fabs((double)J[o * c->N + i] - exact[o * c->N + i]);
            worst = larger(worst, error == 0 ? 0 : error / (k->K * (U * k->C[o * c->N + i] + least * k->F[i])));
        }
    }
    return worst;
}

/* Would `allowed` let anything pass? A J of zeros must be beyond it; where J is nothing but zeros, to within `least`, a J of ones. */
static int zeros_are_right(const corpus_net *c, const corpus_bound *k, const double *exact, double least, double allowed)
{
    const size_t n = c->O * c->N;
    jac_real *J = (jac_real *)get(n * sizeof(jac_real));
    double most = 0, found;
    int right;
    for (size_t i = 0; i < n; i++) most = larger(most, fabs(exact[i]));
    right = most < least;
    for (size_t i = 0; right && i < n; i++) J[i] = 1;
    found = worst_ratio(c, k, exact, J, least);
    CHECK_MSG(found > allowed, "a J of %s in place of one of %g would pass: ratio %g", right ? "ones" : "zeros", most, found);
    free(J);
    return right;
}

/* Every net of the corpus: ratio[k] is its worst over all ways to J with the kernels `set`, of which `allowed` will be allowed.
 * How many have a J of zeros. */
static size_t net_ratios(const kernel_set *set, double least, double allowed, double *ratio)
{
    const double *exact = reference_J;
    size_t zeros = 0;
    for (size_t k = 0; k < COUNT(reference_nets); k++) {
        const corpus_net c = build(&reference_nets[k]);
        const corpus_bound b = bound(&c);
        jac_net net = start(c.N, c.layers, c.n_layers);
        jac_real *J = (jac_real *)get(c.O * c.N * sizeof(jac_real));
        net.kernels = set;
        ratio[k] = 0;
        zeros += (size_t)zeros_are_right(&c, &b, exact, least, allowed);
        for (int way = 0; way < ROUTES; way++) {
            RUN(route(way, &net, c.x, J));
            ratio[k] = larger(ratio[k], worst_ratio(&c, &b, exact, J, least));
        }
        exact += c.O * c.N;
        free(c.x);
        free(b.C);
        free(net.memory);
        free(J);
    }
    CHECK_MSG(20 * zeros <= COUNT(reference_nets), "%u nets have a J of zeros", (unsigned)zeros);
    return zeros;
}

#endif
