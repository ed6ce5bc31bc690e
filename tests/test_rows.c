/* test_rows.c - the corners again with two rows going back and four samples in flight: here the forward pass is what needs the most
 * scratch memory. It has the library to itself. SPDX-License-Identifier: MIT */
#undef JACOBIAN_IMPLEMENTATION_ONCE
#undef JAC_IMPL_REST
#define JAC_STATIC
#undef JAC_ROWS
#undef JAC_SAMPLES
#define JAC_ROWS 2
#define JAC_SAMPLES 4
#if defined(JAC_NO_SIMD) || !(defined(__x86_64__) || defined(__aarch64__))
#define CORNERS_WIDE 130        /* the scalar set knows no weights beyond the cache, and is for slow machines */
#endif
#include "test_corners.c"
