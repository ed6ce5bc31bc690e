/* check.h - what a test program needs: CHECK counts, and says where a condition failed; check_report ends main. */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>

static unsigned long check_passed, check_failed;

static int check_that(int ok, const char *file, int line, const char *what)
{
    if (ok) check_passed++;
    else if (check_failed++ < 20) printf("%s:%d: failed: %s\n", file, line, what);
    return ok;
}

#define CHECK(condition) check_that(!!(condition), __FILE__, __LINE__, #condition)
/* with a printf of the figures when it fails */
#define CHECK_MSG(condition, ...) (check_that(!!(condition), __FILE__, __LINE__, #condition) ? (void)0 : (void)(check_failed <= 20 && (printf("    " __VA_ARGS__), printf("\n"))))

static int check_report(void)
{
    printf("%lu passed, %lu failed\n", check_passed, check_failed);
    return check_failed != 0 || check_passed == 0;
}
#endif
