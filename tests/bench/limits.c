/* limits.c - what one core can do at most: multiply-adds a second, and bytes a second read from a buffer.
 * The loops stand here once; the file includes itself for each vector set. */
#ifndef BYTES
#include "bench.h"
#include <string.h>

static volatile double sink;                    /* where results go, so that no loop is dropped */

#define GLUE_(a, b) a##_##b
#define GLUE(a, b) GLUE_(a, b)
#define TWELVE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define STEPS 4000

#if defined(__GNUC__)
#define VECTOR(type) typedef type vec __attribute__((vector_size(BYTES), may_alias))
#else
#define VECTOR(type) typedef type vec
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define BYTES 16
#define SET sse2
#define TARGET
#include "limits.c"
#define BYTES 32
#define SET avx2
#define TARGET __attribute__((target("avx2,fma")))
#include "limits.c"
#define BYTES 64
#define SET avx512
#define TARGET __attribute__((target("avx512f")))
#include "limits.c"
size_t bench_limits(const bench_limit **sets)
{
    static const bench_limit known[] = { { "SSE2", flops_sse2, read_sse2 }, { "AVX2", flops_avx2, read_avx2 },
                                         { "AVX-512", flops_avx512, read_avx512 } };
    *sets = known;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
    return __builtin_cpu_supports("avx512f") ? 3 : 2;
}
#else
#define BYTES 16
#define SET widest
#define TARGET
#include "limits.c"
size_t bench_limits(const bench_limit **sets)
{
#if defined(__aarch64__)
    static const bench_limit known = { "NEON", flops_widest, read_widest };
#else
    static const bench_limit known = { "plain C", flops_widest, read_widest };
#endif
    *sets = &known;
    return 1;
}
#endif

#else /* ---------------------------------------------------------------------------- once for each vector set */

/* Twelve chains a <- a m + c, enough to hide the latency of two units. */
#define FLOPS(name, type)                                                                                       \
    TARGET static double name(void)                                                                             \
    {                                                                                                           \
        VECTOR(type);                                                                                           \
        const vec zero = { 0 }, m = zero + (type)0.5, c = zero + (type)1;                                       \
        TWELVE(START)                                                                                           \
        const double start = bench_now();                                                                       \
        for (long k = 0; k < STEPS; k++) { TWELVE(STEP) }                                                       \
        vec sum = zero;                                                                                         \
        TWELVE(SUM)                                                                                             \
        type first;                                                                                             \
        memcpy(&first, &sum, sizeof first);                                                                     \
        sink = (double)first;                                                                                   \
        return 2.0 * 12 * STEPS * (double)(sizeof(vec) / sizeof(type)) / (bench_now() - start);                 \
    }
#define START(i) vec a##i = zero + (type_of_step)(i + 1);
#define STEP(i) a##i = a##i * m + c;
#define SUM(i) sum += a##i;
#define type_of_step double
FLOPS(GLUE(flops_double, SET), double)
#undef type_of_step
#define type_of_step float
FLOPS(GLUE(flops_float, SET), float)
#undef type_of_step

static double GLUE(flops, SET)(size_t real) { return real == sizeof(float) ? GLUE(flops_float, SET)() : GLUE(flops_double, SET)(); }

/* Every byte once a pass, added up in twelve chains; as many passes before the clock starts, to have it where it fits. */
TARGET static double GLUE(read, SET)(const void *p, size_t bytes, size_t passes)
{
    VECTOR(double);
    const size_t count = bytes / sizeof(vec) / 12 * 12;
    vec zero = { 0 }, sum = zero;
#define LOAD(i) a##i += v[k + i];
#define BEGIN(i) vec a##i = zero;
    double start = 0;
    TWELVE(BEGIN)
    for (size_t pass = 0; pass < 2 * passes; pass++) {
        const vec *v = (const vec *)p;
        if (pass == passes) start = bench_now();
        for (size_t k = 0; k < count; k += 12) { TWELVE(LOAD) }
    }
    TWELVE(SUM)
    double first;
    memcpy(&first, &sum, sizeof first);
    sink = first;
    return (double)(count * sizeof(vec)) * (double)passes / (bench_now() - start);
}
#undef LOAD
#undef BEGIN
#undef START
#undef STEP
#undef SUM
#undef FLOPS
#undef BYTES
#undef SET
#undef TARGET
#endif
