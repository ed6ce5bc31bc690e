/* test_small.c - the corners again with the least memory: one row and one sample in flight. It has the library to itself.
 * SPDX-License-Identifier: MIT */
#undef JACOBIAN_IMPLEMENTATION_ONCE
#undef JAC_IMPL_REST
#define JAC_STATIC
#undef JAC_ROWS
#undef JAC_SAMPLES
#define JAC_ROWS 1
#define JAC_SAMPLES 1
#include "test_corners.c"
