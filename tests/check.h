/* check.h - count what held, print what did not, and end with the line `N passed, N failed`.
 * SPDX-License-Identifier: MIT */
#ifndef CHECK_H
#define CHECK_H

#include <float.h>
#include <stdio.h>

enum { CHECK_SHOWN = 20 };                  /* failures that are printed; the others are only counted */
static int check_passed, check_failed;

/* How many random trials: n, or a twentieth of it where time is dear (emulated machines, valgrind). */
#ifdef TEST_QUICK
#define CHECK_TRIALS(n) ((n) / 20 + 1)
#else
#define CHECK_TRIALS(n) (n)
#endif

/* The x87 calculates in more digits than the type has; and a load is an operation there: of a stack slot that holds nothing yet, whose
 * bits happen to be those of a signalling NaN, it raises `invalid`. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 2
#define CHECK_X87 1
#else
#define CHECK_X87 0
#endif

/* valgrind rounds some operations in other directions, some to nearest, and never flushes to zero. <fenv.h> comes before this file. */
#ifdef TEST_ONE_MODE
#undef FE_UPWARD
#undef FE_DOWNWARD
#undef FE_TOWARDZERO
#endif

#define CHECK(condition) CHECK_MSG(condition, "%s", #condition)
#define CHECK_MSG(condition, ...)                                                                                       \
    do {                                                                                                                \
        if (condition) check_passed++;                                                                                  \
        else if (check_failed++ < CHECK_SHOWN) {                                                                        \
            printf("%s:%d: ", __FILE__, __LINE__);                                                                      \
            printf(__VA_ARGS__);                                                                                        \
            putchar('\n');                                                                                              \
        }                                                                                                               \
    } while (0)

/* What main returns. A program that checked nothing has failed. */
static int check_report(void)
{
    if (check_passed + check_failed == 0) {
        puts("nothing was checked");
        check_failed++;
    }
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed > 0;
}

#endif
