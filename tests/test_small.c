/* test_small.c - the corners again with the least memory: one row and one sample in flight. It has the library to itself.
 * SPDX-License-Identifier: MIT */
#undef JACOBIAN_IMPLEMENTATION_ONCE
#undef JAC_IMPL_REST
#define JAC_STATIC
#undef JAC_ROWS
#undef JAC_SAMPLES
#define JAC_ROWS 1
#define JAC_SAMPLES 1
#if defined(JAC_NO_SIMD) || !(defined(__x86_64__) || defined(__aarch64__))
#define CORNERS_WIDE 130        /* the scalar set knows no weights beyond the cache, and is for slow machines */
#endif
#include "test_corners.c"
