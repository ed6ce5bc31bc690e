/* use_float.c - a float build beside a double one, in the same program. SPDX-License-Identifier: MIT */
#define JAC_FLOAT
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "use.h"

int use_float(void) { return sizeof(jac_real) == sizeof(float) && net_is_right(); }
