/* use_static.c - a copy of the library for this file alone. SPDX-License-Identifier: MIT */
#define JAC_STATIC
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "use.h"

int use_static(void) { return net_is_right(); }
