/* digits.c - which pixels made the net decide as it did? A trained net reads 20 scanned digits. Beside each scan stands the
 * row of J of the class it chose, here of a 9: + and # (red) where more ink raises y, - and = (blue) where it lowers it.
 *
 *     cc -O2 -I. examples/digits.c -o digits -lm && ./digits [picture.svg]
 *
 *       ::OOOOOO        --    ----
 *     ::OO::oo@@      ++      --
 *     ..OO..OO@@..    ++++++++  ##++++
 *       ::OOoooo..    ++####++  ++##++
 *             oooo      --    --
 *           ::oo            ------
 *       ....OO::      ++      ----##
 *     ::@@@@oo        ==          ++        ... 20 of 20 digits read right
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L             /* isatty, fileno */
#include <math.h>
#include <stdio.h>
#include <unistd.h>
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include "digits_net.h"

enum { N = 64, O = 10, SCANS = 20 };
static const jac_layer layers[] = { JAC_DENSE_T(64, 32, W1, b1), JAC_RELU, JAC_DENSE_T(32, 10, W2, b2), JAC_SOFTMAX };
static unsigned char memory[JAC_NET_SIZE_BOUND(64, 64, 4)];

static struct scan {
    double ink[N], heat[N];                 /* 0 .. 1; and dy/dx over its largest entry: -1 .. 1 */
    double y, slope;                        /* the probability of the chosen class, and that largest entry */
    size_t chosen;
} scans[SCANS];

/* White at 0; black at 1 for ink; red at 1 and blue at -1 for heat. */
static void colour(double v, int is_ink, unsigned rgb[3])
{
    static const double full[3][3] = { { 33, 102, 172 }, { 178, 24, 43 }, { 17, 17, 17 } };
    for (int c = 0; c < 3; c++) rgb[c] = (unsigned)lround(255 + fabs(v) * (full[is_ink ? 2 : v > 0][c] - 255));
}

static void print_row(const double *v, int is_ink)          /* a pixel is two characters wide: about square */
{
    static const char *const shades[3] = { " -=", " +#", " .:oO@" };
    for (int i = 0; i < 8; i++) {
        unsigned rgb[3];
        const char c = shades[is_ink ? 2 : v[i] > 0][lround(fabs(v[i]) * (is_ink ? 5 : 2))];
        colour(v[i], is_ink, rgb);
        if (isatty(fileno(stdout))) printf("\033[48;5;%um  \033[0m", 16 + 36 * (rgb[0] / 43) + 6 * (rgb[1] / 43) + rgb[2] / 43);
        else printf("%c%c", c, c);
    }
}

static void draw_pixels(FILE *svg, const double *v, int is_ink, size_t left, size_t top)
{
    for (size_t i = 0; i < N; i++) {
        unsigned rgb[3];
        colour(v[i], is_ink, rgb);
        fprintf(svg, "<path d='M%zu %zuh9v9h-9z' fill='#%02x%02x%02x'/>\n", left + i % 8 * 9, top + i / 8 * 9, rgb[0], rgb[1], rgb[2]);
    }
    fprintf(svg, "<path d='M%zu %zuh72v72h-72z' fill='none' stroke='#999'/>\n", left, top);
}

static int draw_sheet(const char *path)
{
    FILE *svg = fopen(path, "w");
    if (!svg) return 0;
    fputs("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 932 560' font-family='sans-serif' font-size='12' fill='#222'>\n"
          "<rect width='932' height='560' fill='#fff'/>\n<text x='24' y='34' font-size='20'>Which pixels made the net decide?</text>\n"
          "<text x='24' y='54' fill='#666'>Left the scan; right dy/dx, the slope of the chosen class's probability y with each pixel, "
          "relative to its largest entry.</text>\n<g shape-rendering='crispEdges'>\n", svg);
    for (const struct scan *s = scans; s < scans + SCANS; s++) {
        const size_t k = (size_t)(s - scans), left = 24 + k % 5 * 183, top = 76 + k / 5 * 110;
        draw_pixels(svg, s->ink, 1, left, top);
        draw_pixels(svg, s->heat, 0, left + 80, top);
        fprintf(svg, "<text x='%zu' y='%zu'><tspan font-weight='bold'>%zu</tspan> y %.5f</text>\n", left, top + 87, s->chosen, s->y);
        fprintf(svg, "<text x='%zu' y='%zu' text-anchor='end' fill='#666'>max %.0e</text>\n", left + 152, top + 87, s->slope);
    }
    fputs("</g>\n<linearGradient id='g'><stop stop-color='#2166ac'/><stop offset='.5' stop-color='#fff'/>"
          "<stop offset='1' stop-color='#b2182b'/></linearGradient>\n<path d='M346 526h240v12h-240z' fill='url(#g)' stroke='#999'/>\n"
          "<text x='336' y='536' text-anchor='end'>more ink here lowers y</text>\n"
          "<text x='596' y='536'>more ink here raises y</text>\n</svg>\n", svg);
    return fclose(svg) == 0;
}

int main(int argc, char **argv)
{
    jac_net net;
    double y[O] = { 0 }, J[O * N] = { 0 };
    size_t right = 0;
    jac_status status = jac_net_init(&net, N, layers, 4, memory, sizeof memory);
    for (size_t k = 0; k < SCANS && status == JAC_OK; k++) {
        struct scan *s = &scans[k];
        for (size_t i = 0; i < N; i++) s->ink[i] = images[k][i] / 16.0;
        status = jac_forward_backward(&net, s->ink, y, J);
        for (size_t o = 1; o < O; o++) if (y[o] > y[s->chosen]) s->chosen = o;
        s->y = y[s->chosen];
        for (size_t i = 0; i < N; i++) s->slope = fmax(s->slope, fabs(J[s->chosen * N + i]));
        for (size_t i = 0; i < N; i++) s->heat[i] = J[s->chosen * N + i] / s->slope;
        right += s->chosen == labels[k] && s->slope > 0;
    }
    if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }

    for (const struct scan *s = scans + 1; s < scans + SCANS; s += 4) {     /* every other scan, two side by side */
        for (int p = 0; p < 3; p += 2) printf("read as %zu, y = %.6f, dy/dx to %-8.1e  ", s[p].chosen, s[p].y, s[p].slope);
        for (size_t row = 0; row < N; row += 8) {
            for (int p = 0; p < 3; p += 2) {
                printf(p ? "     " : "\n");
                print_row(s[p].ink + row, 1);
                printf("  ");
                print_row(s[p].heat + row, 0);
            }
        }
        puts("\n");
    }
    if (argc > 1 && !draw_sheet(argv[1])) { printf("cannot write %s\n", argv[1]); return 1; }
    printf("%zu of %d digits read right\n", right, SCANS);
    return right != SCANS;
}
