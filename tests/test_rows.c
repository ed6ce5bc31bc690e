/* test_rows.c - the corners again with two rows going back and four samples in flight: here the forward pass is what needs the most
 * scratch memory. It has the library to itself. SPDX-License-Identifier: MIT */
#undef JACOBIAN_IMPLEMENTATION_ONCE
#undef JAC_IMPL_REST
#define JAC_STATIC
#undef JAC_ROWS
#undef JAC_SAMPLES
#define JAC_ROWS 2
#define JAC_SAMPLES 4
#include "test_corners.c"
