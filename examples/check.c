/* check.c - is the Jacobian that I wrote by hand right? jac_check_function holds it against central differences.
 *
 * The hand of an arm with two links, from the angles of shoulder and elbow, and how it moves when they turn:
 *
 *     x = a cos q_0 + b cos(q_0 + q_1)        J = [ -a sin q_0 - b sin(q_0 + q_1)   -b sin(q_0 + q_1) ]
 *     y = a sin q_0 + b sin(q_0 + q_1)            [  a cos q_0 + b cos(q_0 + q_1)    b cos(q_0 + q_1) ]
 *
 * The second attempt has a sign wrong in the upper right corner.
 *
 *     cc -O2 -I. examples/check.c -o check -lm && ./check
 *
 * prints
 *     first attempt: right, 2 columns were checked
 *     second attempt: wrong: dx/delbow is given as 0.2891, but measured as -0.2891
 *
 * SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
#include <math.h>
#include <stdio.h>

static const double a = 0.5, b = 0.3;                           /* lengths of the links, m */

static void arm(const double *q, double *hand, void *user)
{
    (void)user;
    hand[0] = a * cos(q[0]) + b * cos(q[0] + q[1]);
    hand[1] = a * sin(q[0]) + b * sin(q[0] + q[1]);
}

static void judge(const char *name, const double *q, const double *J)
{
    static const char *const hand[] = { "x", "y" }, *const joint[] = { "shoulder", "elbow" };
    unsigned char memory[512];                                  /* at least jac_check_size(2, 2) */
    jac_check_report r;
    const jac_status status = jac_check_function(arm, NULL, 2, 2, q, J, NULL, &r, memory, sizeof memory);
    printf("%s: ", name);
    if (status != JAC_OK) puts(jac_status_string(status));
    else if (r.verdict == JAC_CHECK_PASS) printf("right, %zu columns were checked\n", r.checked);
    else if (r.verdict == JAC_CHECK_FAIL)
        printf("wrong: d%s/d%s is given as %.4f, but measured as %.4f\n", hand[r.row], joint[r.column], r.given, r.measured);
    else puts("nothing was proved: try another point");         /* rounding noise, or every column crosses a kink */
}

int main(void)
{
    const double q[] = { 0.4, 0.9 }, s = b * sin(q[0] + q[1]), c = b * cos(q[0] + q[1]);
    const double J[] = { -a * sin(q[0]) - s, -s,  a * cos(q[0]) + c, c };
    const double wrong[] = { -a * sin(q[0]) - s, s,  a * cos(q[0]) + c, c };
    judge("first attempt", q, J);
    judge("second attempt", q, wrong);
    return 0;
}
