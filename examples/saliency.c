/* saliency.c - which pixels would change the decision, and towards which class? For one of 20 scans: the slopes of all logits and
 * probabilities as heat maps, the nearest other class, and the scan changed just enough to be read as that class.
 *
 *     cc -O2 -I. examples/saliency.c -o saliency -lm && ./saliency 17 sheet.svg        prints, after z and y of each class,
 *
 *     nearest is 9: no pixel changed by more than 0.08, it is read as 9
 *     the net 39 times as sure: dy_8/dx reaches 2.2e-50, right to 3e-16; by the usual formula in float it reaches 0
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "digits_net.h"

enum { N = 64, H = 32, O = 10 };
static double W2_sure[H * O], b2_sure[O];   /* the last layer times `sure`: a softmax as saturated as one likes */
static const jac_layer layers[] = { JAC_DENSE_T(N, H, W1, b1), JAC_RELU, JAC_DENSE_T(H, O, W2_sure, b2_sure), JAC_SOFTMAX };

static void run(size_t n_layers, double sure, const double *x, double *y, double *J)    /* 3 layers: logits; 4: probabilities */
{
    static unsigned char memory[JAC_NET_SIZE_BOUND(N, N, 4)];
    jac_net net;
    for (size_t k = 0; k < H * O; k++) W2_sure[k] = sure * W2[k];
    for (size_t o = 0; o < O; o++) b2_sure[o] = sure * b2[o];
    jac_status status = jac_net_init(&net, N, layers, n_layers, memory, sizeof memory);
    if (status == JAC_OK) status = jac_forward_backward(&net, x, y, J);
    if (status != JAC_OK) { puts(jac_status_string(status)); exit(1); }
}

/* From the logits and their J, as is usual: in float, the Jacobian of the softmax as diag(s) - s s'. */
static void usual(double sure, const double *z, const double *J_z, size_t c, double *y, double *J)
{
    float s[O], sum = 0;
    for (size_t o = 0; o < O; o++) sum += s[o] = expf((float)(sure * (z[o] - z[c])));
    for (size_t o = 0; o < O; o++) y[o] = (double)(s[o] /= sum);
    for (size_t n = 0; n < O * N; n++, J[n - 1] = (double)sum) {
        const size_t o = n / N, i = n % N;
        sum = 0;
        for (size_t k = 0; k < O; k++) sum += ((o == k ? s[o] : 0) - s[o] * s[k]) * (float)(sure * J_z[k * N + i]);
    }
}

static size_t largest(const double *v, size_t n)            /* the index of the largest |v| */
{
    size_t m = 0;
    for (size_t i = 1; i < n; i++) if (fabs(v[i]) > fabs(v[m])) m = i;
    return m;
}

/* 8 x 8 pixels, white at 0; heat is red at its largest |v| and blue at its negative, ink is black at 1. */
static void draw(FILE *svg, const char *title, const double *v, int is_ink, size_t left, size_t top, size_t size, const char *frame)
{
    static const double full[3][3] = { { 33, 102, 172 }, { 178, 24, 43 }, { 17, 17, 17 } };
    const double scale = is_ink ? 1 : fmax(fabs(v[largest(v, N)]), 1e-300);
    for (size_t i = 0; i < N; i++) {
        const double *c = full[is_ink ? 2 : v[i] > 0], t = fabs(v[i]) / scale, u = 255 * (1 - t);
        fprintf(svg, "<path d='M%zu %zuh%zuv%zuh-%zuz' ", left + i % 8 * size, top + i / 8 * size, size, size, size);
        fprintf(svg, "fill='rgb(%.0f,%.0f,%.0f)'/>\n", u + t * c[0], u + t * c[1], u + t * c[2]);
    }
    fprintf(svg, "<path d='M%zu %zuh%zuv%zuh-%zuz' fill='none' stroke='%s'/>\n", left, top, 8 * size, 8 * size, 8 * size, frame);
    fprintf(svg, "<text x='%zu' y='%zu' font-weight='bold'>%s</text>\n", left, top - 8, title);
}

int main(int argc, char **argv)
{
    static double J_z[O * N], J_y[O * N], J_sure[O * N], J_usual[O * N];
    double x[N], x_new[N], change[N], z[O], y[O], y_new[O], y_sure[O], y_usual[O], nearest = INFINITY, step = 0, error = 0;
    const size_t scan = argc > 1 ? (size_t)atoi(argv[1]) % 20 : 17;
    for (size_t i = 0; i < N; i++) x[i] = images[scan][i] / 16.0;
    run(3, 1, x, z, J_z);
    run(4, 1, x, y, J_y);
    const size_t c = largest(y, O);
    size_t rival = c, now = c;
    printf("scan %zu, a %d, is read as %zu\n  class     z         y        distance\n", scan, labels[scan], c);

    /* The decision turns to class r where z_r = z_c: to first order at the distance (z_c - z_r) / |grad (z_r - z_c)|. */
    for (size_t r = 0; r < O; r++) {
        double squares = 0;
        for (size_t i = 0; i < N; i++) squares += pow(J_z[r * N + i] - J_z[c * N + i], 2);
        const double distance = r == c ? 0 : (z[c] - z[r]) / sqrt(squares);
        printf("  %zu     %8.3f   %.1e   %6.3f\n", r, z[r], y[r], distance);
        if (r == c || distance >= nearest) continue;
        nearest = distance, rival = r;
        for (size_t i = 0; i < N; i++) change[i] = (J_z[r * N + i] - J_z[c * N + i]) / sqrt(squares);
    }
    for (; now == c && step < 10 * nearest; now = largest(y_new, O), step += nearest / 100) {      /* go there; ink stays in 0 .. 1 */
        for (size_t i = 0; i < N; i++) x_new[i] = fmin(1, fmax(0, x[i] + step * change[i]));
        run(4, 1, x_new, y_new, J_sure);
    }
    for (size_t i = 0; i < N; i++) change[i] = x_new[i] - x[i];
    printf("nearest is %zu: no pixel changed by more than %.2f, it is read as %zu\n", rival, fabs(change[largest(change, N)]), now);

    const double sure = 120 / (z[c] - z[rival]);        /* the nearest rival's probability becomes exp(-120), that of c exactly 1 */
    run(4, sure, x, y_sure, J_sure);
    usual(sure, z, J_z, c, y_usual, J_usual);
    const double *row = J_sure + c * N, slope = fabs(row[largest(row, N)]), slope_usual = fabs(J_usual[largest(J_usual, O * N)]);
    for (size_t i = 0; i < N; i++) {                    /* held against dy_c/dx = sum_k y_c y_k (dz_c/dx - dz_k/dx) */
        double sum = 0;
        for (size_t k = 0; k < O; k++) sum += y_sure[c] * y_sure[k] * sure * (J_z[c * N + i] - J_z[k * N + i]);
        error = fmax(error, fabs(row[i] - sum) / slope);
    }
    printf("the net %.0f times as sure: dy_%zu/dx reaches %.1e, right to %.0e; ", sure, c, slope, error);
    printf("by the usual formula in float it reaches %g\n", slope_usual);

    FILE *svg = argc > 2 ? fopen(argv[2], "w") : NULL;
    if (svg) {
        const struct { const char *title; const double *v, *J; } sheet[] = {
            { "The logits z, and their slopes dz/dx", z, J_z }, { "The probabilities y = softmax(z), and dy/dx", y, J_y },
            { "dy/dx of a net so sure of itself that y is 1 to the last bit", y_sure, J_sure },
            { "The same as diag(s) - s s' in float gives it: blank", y_usual, J_usual } };
        fprintf(svg, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1080 640' font-family='sans-serif' font-size='12' fill='#222'>\n"
                "<path fill='#fff' d='M0 0h1080v640H0z'/><text x='24' y='36' font-size='20'>What would make this %zu a %zu?</text>\n"
                "<text x='1049' y='36' text-anchor='end'><tspan fill='#b2182b'>\342\226\240</tspan> more ink raises it, <tspan "
                "fill='#2166ac'>\342\226\240</tspan> lowers it; each over its max</text>\n<g shape-rendering='crispEdges'>\n", c, rival);
        draw(svg, "The scan", x, 1, 24, 76, 18, "#999");
        draw(svg, "The change", change, 0, 24, 270, 18, "#999");
        draw(svg, "The scan, changed", x_new, 1, 24, 464, 18, "#999");
        for (size_t k = 0; k < 4 * O; k++) {
            const size_t r = k / O, o = k % O, left = 212 + o * 85, top = 76 + r * 142;
            const double *J = sheet[r].J + o * N;
            draw(svg, o ? "" : sheet[r].title, J, 0, left, top, 9, o == c ? "#000" : o == rival ? "#b2182b" : "#bbb");
            fprintf(svg, "<text x='%zu' y='%zu'>%zu: %.2g</text><text ", left, top + 86, o, sheet[r].v[o]);
            fprintf(svg, "x='%zu' y='%zu' fill='#777'>max %.1g</text>\n", left, top + 101, fabs(J[largest(J, N)]));
        }
        fputs("</g>\n</svg>\n", svg);
    }
    if (argc > 2 && (!svg || fclose(svg) != 0)) { printf("cannot write %s\n", argv[2]); return 1; }
    return !(now == rival && error < 1e-12 && slope > 0 && slope_usual == 0);
}
