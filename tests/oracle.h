/* oracle.h - an independent Jacobian to test against: the same layers in long double, by plain loops, in forward mode,
 * one column at a time; and beside each number how far rounding in jac_real may take another program from it.
 * SPDX-License-Identifier: MIT
 *
 * Include it after jacobian.h. A value v comes with a bound e that any careful program keeps, in whatever order it
 * multiplies: to first order, the layers' Jacobians being A_1 .. A_L,
 *     c = |A_L| ... |A_1|                          the size of the products that make up an entry of J
 *     e = sum_l |A_L| ... E_l ... |A_1|            E_l = error of A_l + rounding of one product by it
 * A sum of n products is taken to be off by at most 6 u sum |a||b|, which the header promises (4 u) up to n = 4096 and one
 * more addition. Softmax, log-softmax and the functions of one number may be off by a few u, and move with the error of
 * their argument: what an undecided ReLU can do is in the bound. */
#ifndef ORACLE_H
#define ORACLE_H

#include <float.h>
#include <math.h>
#include <string.h>

typedef long double oracle_real;

#ifndef ORACLE_WIDTH
#define ORACLE_WIDTH 80                     /* no layer may be wider */
#endif
enum { ORACLE_DEPTH = 24, ORACLE_ENTRIES = 80 * 80 };       /* no net deeper, no J larger */

typedef struct {
    const jac_layer *layers;
    size_t n_layers, N, O;
    oracle_real u, own, tiny;               /* unit roundoff of jac_real and of the oracle; the least positive jac_real */
    oracle_real y[ORACLE_WIDTH], ey[ORACLE_WIDTH];
    oracle_real J[ORACLE_ENTRIES], eJ[ORACLE_ENTRIES];
    oracle_real d[ORACLE_DEPTH][ORACLE_WIDTH];      /* act'(z), or s of a softmax */
    oracle_real ed[ORACLE_DEPTH][ORACLE_WIDTH];     /* its bound; of a softmax a relative one, in ed[l][0] */
} oracle;

typedef struct {
    double y, J;                            /* worst error / bound; a failure above 1, infinite for NaN */
    double loose;                           /* worst bound / size of its row of J: what faults the bound cannot see */
    size_t row, column;                     /* of J's */
} oracle_verdict;

static int oracle_is_dense(const jac_layer *layer) { return layer->kind == JAC_KIND_DENSE || layer->kind == JAC_KIND_DENSE_T; }

static oracle_real oracle_weight(const jac_layer *layer, size_t o, size_t i)
{
    return layer->kind == JAC_KIND_DENSE ? layer->W[o * layer->in + i] : layer->W[i * layer->out + o];
}

static oracle_real oracle_sigmoid(oracle_real z) { return 1 / (1 + expl(-z)); }

/* a = act(z), d = act'(z), and the sum of the sizes of d's terms. */
static void oracle_elementwise(const jac_layer *layer, oracle_real z, oracle_real *a, oracle_real *d, oracle_real *size)
{
    const oracle_real alpha = layer->alpha, s = oracle_sigmoid(z), ds = s * oracle_sigmoid(-z);
    const oracle_real Phi = erfcl(-z / sqrtl(2)) / 2, phi = expl(-z * z / 2) / sqrtl(2 * acosl(-1));
    oracle_real first = 0, second = 0;
    jac_real v = (jac_real)z, f, df;
    switch (layer->kind) {
    case JAC_KIND_RELU:       *a = z > 0 ? z : 0;                     first = z > 0;                              break;
    case JAC_KIND_LEAKY_RELU: *a = z > 0 ? z : alpha * z;             first = z > 0 ? 1 : alpha;                  break;
    case JAC_KIND_ELU:        *a = z > 0 ? z : alpha * expm1l(z);     first = z > 0 ? 1 : alpha * expl(z);        break;
    case JAC_KIND_TANH:       *a = tanhl(z);                          first = 1 / (coshl(z) * coshl(z));          break;
    case JAC_KIND_SIGMOID:    *a = s;                                 first = ds;                                 break;
    case JAC_KIND_SOFTPLUS:   *a = z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z)); first = s;                     break;
    case JAC_KIND_SILU:       *a = z * s;                             first = s; second = z * ds;                 break;
    case JAC_KIND_GELU:       *a = z * Phi;                           first = Phi; second = z * phi;              break;
    default:                  layer->f(1, &v, &f, &df, layer->user);  *a = f; first = df;                         break;
    }
    *d = first + second;
    *size = fabsl(first) + fabsl(second);
}

static int oracle_is_finite(oracle_real v) { return v - v == 0; }
static oracle_real oracle_larger(oracle_real v, oracle_real w) { return v > w ? v : w; }

/* The same with bounds, for an argument that may be off by ez. */
static void oracle_act(const oracle *t, const jac_layer *layer, oracle_real z, oracle_real ez, oracle_real *a, oracle_real *ea,
                       oracle_real *d, oracle_real *ed)
{
    const oracle_real h = ez + 2 * t->u * fabsl(z), underflow = (4 + 4 * fabsl(z)) * t->tiny;     /* z times what underflows */
    oracle_real size, a_low, a_high, d_low, d_high, s;
    oracle_elementwise(layer, z, a, d, &size);
    oracle_elementwise(layer, z - h, &a_low, &d_low, &s);
    oracle_elementwise(layer, z + h, &a_high, &d_high, &s);
    *ea = oracle_larger(fabsl(a_low - *a), fabsl(a_high - *a)) + 12 * t->u * fabsl(*a) + underflow;
    *ed = oracle_larger(fabsl(d_low - *d), fabsl(d_high - *d)) + 12 * t->u * size + underflow;
}

static void oracle_forward(oracle *t, size_t n_in, const jac_layer *layers, size_t n_layers, const jac_real *x)
{
    oracle_real a[ORACLE_WIDTH], ea[ORACLE_WIDTH];
    volatile oracle_real one_and = 2;       /* measured, not LDBL_EPSILON: some emulators calculate in double */
    size_t n = n_in;
    t->own = 1;
    for (one_and = 2; one_and > 1; one_and = 1 + t->own) t->own /= 2;
    t->u = (sizeof(jac_real) == sizeof(float) ? (oracle_real)FLT_EPSILON : (oracle_real)DBL_EPSILON) / 2 + t->own;
    t->tiny = sizeof(jac_real) == sizeof(float) ? 0x1p-149L : 0x1p-1074L;
    t->layers = layers;
    t->n_layers = n_layers;
    t->N = n_in;
    for (size_t i = 0; i < n; i++) {
        t->y[i] = x[i];
        t->ey[i] = 0;
    }
    for (size_t l = 0; l < n_layers; l++) {
        const jac_layer *layer = &layers[l];
        memcpy(a, t->y, n * sizeof *a);
        memcpy(ea, t->ey, n * sizeof *ea);
        if (oracle_is_dense(layer)) {
            n = layer->out;
            for (size_t o = 0; o < n; o++) {
                oracle_real z = layer->b == NULL ? 0 : layer->b[o], size = fabsl(z), e = t->tiny;
                for (size_t i = 0; i < layer->in; i++) {
                    const oracle_real W = oracle_weight(layer, o, i);
                    z += W * a[i];
                    size += fabsl(W * a[i]);
                    e += fabsl(W) * ea[i] + t->tiny;
                }
                t->y[o] = z;
                t->ey[o] = oracle_is_finite(z) ? e + (6 * t->u + (oracle_real)(layer->in + 2) * t->own) * size : 0;
            }
        } else if (layer->kind == JAC_KIND_SOFTMAX || layer->kind == JAC_KIND_LOG_SOFTMAX) {
            oracle_real sum = 0, others = 0, widest = 0;
            size_t m = 0;
            for (size_t o = 0; o < n; o++) {
                m = a[o] > a[m] ? o : m;
                widest = oracle_larger(widest, ea[o]);
            }
            for (size_t o = 0; o < n; o++) sum += t->d[l][o] = expl(a[o] - a[m]);
            for (size_t o = 0; o < n; o++) others += o == m ? 0 : t->d[l][o];
            for (size_t o = 0; o < n; o++) t->d[l][o] /= sum;
            t->ed[l][0] = expm1l(2 * widest) + 16 * t->u + (oracle_real)n * t->own;
            for (size_t o = 0; o < n; o++) {
                const oracle_real gap = a[o] - a[m], log_sum = log1pl(others);
                if (layer->kind == JAC_KIND_SOFTMAX) {
                    t->y[o] = t->d[l][o];
                    t->ey[o] = t->ed[l][0] * t->y[o] + t->tiny;
                } else {
                    t->y[o] = gap - log_sum;
                    t->ey[o] = oracle_is_finite(gap) ? t->ed[l][0] * oracle_larger(1, log_sum) + 2 * t->u * fabsl(gap) + t->tiny : 0;
                    if (gap == 0) t->ey[o] = t->ed[l][0] * others + (oracle_real)n * t->tiny;     /* near 0, and right relative to itself */
                }
            }
        } else {
            for (size_t j = 0; j < n; j++) oracle_act(t, layer, a[j], ea[j], &t->y[j], &t->ey[j], &t->d[l][j], &t->ed[l][j]);
        }
    }
    t->O = n;
}

/* v [N] -> v [O] = J v, and its bound e. */
static void oracle_push(const oracle *t, oracle_real *v, oracle_real *e)
{
    oracle_real g[ORACLE_WIDTH], c[ORACLE_WIDTH], c_in[ORACLE_WIDTH], e_in[ORACLE_WIDTH], underflow = 0;
    size_t n = t->N;
    for (size_t i = 0; i < n; i++) {
        c[i] = fabsl(v[i]);
        e[i] = 0;
    }
    for (size_t l = 0; l < t->n_layers; l++) {
        const jac_layer *layer = &t->layers[l];
        const oracle_real *d = t->d[l], *ed = t->ed[l];
        memcpy(g, v, n * sizeof *g);
        memcpy(c_in, c, n * sizeof *c_in);
        memcpy(e_in, e, n * sizeof *e_in);
        if (oracle_is_dense(layer)) {
            n = layer->out;
            for (size_t o = 0; o < n; o++) {
                v[o] = c[o] = e[o] = 0;
                for (size_t i = 0; i < layer->in; i++) {
                    if (c_in[i] == 0 && e_in[i] == 0) continue;
                    const oracle_real W = oracle_weight(layer, o, i);
                    v[o] += W * g[i];
                    c[o] += fabsl(W) * c_in[i];
                    e[o] += fabsl(W) * e_in[i];
                }
                e[o] += (6 * t->u + (oracle_real)(layer->in + 2) * t->own) * c[o];
            }
        } else if (layer->kind == JAC_KIND_SOFTMAX || layer->kind == JAC_KIND_LOG_SOFTMAX) {
            oracle_real top = 0;
            for (size_t o = 0; o < n; o++) top = oracle_larger(top, d[o]);
            for (size_t o = 0; o < n; o++) {
                const oracle_real s = layer->kind == JAC_KIND_SOFTMAX ? d[o] : 1;
                v[o] = c[o] = e[o] = 0;
                for (size_t k = 0; k < n; k++) {
                    if (k == o) continue;
                    v[o] += s * d[k] * (g[o] - g[k]);
                    c[o] += s * d[k] * (c_in[o] + c_in[k]);
                    e[o] += s * d[k] * (e_in[o] + e_in[k]);
                }
                e[o] += (2 * ed[0] + (16 + 2 / top) * t->u) * c[o];
                c[o] *= 1 + 2 * ed[0];
            }
        } else {
            for (size_t j = 0; j < n; j++) {
                v[j] = d[j] * g[j];
                e[j] = fabsl(d[j]) * e_in[j] + (ed[j] + 4 * t->u * fabsl(d[j])) * c_in[j];
                c[j] = (fabsl(d[j]) + ed[j]) * c_in[j];
            }
        }
        for (size_t i = 0; i < (oracle_is_dense(layer) ? layer->in : n); i++) underflow += (oracle_real)(n + 4) * t->tiny * c_in[i];
        for (size_t o = 0; o < n; o++) e[o] += (oracle_real)((oracle_is_dense(layer) ? layer->in : n) + 4) * t->tiny;
    }
    for (size_t o = 0; o < n; o++) e[o] += underflow;
}

static double oracle_ratio(jac_real value, oracle_real exact, oracle_real bound)
{
    const oracle_real error = value == exact ? 0 : fabsl(value - exact);    /* equal infinities are */
    return error <= bound ? (error > 0 ? (double)(error / bound) : 0) : error / bound < 1e30L ? (double)(error / bound) : HUGE_VAL;
}

/* y, J and their bounds at x. */
static void oracle_run(oracle *t, size_t n_in, const jac_layer *layers, size_t n_layers, const jac_real *x)
{
    oracle_real v[ORACLE_WIDTH], e[ORACLE_WIDTH];
    oracle_forward(t, n_in, layers, n_layers, x);
    for (size_t i = 0; i < t->N; i++) {
        for (size_t k = 0; k < t->N; k++) v[k] = k == i;
        oracle_push(t, v, e);
        for (size_t o = 0; o < t->O; o++) {
            t->J[o * t->N + i] = v[o];
            t->eJ[o * t->N + i] = e[o];
        }
    }
}

static oracle_verdict oracle_judge(const oracle *t, const jac_real *y, const jac_real *J)
{
    oracle_verdict found = { 0, 0, 0, 0, 0 };
    for (size_t o = 0; o < t->O; o++) {
        oracle_real size = t->tiny / t->u, bound = 0;               /* the least normal number */
        found.y = fmax(found.y, oracle_ratio(y[o], t->y[o], t->ey[o]));
        for (size_t i = 0; i < t->N; i++) {
            const size_t at = o * t->N + i;
            const double ratio = oracle_ratio(J[at], t->J[at], t->eJ[at]);
            if (ratio > found.J) {
                found.J = ratio;
                found.row = o;
                found.column = i;
            }
            size = oracle_larger(size, fabsl(t->J[at]));
            bound = oracle_larger(bound, t->eJ[at]);
        }
        found.loose = fmax(found.loose, (double)(bound / size));
    }
    return found;
}

#endif
